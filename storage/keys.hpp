#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/schedule.hpp"

// The key space, all of it (batch_keys.hpp has the functions for batches). Numbers are big-endian,
// so that keys sort by them; every key but the counters and the store's own begins with its shard
// (one byte).
//
// clang-format off
// rows:
//   shard 't' id                 the task as it was created
//   shard 't' id 's'             its state since then, when it has changed
//   shard 'n' id number:u32      a piece of news that was reported about it
//   shard 'i' id step:u32 item:u32  what a part of the task was given and gave
//   shard 'u' unique_id          the id of the task that has this unique_id
//   shard 'j' schedule           the definition of a schedule
//   shard 'j' schedule 's'       its state
//   shard 'x' dedupe_key         the task that began with this key, and until when that counts
//   shard 'q' queue              what was set for a queue
//   shard 'b' batch              a batch as it was opened
//   shard 'b' batch 's'          its state since then
//   shard 'v' idempotency_key    the batch that was opened with it
//   0xFF 'a' agent               an agent
//   0xFF 'b' job                 something done to many tasks
//   0xFF 'g' group               a group of addresses
//   0xFF 'h' grain:u32 moment:i64  what was counted of tasks from then on (stat_record.cpp)
//   0xFF 'k' secret              a secret that signs deliveries, sealed
//   0xFF 't' token               a token that was given out, by its digest
//   0xFF 'n' tenant              a tenant, whose store is one of its own
//   0xFF 'w' id                  the record of a change: who did what
//   0xFF 'y' digest              the first request with an Idempotency-Key, and its answer
// index:
//   shard 'd' moment:i64 id      due: when the task or schedule must be woken
//   shard 'q' queue 0 rank:i64 id  ready: it waits in that queue; the value is its limit, if any
//   shard 's' status:u8 id       by status; the value is when it ended
//   shard 'y' type 0 id          by task type
//   shard 'k' id                 holds the concurrency_key that is the value
//   shard 'g' schedule status:u8 id  tasks of a schedule; the value is when they are due and planned
//   shard 'p' schedule planned:i64 id  the records of its moments; the value is a range's last one
//   shard 'h' schedule id        tasks that wait for their schedule
//   shard 'o' id                 runs a command
//   shard 'l' status:u8 schedule  schedules by status
//   shard 'r' schedule           defined by the operator's file, by the name that is the value
//   shard 'w' schedule           has rules for how long its tasks are kept
//   shard 'e' topic 0 schedule   active schedules that listen to a topic
//   shard 'v' topic 0 id         tasks that wait for an event
//   shard 'z' ...                events: storage/event_keys.hpp, rows too
//   shard 'b' batch status:u8 number:u32  children of a batch; the value is the id
//   shard 'f' batch              has not ended, or its end is yet to be told
//   shard 'a' parent id          tasks that do a part of another one
//   shard 't' 'x' 'm' ...        lists: storage/list_keys.hpp
//   0xFF 'c' counter             how many rows there are of a kind: derived data of the store.
//                                Names: 's' 'm' 'r' 'y' 'q' 't' 'x' 'a' tasks by status, 'c' by
//                                when they were made, 'l' schedules, 'b' children of a batch,
//                                "B" batches, "v" events
//   0xFF 'l'                     how far the entries for lists are built
//   0xFF 'm'                     where the manual clock stands, in milliseconds since 1970
//   0xFF 'e'                     how often the store was opened (the server's epoch)
//   0xFF 'z'                     the version of the zones that next moments were computed with
// clang-format on
//
// Newest first needs no index: ids sort by creation, and lists merge the shards.
// A task type holds no NUL (the surfaces refuse it), so 0 ends it.

