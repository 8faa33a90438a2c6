#pragma once

#include <caf/all.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/answer.hpp"
#include "actors/batch_messages.hpp"
#include "actors/command_port.hpp"
#include "actors/host_messages.hpp"
#include "actors/http_client.hpp"
#include "actors/queue_messages.hpp"
#include "actors/requests.hpp"
#include "actors/schedule_messages.hpp"
#include "actors/upkeep_messages.hpp"
#include "model/ready_queue.hpp"
#include "model/task_lifecycle.hpp"
#include "storage/key_value.hpp"
#include "storage/task_store.hpp"

// All conversations between actors. Messages are named structs that never leave the process; what a
// cluster will send, the commands in them, are plain values.

namespace carillon {

/// To every actor of the house: end. What is on disk by then is all that stays.
struct shut_down {};

// -- to a shard ---------------------------------------------------------------

/// Tasks to make, all of this shard. Each is answered when it is on disk.
struct create_tasks {
  std::vector<new_task> tasks;
};

/// Something happened to tasks of this shard.
struct ask_tasks {
  std::vector<task_ask> asks;
};

/// From the clock: their moment has come.
struct tasks_due {
  std::vector<task_id> ids;
  hold until_decided;
};

/// INTERNAL: a share of due tasks is decided.
struct due_share_decided {};

/// INTERNAL: what the store holds of tasks that were asleep.
struct tasks_loaded {
  std::vector<std::pair<task_id, expected<std::optional<task>>>> found;
};

/// A sleeping task of which one step is decided, before and after.
struct ticked_task {
  task_ptr before;
  task_ptr after;
  std::vector<hold> holds;
  answer<task_ptr> reply = {};
  std::vector<task_effect> effects = {};
  bool removed = false;
  std::optional<problem> refused = {};
  std::vector<task_ptr> born = {};
};
/// INTERNAL: the ticks of sleeping tasks are on disk, or are not.
struct ticks_saved {
  std::shared_ptr<std::vector<ticked_task>> tasks;
  storage::commit_status status;
};

/// INTERNAL: who has a unique_id already.
struct unique_looked_up {
  std::string unique_id;
  expected<task_ptr> owner;  ///< Null: nobody.
};

/// INTERNAL: the first task with a unique_id was saved, or was not.
struct unique_saved {
  std::string unique_id;
  expected<task_ptr> owner;
};

/// From a task: nothing is left to do after `handled` asks.
struct may_rest {
  task_id id;
  std::uint64_t handled;
};

// -- to a task ----------------------------------------------------------------

/// From the writer: what was last decided is on disk, or is not.
struct saved {
  storage::commit_status status;
};
/// From its shard: too many are awake.
struct please_rest {};
/// From its shard: no message is on the way; end.
struct rest_now {};

// -- to the clock -------------------------------------------------------------

struct arm_timers {
  std::vector<storage::due_moment> timers;
};
/// INTERNAL: it may be time.
struct look_at_time {};
/// INTERNAL: the store's due index of the next stretch.
struct horizon_scanned {
  std::vector<storage::due_moment> timers;
};
/// INTERNAL: the first moment beyond the horizon (manual clock).
struct empty_stretch_measured {
  std::optional<instant> first;
};
/// INTERNAL: all that was due at a moment is decided (manual clock).
struct moment_decided {};
/// Manual clock: goes to `to`, answered when everything due by then is decided and durable.
struct advance_clock {
  instant to;
  answer<instant> reply;
};
/// Tell the gates at this moment that a key's rate may let the next task start.
struct arm_key {
  instant moment;
  std::string key;
};

// -- to a queue ---------------------------------------------------------------

/// Tasks became ready.
struct offer_tasks {
  std::string queue;
  std::vector<ready_entry> entries;
  hold until_decided;
};
/// Asks for tasks; answered with at least one, or with none when the wait is over.
struct request_tasks {
  task_request request;
};
/// INTERNAL: give what was offered.
struct serve_queue {
  std::string queue;
};
/// INTERNAL: the grants of one request are decided, in the order in which its tasks were taken.
struct grants_decided {
  std::uint64_t request;
  std::vector<expected<task_ptr>> outcomes;
};
/// From the gates: a key for which tasks of the queue wait may have room.
struct key_free {
  std::string queue;
  std::string key;
  hold until_decided;
};
/// INTERNAL
struct queue_loaded {
  std::string queue;
  std::vector<ready_entry> entries;
  bool complete;
  parked_bounds bounds;
};
/// INTERNAL: a request has waited long enough.
struct wait_over {
  std::string queue;
  std::uint64_t request;
};
/// INTERNAL: forget queues that nobody asks for.
struct sweep_queues {};

// -- to the delivery runner ---------------------------------------------------

/// From a task whose attempt is on disk: make its call.
struct start_delivery {
  task_ptr subject;
  std::uint64_t token;
};
struct stop_delivery {
  task_id id;
  std::uint64_t token;
};
/// INTERNAL: the queue gave as many tasks as it will.
struct delivery_granted {};
/// INTERNAL: from the HTTP client.
struct delivery_ended {
  task_id id;
  std::uint64_t token;
  http_outcome outcome;
};
/// INTERNAL: from the command port.
struct command_ended {
  task_id id;
  std::uint64_t token;
  command_outcome outcome;
};
/// The server stops: what is under way is told to end.
struct end_commands {
  bool at_once;  ///< Without a grace time.
};
/// INTERNAL: the outcome could not be saved; tell it again.
struct report_again {
  task_ask report;
};
/// Takes no more tasks; answered when nothing is under way.
struct stop_deliveries {
  answer<bool> reply;
};

// clang-format off
using task_actor = caf::typed_actor<
  caf::reacts_to<task_ask>,
  caf::reacts_to<saved>,
  caf::reacts_to<please_rest>,
  caf::reacts_to<rest_now>>;

using schedule_actor = caf::typed_actor<
  caf::reacts_to<schedule_ask>,
  caf::reacts_to<schedule_prepared>,
  caf::reacts_to<saved>,
  caf::reacts_to<please_rest>,
  caf::reacts_to<rest_now>>;

/// Owns the schedules of one shard: makes them, wakes them, passes on what is meant for them.
using keeper_actor = caf::typed_actor<
  caf::reacts_to<make_schedule>,
  caf::reacts_to<ask_schedules>,
  caf::reacts_to<schedules_due>,
  caf::reacts_to<task_told>,
  caf::reacts_to<schedules_loaded>,
  caf::reacts_to<events_saved>,
  caf::reacts_to<rouse_schedules>,
  caf::reacts_to<schedule_may_rest>,
  caf::reacts_to<order_again>,
  caf::reacts_to<resume_schedules>,
  caf::reacts_to<zones_changed>,
  caf::reacts_to<tell_mailbox>,
  caf::reacts_to<shut_down>>;

/// Owns the tasks of one shard: makes them, wakes them, passes on what is meant for them.
using shard_actor = caf::typed_actor<
  caf::reacts_to<create_tasks>,
  caf::reacts_to<ask_tasks>,
  caf::reacts_to<tasks_due>,
  caf::reacts_to<due_share_decided>,
  caf::reacts_to<tasks_loaded>,
  caf::reacts_to<ticks_saved>,
  caf::reacts_to<unique_looked_up>,
  caf::reacts_to<unique_saved>,
  caf::reacts_to<may_rest>,
  caf::reacts_to<tell_mailbox>,
  caf::reacts_to<shut_down>>;

/// Knows every moment of the near future and tells the shards when it comes.
using clock_actor = caf::typed_actor<
  caf::reacts_to<arm_timers>,
  caf::reacts_to<look_at_time>,
  caf::reacts_to<horizon_scanned>,
  caf::reacts_to<empty_stretch_measured>,
  caf::reacts_to<moment_decided>,
  caf::reacts_to<advance_clock>,
  caf::reacts_to<arm_key>,
  caf::reacts_to<arm_host>,
  caf::reacts_to<tell_mailbox>,
  caf::reacts_to<shut_down>>;

/// Owns the queues whose names hash to it: brings ready tasks and those who ask for them together.
using queue_actor = caf::typed_actor<
  caf::reacts_to<offer_tasks>,
  caf::reacts_to<serve_queue>,
  caf::reacts_to<request_tasks>,
  caf::reacts_to<grants_decided>,
  caf::reacts_to<queue_loaded>,
  caf::reacts_to<wait_over>,
  caf::reacts_to<key_free>,
  caf::reacts_to<rows_found>,
  caf::reacts_to<pass_host>,
  caf::reacts_to<sweep_queues>,
  caf::reacts_to<change_queue>,
  caf::reacts_to<queue_saved>,
  caf::reacts_to<queue_settled>,
  caf::reacts_to<look_at_queue>,
  caf::reacts_to<tell_mailbox>,
  caf::reacts_to<shut_down>>;

/// Looks after what should never happen: timers that were lost, zones that changed.
using watchdog_actor = caf::typed_actor<
  caf::reacts_to<look_around>,
  caf::reacts_to<overdue_found>,
  caf::reacts_to<shut_down>>;

/// Removes ended tasks that are kept no longer.
using sweeper_actor = caf::typed_actor<
  caf::reacts_to<sweep_when_due>,
  caf::reacts_to<old_tasks_found>,
  caf::reacts_to<old_tasks_decided>,
  caf::reacts_to<shut_down>>;

/// A worker inside the server: takes tasks of one of its own queues and carries them out.
using delivery_actor = caf::typed_actor<
  caf::reacts_to<start_delivery>,
  caf::reacts_to<stop_delivery>,
  caf::reacts_to<delivery_granted>,
  caf::reacts_to<command_ended>,
  caf::reacts_to<end_commands>,
  caf::reacts_to<report_again>,
  caf::reacts_to<stop_deliveries>,
  caf::reacts_to<shut_down>>;

/// Delivers tasks to hosts, so that none of them stands in another's way.
using dispatcher_actor = caf::typed_actor<
  caf::reacts_to<start_delivery>,
  caf::reacts_to<stop_delivery>,
  caf::reacts_to<stop_deliveries>,
  caf::reacts_to<delivery_ended>,
  caf::reacts_to<report_again>,
  caf::reacts_to<find_hosts>,
  caf::reacts_to<host_has_work>,
  caf::reacts_to<host_granted>,
  caf::reacts_to<host_alarm>,
  caf::reacts_to<sweep_hosts>,
  caf::reacts_to<list_hosts>,
  caf::reacts_to<reset_host>,
  caf::reacts_to<count_hosts>,
  caf::reacts_to<tell_mailbox>,
  caf::reacts_to<shut_down>>;

/// What carries attempts out, whichever it is.
using runner_actor = caf::typed_actor<
  caf::reacts_to<start_delivery>,
  caf::reacts_to<stop_delivery>,
  caf::reacts_to<stop_deliveries>>;
// clang-format on

}  // namespace carillon

// "Unsafe" means: cannot leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::shut_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::create_tasks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::task_ask)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::ask_tasks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::tasks_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::due_share_decided)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::tasks_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::ticks_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::unique_looked_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::unique_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::may_rest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::please_rest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::rest_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::arm_timers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::look_at_time)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::horizon_scanned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::empty_stretch_measured)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::moment_decided)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::advance_clock)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::arm_key)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::offer_tasks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::serve_queue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::request_tasks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::grants_decided)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::queue_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::wait_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::key_free)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::sweep_queues)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::start_delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::stop_delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::delivery_granted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::delivery_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::command_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::end_commands)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::report_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(carillon::stop_deliveries)
