#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/task.hpp"

// The key space, all of it. Numbers are big-endian, so that keys sort by them; every key but the
// counters and the store's own begins with its shard (one byte).
//
// rows:
//   shard 't' id                 the task as it was created
//   shard 't' id 's'             its state since then, when it has changed
//   shard 'n' id number:u32      a piece of news that was reported about it
//   shard 'u' unique_id          the id of the task that has this unique_id
// index:
//   shard 'd' moment:i64 id      due: when the task must be woken
//   shard 'q' queue 0 rank:i64 id  ready: it waits in that queue
//   shard 's' status:u8 id       by status
//   shard 'y' type 0 id          by task type
//   0xFF 'c' counter             how many rows there are of a kind: derived data of the store, not
//   of a shard 0xFF 'm'                     where the manual clock stands, in milliseconds since
//   1970 0xFF 'e'                     how often the store was opened (the server's epoch)
//
// Newest first needs no index: ids sort by creation, and lists merge the shards.
// A task type holds no NUL (the surfaces refuse it), so 0 ends it.

namespace carillon::storage::keys {

std::string task_row(const task_id& id);
std::string state_row(const task_id& id);
std::string news_row(const task_id& id, std::uint32_t number);
std::string news_prefix(const task_id& id);
std::string unique_row(std::string_view unique_id);

std::string due_entry(const task_id& id, instant moment);
std::string ready_entry(const task_id& id, std::string_view queue, instant rank);
std::string status_entry(const task_id& id, task_status status);
std::string type_entry(const task_id& id, std::string_view type);

/// What a scan of one shard begins with.
std::string task_prefix(unsigned shard);
std::string due_prefix(unsigned shard);
std::string due_bound(unsigned shard, instant moment);  ///< The first key at `moment` or later.
std::string ready_prefix(unsigned shard, std::string_view queue);
std::string status_prefix(unsigned shard, task_status status);
std::string type_prefix(unsigned shard, std::string_view type);

std::string epoch();
std::string manual_time();
std::string counter(std::string_view name);
/// Names of counters.
std::string count_of_status(task_status status);
std::string count_of_type(std::string_view type, task_status status);

/// The id at the end of an index entry, or behind the prefix of a task row.
task_id id_at_end(std::string_view key);
std::optional<task_id> id_of_row(std::string_view key);
instant moment_of_due(std::string_view key);
instant rank_of_ready(std::string_view key);

}  // namespace carillon::storage::keys
