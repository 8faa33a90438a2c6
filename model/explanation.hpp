#pragma once

#include <optional>
#include <string>

#include "model/schedule.hpp"

namespace carillon {

/// What became or becomes of one moment of a schedule.
struct explanation {
  instant at;
  /// "ran", "runs", "skipped", "missed", "paused", "planned", "made_ahead", "not_a_moment", ...:
  /// see docs/api.md.
  std::string verdict;
  std::string sentence;                    ///< Why, for a person.
  std::optional<moment_range> range = {};  ///< Set when one record stands for several moments.
  std::optional<instant> previous_moment = {};
  std::optional<instant> next_moment = {};
  task_ptr record = {};  ///< The task that is the moment's record; may be null.
};

/// `record`: the task whose record covers `at`, or null.
explanation explain(const schedule& subject, const moments& all, const task_ptr& record, instant at,
                    instant now);

}  // namespace carillon
