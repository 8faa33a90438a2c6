#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/problem.hpp"
#include "model/task.hpp"

namespace carillon::storage {

/// The version of task, state and news records that this code writes.
///
/// A new field needs no new version: readers skip the numbers they do not know, and an absent field
/// has the default of the struct. To change the meaning of one: 1. increase record_version; 2. copy
/// the decoder of the old version and keep it; 3. add stored bytes of the old version to
/// tests/storage/task_record_test.cpp. Never reuse the number of a field, a state or a reason.
inline constexpr std::uint8_t record_version = 1;

/// The row of a new task: what was asked and its first state.
std::string encode_task(const task& subject);

/// The row that holds its state once that has changed.
std::string encode_state(const task& subject);

/// A task from its row and, when there is one, its state's row. The problem is of kind corrupt.
expected<task> decode_task(const task_id& id, std::string_view task_row,
                           std::optional<std::string_view> state_row);

/// What tasks are made from, alone: a part of a schedule's row.
std::string encode_spec(const task_spec& spec);
expected<task_spec> decode_spec(std::string_view row);

/// A limit alone: the value of an index entry. Empty, and null, without one; a value that does not
/// decode limits nothing.
std::string encode_limit(const key_limit& limit);
std::shared_ptr<const key_limit> decode_limit(std::string_view value);

std::string encode_news(const task_news& news);
expected<task_news> decode_news(std::string_view row);

}  // namespace carillon::storage
