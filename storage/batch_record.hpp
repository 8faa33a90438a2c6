#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/batch.hpp"
#include "model/problem.hpp"

namespace carillon::storage {

// The rows of a batch. Their version is that of task records (task_record.hpp), and so are the
// rules for changing them.

/// What was asked, and its state since then.
std::string encode_batch(const batch_spec& spec);
std::string encode_batch_state(const batch& subject);

/// The problem is of kind corrupt.
expected<batch> decode_batch(const batch_id& id, std::string_view row,
                             std::optional<std::string_view> state_row);

}  // namespace carillon::storage
