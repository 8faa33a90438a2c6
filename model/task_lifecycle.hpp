#pragma once

#include <string>
#include <variant>
#include <vector>

#include "model/problem.hpp"
#include "model/task.hpp"

// The life of one task as a pure function: no clock, no I/O, no actors.
//
//   scheduled --tick | trigger--> queued --grant--> processing --succeeded--> completed
//       |                           ^                 |
//       |                           |            failed, retries left
//       |                           +--- retrying <---+---- retries used up --> failed
//       +--cancel--> canceled  (from queued and retrying too; from processing the attempt is
//       stopped)
//       +--expires_at passes before the start--> expired
//   failed --retry--> queued: the only way out of an ended state, and only by a person's request.

namespace carillon {

namespace event {  // what can happen; the time comes beside it

/// The moment asked for by next_moment may have come.
struct tick {};

/// A person: run it now instead of at its time. It uses up the one execution.
struct trigger {};

/// A person: do not run it.
struct cancel {
  bool only_before_start = false;         ///< The 000 surface never stops what runs.
  std::optional<end_reason> reason = {};  ///< Another than canceled or stopped.
};

/// A person: run a failed task again, or a retrying one at once.
struct retry {};

/// A slot or a worker takes the task.
struct grant {
  runner_kind runner;
  std::uint32_t token_salt = 0;  ///< Random, so that a token of one task fits no other.
  std::string worker = {};
  duration lease{0};               ///< runner lease.
  std::uint64_t server_epoch = 0;  ///< runner delivery, command.
};

/// How a command ended.
struct exit_facts {
  std::optional<int> code = {};  ///< As a shell tells it; empty: there was no process.
  int signal = 0;                ///< 0: none.
};

/// News of the attempt with this token. A stale token is a conflict.
struct succeeded {
  std::uint64_t token;
  std::string result = {};
  int http_status = 0;
  std::string answer = {};
  exit_facts exit = {};
  bool answer_cut = false;
};
struct failed {
  std::uint64_t token;
  attempt_outcome outcome = attempt_outcome::error;  ///< Or timeout, log_overflow, start_failed.
  std::string error = {};
  bool retryable = true;
  std::optional<instant> retry_at = {};  ///< The target asked for this time (Retry-After).
  int http_status = 0;
  std::string answer = {};
  exit_facts exit = {};
  bool answer_cut = false;
};
struct heartbeat {
  std::uint64_t token;
  duration lease;
  std::optional<double> progress = {};
  std::string message = {};
};
struct release {
  std::uint64_t token;
};
/// The target took the attempt over: it will call back.
struct handed_over {
  std::uint64_t token;
  int http_status = 0;
  std::string answer = {};
  bool answer_cut = false;
};
/// The target says how far it is.
struct progressed {
  std::uint64_t token;
  std::optional<double> progress = {};
  std::string message = {};
};

/// A component reports, with or without a lease.
struct report {
  task_news news;
};

/// Its schedule: its time has come, and this is what becomes of it.
struct due {
  admission what = admission::run;
  end_reason reason = end_reason::overlap;  ///< Of a skip.
  std::optional<task_id> because_of = {};   ///< deduplicated: by this task.
};
/// Its schedule: it is held no longer.
struct admit {};
/// Its schedule: due at another time.
struct move {
  instant to;
};

/// A task that this one has made has ended.
struct child_ended {
  task_id child;
  task_status status;
  std::string output = {};  ///< JSON: what the part gave.
  std::string error = {};   ///< For a person; empty when it is completed.
};
/// runner steps: more can be done at once than one decision should do.
struct proceed {
  std::uint64_t token;
};
/// An event with a topic was published.
struct published {
  std::string topic;
  std::string payload;  ///< JSON
  task_id id = {};
  bool is_again = false;  ///< It may have been heard before a crash: by whom, the task knows.
};
/// The addresses of the group that the task is to be delivered to.
struct fan_out {
  std::uint64_t token;
  std::vector<std::string> urls;
};

/// The server has started again: attempts of its earlier lives are gone.
struct server_started {
  std::uint64_t epoch;
};

/// It has ended and need not be kept: as a whole, or one of its attempts.
struct forget {
  std::optional<int> attempt = {};
};

}  // namespace event

using task_event =
    std::variant<event::tick, event::trigger, event::cancel, event::retry, event::grant,
                 event::succeeded, event::failed, event::heartbeat, event::release, event::report,
                 event::due, event::admit, event::move, event::server_started, event::forget,
                 event::child_ended, event::proceed, event::published, event::fan_out,
                 event::handed_over, event::progressed>;

namespace effect {  // what the caller must do, once the new state is on disk

/// Tell the queue that the task waits in it.
struct offer {
  bool operator==(const offer&) const = default;
};
/// Carry out the newest attempt: make its HTTP call, run its command.
struct start_call {
  std::uint64_t token;
  bool operator==(const start_call&) const = default;
};
/// The attempt with this token is no longer wanted. Of a command, news of its end is.
struct stop_call {
  std::uint64_t token;
  bool operator==(const stop_call&) const = default;
};
/// What this attempt printed is not kept any more.
struct drop_log {
  int attempt;
  bool operator==(const drop_log&) const = default;
};

/// Tell the parent how it ended.
struct tell_parent {
  bool operator==(const tell_parent&) const = default;
};
/// Cancel these tasks.
struct stop_children {
  std::vector<task_id> ids;
  bool operator==(const stop_children&) const = default;
};
/// Find out how these tasks are, and have those that ended tell it again.
struct ask_children {
  std::vector<task_id> ids;
  bool operator==(const ask_children&) const = default;
};
/// Send event::proceed.
struct go_on {
  std::uint64_t token;
  bool operator==(const go_on&) const = default;
};

}  // namespace effect

using task_effect =
    std::variant<effect::offer, effect::start_call, effect::stop_call, effect::drop_log,
                 effect::tell_parent, effect::stop_children, effect::ask_children, effect::go_on>;

namespace lifecycle {

/// What an event makes of a task.
struct decision {
  task next;
  bool changed = true;   ///< False: late or repeated news; nothing to save.
  bool removed = false;  ///< Nothing of it is to stay on disk.
  std::vector<task_effect> effects = {};
  std::vector<task_news> news = {};  ///< To be stored beside the task.
  std::vector<part_id> parts = {};   ///< Of next.parts: to be stored beside the task.
  /// New tasks that come to be in the same durable step: children, and who is told of this.
  std::vector<task> born = {};
};

/// A new task: scheduled, or queued when its time has come.
decision create(const task_id& id, std::shared_ptr<const task_spec> spec, instant now);

/// A task that its schedule makes before its time.
decision create_ahead(const task_id& id, std::shared_ptr<const task_spec> spec,
                      std::optional<instant> moved_to);

/// A task that its schedule makes at its time.
decision create_due(const task_id& id, std::shared_ptr<const task_spec> spec,
                    const event::due& verdict, instant now);

/// Late or repeated ticks change nothing and are no problem. A request or a token that the state
/// does not allow is a problem of kind conflict.
expected<decision> apply(const task& subject, const task_event& what, instant now);

}  // namespace lifecycle
}  // namespace carillon
