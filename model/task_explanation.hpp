#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/host_breaker.hpp"
#include "model/queue_settings.hpp"
#include "model/task.hpp"

namespace carillon {

/// What a task does, or why it does nothing.
enum class standing {
  not_due,       ///< Its time has not come.
  schedule,      ///< Its schedule lets others go first.
  queue_paused,  ///< Somebody has paused its queue.
  queue_limit,   ///< As many of the queue run as may.
  queue_rate,    ///< The queue's rate lets nobody start now.
  key_limit,     ///< As many with its concurrency_key run as may.
  key_rate,
  no_worker,   ///< Nobody asks for tasks of its queue.
  host_rests,  ///< The host's breaker is open.
  host_busy,   ///< The host has as many calls as it gets, or the server as it makes.
  in_line,     ///< It will be taken in its turn.
  running,     ///< An attempt is under way.
  children,    ///< The attempt waits for other tasks.
  event,       ///< The attempt waits for an event.
  pause,       ///< The attempt waits for a moment.
  callback,    ///< The attempt waits for its target to call back.
  retry,       ///< An attempt failed; the next has its time.
  ended,
};

std::string_view to_string(standing what);

/// What is known of the things that a task may wait for.
struct task_surroundings {
  queue_settings queue = {};
  std::vector<task_id> queue_holders = {};  ///< That run under the queue's own limit.
  std::vector<task_id> key_holders = {};    ///< That run with the task's key.
  std::vector<task_id> siblings = {};       ///< Of its schedule, open and not held.
  std::size_t askers = 0;                   ///< Requests for the queue's tasks that wait.
  std::optional<instant> last_asked = {};   ///< When somebody last asked; empty: not lately.
  struct host_standing {
    host_breaker::state breaker = host_breaker::state::closed;
    std::optional<instant> rests_until = {};
    std::size_t calls = 0;
    std::string last_failure = {};
  };
  std::optional<host_standing> host = {};  ///< Of a task that is delivered, once it was called.
  std::size_t calls_per_host = 0;
};

/// Why a task has not run yet, or what became of it: in words, and for programs.
struct task_explanation {
  task_id id = {};
  task_status status = task_status::scheduled;
  standing why = standing::in_line;
  std::string text = {};              ///< A sentence for a person.
  std::optional<instant> until = {};  ///< When that is over, if time alone ends it.
  std::vector<task_id> tasks = {};    ///< That it waits for.
  std::string name = {};              ///< Of the queue, key, host or topic that it waits for.
};

task_explanation explain(const task& subject, const task_surroundings& around);

}  // namespace carillon
