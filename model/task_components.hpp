#pragma once

#include <string>
#include <vector>

#include "model/task.hpp"

// The parts of a task that report for themselves. Pure.

namespace carillon {

/// What a new attempt begins with: the components that must report.
std::vector<component> declared_components(const task_spec& spec);

/// Enters what a component reports; false when it is one too many (components_max).
bool record(const task_news& news, std::vector<component>& components);

struct components_verdict {
  bool all_ended;      ///< There are some, and none is open.
  std::string failed;  ///< The first that failed; empty when none did.
};
components_verdict judge_components(const std::vector<component>& components);

}  // namespace carillon
