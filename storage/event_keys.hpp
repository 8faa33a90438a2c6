#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/task_id.hpp"

// The part of the key space that is about events: what begins with shard 'z'.
//
// clang-format off
// rows:
//   shard 'z' 'e' event             what was published
//   shard 'z' 'o' event             what it led to, once everybody is told
//   shard 'z' 'n' name              the event with that id of its publisher, and until when that counts
//   0xFF  'z' name                  a source of signed events
// index:
//   shard 'z' 'e' event             when, and the counts that lists show
//   shard 'z' 'o' event             not everybody is told; the value is who is to be
//   shard 'z' 't' topic 0 event     by topic; the value is when
//   shard 'z' 'r' event schedule    what it led to at the schedule, while not everybody is told
// clang-format on
//
// An event with a name lies in the shard that the name hashes to.

namespace carillon::storage::event_keys {

std::string row(const task_id& event);
std::string told_row(const task_id& event);
std::string name_row(std::string_view name);
std::string source_row(std::string_view name);

std::string entry(const task_id& event);
std::string open_entry(const task_id& event);
std::string topic_entry(std::string_view topic, const task_id& event);
std::string claim_entry(const task_id& event, const task_id& schedule);

/// What a scan of one shard begins with.
std::string entry_prefix(unsigned shard);
std::string open_prefix(unsigned shard);
std::string topic_prefix(unsigned shard, std::string_view topic);
std::string all_topics_prefix(unsigned shard);
std::string claim_prefix(unsigned shard, const task_id& event);
std::string source_prefix();

/// The topic in an entry of a topic.
std::string_view topic_of(std::string_view key);

/// The name of the counter of all events.
inline constexpr std::string_view counter_name = "v";

}  // namespace carillon::storage::event_keys