namespace carillon::storage::keys {

std::string task_row(const task_id& id);
std::string state_row(const task_id& id);
std::string news_row(const task_id& id, std::uint32_t number);
std::string news_prefix(const task_id& id);
std::string part_row(const task_id& id, const part_id& part);
std::string part_prefix(const task_id& id);
part_id part_of(std::string_view key);
std::string unique_row(std::string_view unique_id);

std::string due_entry(const task_id& id, instant moment);
std::string ready_entry(const task_id& id, std::string_view queue, instant rank);
std::string status_entry(const task_id& id, task_status status);
std::string type_entry(const task_id& id, std::string_view type);

std::string holder_entry(const task_id& id);
std::string made_entry(const schedule_id& maker, task_status status, const task_id& id);
std::string planned_entry(const schedule_id& maker, instant planned, const task_id& id);
std::string held_entry(const schedule_id& maker, const task_id& id);
std::string command_entry(const task_id& id);

std::string schedule_row(const schedule_id& id);
std::string schedule_state_row(const schedule_id& id);
std::string schedule_status_entry(const schedule_id& id, schedule_status status);
std::string topic_entry(const schedule_id& id, std::string_view topic);
std::string file_entry(const schedule_id& id);
std::string retention_entry(const schedule_id& id);
std::string dedupe_row(std::string_view key);
std::string agent_row(std::string_view id);
std::string bulk_row(const task_id& job);
std::string queue_row(std::string_view queue);
std::string group_row(std::string_view name);
std::string secret_row(const task_id& id);
std::string token_row(const task_id& id);
std::string tenant_row(std::string_view name);

/// What a scan of one shard begins with.
std::string task_prefix(unsigned shard);
std::string due_prefix(unsigned shard);
std::string due_bound(unsigned shard, instant moment);  ///< The first key at `moment` or later.
std::string ready_prefix(unsigned shard, std::string_view queue);
std::string ready_prefix_end(unsigned shard, std::string_view queue);  ///< Behind all of them.
/// Of all queues whose names begin so.
std::string ready_queues_prefix(unsigned shard, std::string_view beginning);
std::string status_prefix(unsigned shard, task_status status);
std::string type_prefix(unsigned shard, std::string_view type);

std::string waiter_entry(const task_id& id, std::string_view topic);
std::string waiter_prefix(unsigned shard, std::string_view topic);
std::string part_task_entry(const task_id& parent, const task_id& id);
std::string part_task_prefix(const task_id& parent);
std::string holder_prefix(unsigned shard);
std::string made_prefix(const schedule_id& maker, task_status status);
std::string planned_prefix(const schedule_id& maker);
std::string planned_bound(const schedule_id& maker, instant planned);
std::string held_prefix(unsigned shard);
std::string command_prefix(unsigned shard);
std::string file_prefix(unsigned shard);
std::string retention_prefix(unsigned shard);
std::string schedule_prefix(unsigned shard);
std::string schedule_status_prefix(unsigned shard, schedule_status status);
std::string topic_prefix(unsigned shard, std::string_view topic);
std::string listeners_prefix(unsigned shard);
std::string dedupe_prefix(unsigned shard);
std::string agent_prefix();
std::string bulk_prefix();
std::string queue_prefix(unsigned shard);
std::string secret_prefix();
std::string token_prefix();
std::string audit_prefix();
std::string audit_row(const task_id& id);
std::string kept_prefix();
std::string kept_row(std::string_view key);

std::string epoch();
std::string zone_version();
std::string manual_time();
std::string counter(std::string_view name);
/// Names of counters.
std::string count_of_status(task_status status);
std::string count_of_made(task_status status);     ///< Of tasks that a schedule made.
std::string count_of_errands(task_status status);  ///< Of is_errand().
std::string count_of_schedules(schedule_status status);
std::string count_of_type(std::string_view type, task_status status);
/// Of tasks that wait in a queue or were taken from it; not of the server's own queues.
std::string count_of_queue(std::string_view queue, task_status status);
/// The counters of a status by queue; behind this stands the queue.
std::string queue_counters(task_status status);

/// The id at the end of an index entry, or behind the prefix of a task row.
task_id id_at_end(std::string_view key);
std::optional<task_id> id_of_row(std::string_view key);
/// The schedule in an entry of the 'g', 'p' and 'h' indexes, and the moment in one of 'p'.
schedule_id maker_of(std::string_view key);
instant moment_of_planned(std::string_view key);
/// The value of an entry in 'g'.
struct made_facts {
  instant due;
  instant planned;
  int instance = 0;
};
std::string made_value(const made_facts& facts);
made_facts read_made_value(std::string_view value);
/// A moment as the value of an entry, or its beginning.
std::string moment_value(instant moment);
std::optional<instant> read_moment_value(std::string_view value);
instant moment_of_due(std::string_view key);
instant rank_of_ready(std::string_view key);
std::string_view queue_of_ready(std::string_view key);

}  // namespace carillon::storage::keys
