#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/schedule.hpp"

namespace carillon {

/// One [tasks.NAME] or [services.NAME] of the operator's file, checked in all but its rule.
struct definition {
  std::shared_ptr<const schedule_spec> spec;  ///< spec->file is set, spec->name is NAME.
  /// Where faults that only the rule can tell are located: "carillon.toml:12: tasks.backup.cron".
  std::string expr_location;
  std::string timezone_location;
};

/// In what two definitions of the operator's file differ, by the names of its keys.
std::vector<std::string> differences(const schedule_spec& before, const schedule_spec& after);

}  // namespace carillon
