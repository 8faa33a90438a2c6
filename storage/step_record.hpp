#pragma once

#include <string>
#include <string_view>

#include "model/task.hpp"
#include "storage/key_value.hpp"

// Records of what runs in steps: its parts, what it waits for, and who waits for it. Broken bytes
// give false, or nothing.

namespace carillon::storage {

std::string encode_part(const part_data& part);
std::optional<part_data> decode_part(std::string_view bytes);

std::string encode_parent(const parent_link& parent);
std::optional<parent_link> decode_parent(std::string_view bytes);

std::string encode_waits(const step_wait& waits);
bool decode_waits(std::string_view bytes, step_wait& waits);

std::string encode_notices(const notice_rules& rules);
notice_rules decode_notices(std::string_view bytes);

/// All parts of a task.
expected<task_parts> load_parts(const engine& disk, const task_id& id);

/// The tasks that wait for an event with this topic.
std::vector<task_id> waiters_of(const engine& disk, std::string_view topic);

/// The tasks that did or do a part of this one.
std::vector<task_id> children_of(const engine& disk, const task_id& parent);

}  // namespace carillon::storage
