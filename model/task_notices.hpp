#pragma once

#include <optional>
#include <string_view>

#include "model/task_lifecycle.hpp"

// Those who are told of events in a task's life: each is a delivery task of its own, made in the
// same durable step as the event, so that a crash loses none and none slows the task.

namespace carillon {

/// "task.queued", "group.first_failed": how the event is called in a notification.
std::string_view to_string(notice what);
/// Empty for a word that names none.
std::optional<notice> parse_notice(std::string_view word);

namespace lifecycle {

/// An attempt has begun. It may end within the same decision.
void add_start_notice(decision& made, instant now);

/// Adds what else follows from the change of status, if it is one.
void add_notices(decision& made, std::optional<task_status> before, instant now);

struct group_counts {
  std::int64_t total;
  std::int64_t completed;
  std::int64_t failed;
};
void add_group_notice(decision& made, notice what, const group_counts& counts, instant now);

}  // namespace lifecycle
}  // namespace carillon
