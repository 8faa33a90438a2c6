#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/task.hpp"

// The keys by which lists find tasks, a part of the key space that keys.hpp lists.

namespace carillon::storage::keys {

std::string tag_entry(const task_id& id, std::string_view tag);
std::string tag_prefix(unsigned shard, std::string_view tag);
/// Of every reason but success: completed tasks are found by their status.
std::string reason_entry(const task_id& id, end_reason reason);
std::string reason_prefix(unsigned shard, end_reason reason);
std::string creator_entry(const task_id& id, std::string_view creator);
std::string creator_prefix(unsigned shard, std::string_view creator);

/// Names of counters.
std::string count_of_tag(std::string_view tag, task_status status);
std::string count_of_reason(end_reason reason, task_status status);
std::string count_of_creator(std::string_view creator, task_status status);

/// Tasks are counted by when they were made in spans of three lengths, each 64 of the one below, so
/// that any stretch of time is the sum of few of them.
inline constexpr unsigned span_levels = 3;
inline constexpr unsigned span_bits = 14;       ///< The shortest: 16.4 s.
inline constexpr unsigned span_level_bits = 6;  ///< 17.5 minutes, 18.6 hours.
constexpr unsigned span_shift(unsigned level) {
  return span_bits + level * span_level_bits;
}
/// `number`: milliseconds since 1970 by the length of a span.
std::string count_of_span(unsigned level, std::uint64_t number);

/// Whether the counter is one of these.
bool is_count_for_lists(std::string_view name);

/// How far the entries and counters of this page are built: see storage/list_build.hpp.
std::string lists_state();

}  // namespace carillon::storage::keys
