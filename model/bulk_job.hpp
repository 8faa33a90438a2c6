#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/task_lifecycle.hpp"

// Something done to all tasks that match: what the job knows, and how it goes on. Pure; the tasks
// themselves decide what becomes of them.
//
//   running <--pause, resume--> paused       running --nothing left--> completed
//      |__________________________|--cancel--> canceled

namespace carillon {

/// The numbers are on disk: append only.
enum class bulk_action : std::uint8_t { cancel, retry, trigger, remove };
enum class bulk_status : std::uint8_t { running, paused, completed, canceled };

/// What a person may ask of a job.
enum class bulk_request { pause, resume, cancel };

struct bulk_job {
  task_id id;  ///< Newer than every task that it is for; what is made after it is left alone.
  bulk_action action = bulk_action::cancel;
  bulk_status status = bulk_status::running;
  instant created_at;
  std::optional<instant> finished_at = {};
  std::optional<std::int64_t> total = {};  ///< How many matched; empty until they are counted.
  std::int64_t changed = 0;
  std::int64_t conflicts = 0;  ///< Refused: it was no more what it was when it was found.
  std::int64_t failed = 0;
  std::optional<task_id> looked_at = {};  ///< The newest that was looked at: those behind are left.
  std::vector<task_id> piece = {};        ///< Being decided. On disk before the first is asked.
  bool is_last_piece = false;

  bool operator==(const bulk_job&) const = default;
};

namespace bulk {

/// Whether a task of this status may be asked for the action.
bool applies(bulk_action action, task_status status);

/// The statuses that the job looks at; `wanted` are those of its filter, empty for any. None: there
/// is nothing to do. A retrying task is retried at once only if its status is named.
std::vector<task_status> statuses_for(bulk_action action, const std::vector<task_status>& wanted);

task_event event_of(bulk_action action);

bool is_over(const bulk_job& job);
std::int64_t done(const bulk_job& job);
/// Of the tasks; 100 only at the end.
int percent(const bulk_job& job);

/// The next ones were found. Nothing found at the end completes the job.
void take(bulk_job& job, std::vector<task_id> piece, std::optional<task_id> looked_at, bool is_last,
          instant now);

/// The tasks of the piece have answered, in its order. Those that could not be saved stay in it.
void note(bulk_job& job, const std::vector<expected<task_ptr>>& outcomes);

/// A life of the server has ended while the piece was decided: this is what its tasks are now,
/// empty for one that is gone. What the job was about to do and finds done, it has done.
void settle_interrupted(bulk_job& job, const std::vector<std::optional<task_status>>& now_are);

/// Repeating a request changes nothing; one that comes too late is a conflict.
expected<void> apply(bulk_job& job, bulk_request what, instant now);

}  // namespace bulk

std::string_view to_string(bulk_action action);
std::string_view to_string(bulk_status status);

}  // namespace carillon
