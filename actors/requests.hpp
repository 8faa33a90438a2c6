#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/answer.hpp"
#include "model/host_breaker.hpp"
#include "model/queue_settings.hpp"
#include "model/schedule_lifecycle.hpp"
#include "model/task_lifecycle.hpp"

// What the surfaces ask of the actors, without the actor framework.

namespace carillon {

/// The answer to a creation.
struct created_task {
  task_ptr subject;
  bool is_new = true;  ///< False: its unique_id was taken; this is the task that has it.
};

/// A task to make.
struct new_task {
  task_id id;
  std::shared_ptr<const task_spec> spec;
  answer<created_task> reply;
};

/// Something happened to a task. Answered, if anyone asked, when what follows from it is on disk.
struct task_ask {
  task_id id;
  task_event event;
  answer<task_ptr> reply = {};
  hold until_decided = {};
};

/// Somebody who wants to run tasks of a queue.
struct task_request {
  std::string queue;
  std::size_t max = 1;
  duration wait{0};    ///< How long to wait for the first task, real time. Negative: for ever.
  event::grant grant;  ///< What each task given gets; the token's salt is filled in.
  /// Asked before tasks are given: whether the asker is still there. Null: yes.
  std::function<bool()> is_wanted = {};
  answer<std::vector<task_ptr>> reply;
};

/// What is to be set for a queue. Empty: stays as it is; zero: no limit.
struct queue_change {
  std::optional<bool> is_paused = {};
  std::optional<int> concurrency = {};
  std::optional<std::pair<int, duration>> rate = {};  ///< So many a period.
};

/// Who asks for a queue's tasks.
struct queue_demand {
  std::size_t asking = 0;                  ///< Requests that wait.
  std::optional<instant> last_asked = {};  ///< Empty: not lately.
};

/// The hosts that are known, by their breakers.
struct host_counts {
  std::size_t closed = 0;
  std::size_t half_open = 0;
  std::size_t open = 0;
  std::size_t calls = 0;  ///< Under way.
};

// -- schedules ------------------------------------------------------------------

/// Where faults of a definition that only its rule can tell are located: "body.cron",
/// "body.timezone".
struct rule_locations {
  std::string expr;
  std::string timezone;
};

/// A schedule to make. Its spec is checked in all but its recurrence.
struct new_schedule {
  std::shared_ptr<const schedule_spec> spec;
  bool enabled = true;
  rule_locations locations;
};

/// Changes a definition as a whole: gets what it is now, gives what it shall be or why not. Runs
/// where nothing else changes the schedule meanwhile.
struct schedule_patch {
  std::function<expected<schedule_spec>(const schedule_spec&)> apply;
  std::optional<bool> enabled;  ///< Pauses or resumes in the same step.
  rule_locations locations;
};

/// What can be asked of a schedule by a person.
using schedule_request =
    std::variant<schedule_event::run, schedule_event::snooze, schedule_event::pause,
                 schedule_event::resume, schedule_event::restart, schedule_event::cancel,
                 schedule_event::remove, schedule_event::backfill, schedule_patch>;

/// The versions of which a schedule must be for something to be done; empty: any.
using schedule_versions = std::optional<std::vector<std::uint64_t>>;

/// What came of it. Everything in it is on disk.
struct schedule_outcome {
  schedule_ptr subject;
  std::vector<task_ptr> made = {};  ///< New tasks, also those born ended.
  std::int64_t count = 0;           ///< backfill: how many it made, or would make.
  bool is_stale = false;            ///< It was to be of another version: nothing was done.
};

/// A host that tasks are delivered to, as the dispatcher sees it.
struct host_facts {
  std::string host;  ///< "example.com:443"
  host_breaker::state state = host_breaker::state::closed;
  std::size_t calls = 0;  ///< Under way.
  bool has_waiting_tasks = false;
  int failures = 0;  ///< In a row.
  std::optional<instant> rests_until = {};
  std::string last_failure = {};  ///< Of those in a row.
};

}  // namespace carillon
