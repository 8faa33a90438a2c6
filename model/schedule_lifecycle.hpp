#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "model/problem.hpp"
#include "model/schedule.hpp"
#include "model/task_lifecycle.hpp"

// The life of one schedule as a pure function: no clock, no I/O, no actors.
//
//   active <--pause, resume--> paused        canceled, deleted: final, from any other
//      |  ^
//      v  | edit
//     ended: no moment is left
//
// Every due moment becomes exactly one record in the same step that moves the cursor over it: a
// task that runs, or one born ended with the reason, or a share in one that stands for a range.

namespace carillon {

/// Moments with a record: one, or all from the first to the last.
struct recorded_range {
  instant first;
  instant last;

  bool operator==(const recorded_range&) const = default;
};

namespace schedule_event {  // what can happen; the time comes beside it

/// wake_at may have come.
struct tick {};

/// A task of the schedule is now like this.
struct told {
  open_task now;
  bool has_ended = false;
  end_reason reason = end_reason::success;  ///< Once it has ended.
  duration lasted{0};                       ///< Its last attempt, once it has ended.
};

/// The server has started again: what it told its tasks may not have reached them.
struct restored {};

/// A person or an event: one extra task.
struct run {
  trigger_cause cause = trigger_cause::api;
  std::string event = {};  ///< JSON, or empty.
  std::optional<task_id> event_id = {};
  trace_link trace = {};
};
/// A person: only the next moment is later, by this.
struct snooze {
  duration delay;
};
struct pause {};
struct resume {};
/// A person: every instance of a service is stopped and started anew, one after the other.
struct restart {};
/// Final; what waits is canceled, what runs ends by itself.
struct cancel {};
/// Final; tasks already made are left alone, unless the definition was the operator's file's: what
/// waits is canceled then.
struct remove {};

/// A person: from now on this is the definition. Checked by the caller; `rule` is its recurrence.
struct edit {
  std::shared_ptr<const schedule_spec> spec;
  recurrence rule;
  std::optional<local_seconds> counted_last = {};
  std::vector<instant> answered = {};  ///< Moments after now that have a record.
  std::optional<bool> enabled = {};    ///< Resumes or pauses it in the same step.
};
/// Makes tasks for the moments in [from, to] that have no record.
struct backfill {
  instant from;
  instant to;
  bool dry_run = false;
  std::vector<recorded_range> answered = {};  ///< What has a record, in rising order.
};
/// The zone's rules have changed: `rule` is the recurrence anew.
struct zone_changed {
  recurrence rule;
};

}  // namespace schedule_event

using schedule_change =
    std::variant<schedule_event::tick, schedule_event::told, schedule_event::restored,
                 schedule_event::run, schedule_event::snooze, schedule_event::pause,
                 schedule_event::resume, schedule_event::restart, schedule_event::cancel,
                 schedule_event::remove, schedule_event::edit, schedule_event::backfill,
                 schedule_event::zone_changed>;

/// Who began within the window of a dedupe_key. Decisions claim keys; what was claimed and then not
/// saved is given back.
class dedupe_ledger {
public:
  virtual ~dedupe_ledger() = default;
  /// The task that began with this key less than `window` before `now`; empty: now `claimer` has.
  virtual std::optional<task_id> claim(const std::string& key, duration window, instant now,
                                       const task_id& claimer) = 0;
};

/// What a task of a schedule has to tell it.
schedule_event::told news_of(const task& subject);

namespace schedule_lifecycle {

/// What decisions need besides the event.
struct surroundings {
  instant now;
  std::function<task_id()> new_id;  ///< An id in the schedule's shard.
  dedupe_ledger* dedupe;            ///< Not owned.
};

struct state {
  schedule subject;
  recurrence rule;
  std::vector<open_task> open = {};  ///< In the order in which they were made.
};

/// Something to tell a task, once the decision is on disk. A task that ended meanwhile refuses.
struct order {
  task_id id;
  task_event event;
};

/// A key that a task of this decision began with: to be saved with it.
struct dedupe_claim {
  std::string key;
  task_id task;
  instant until;
};

/// The task that an event led to: saved with it, so that the event never leads to a second one.
struct event_claim {
  task_id event;
  task_id task;
  std::optional<end_reason> skip;  ///< Why it does not run.
};

struct decision {
  state next;
  bool changed = true;
  bool again = false;  ///< There is more: apply the same event again when this is on disk.
  std::vector<lifecycle::decision> made = {};  ///< New tasks.
  std::vector<order> orders = {};
  std::vector<dedupe_claim> claims = {};
  std::int64_t count = 0;  ///< backfill: tasks it makes, or would make.
  std::optional<event_claim> caused = {};
};

/// Whether both fire at the same moments, but for the window of start_at and end_at.
bool same_rule(const schedule_spec& one, const schedule_spec& other);

/// A new schedule. It owes nothing for the time before `now`.
decision create(const schedule_id& id, std::shared_ptr<const schedule_spec> spec, recurrence rule,
                bool enabled, const surroundings& around);

/// Late or repeated ticks change nothing and are no problem. What the status does not allow is a
/// problem of kind conflict, a backfill of too many moments one of kind invalid.
expected<decision> apply(const state& subject, const schedule_change& what,
                         const surroundings& around);

}  // namespace schedule_lifecycle
}  // namespace carillon
