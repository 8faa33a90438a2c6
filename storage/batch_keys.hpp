#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/batch.hpp"

// The keys of batches, a part of the key space that keys.hpp lists.

namespace carillon::storage::keys {

std::string batch_row(const batch_id& id);
std::string batch_state_row(const batch_id& id);
std::string batch_key_row(std::string_view idempotency_key);
std::string batch_prefix(unsigned shard);

std::string child_entry(const batch_id& id, task_status status, std::uint32_t number);
std::string child_prefix(const batch_id& id, task_status status);
std::uint32_t number_of_child(std::string_view key);
std::string unfinished_entry(const batch_id& id);
std::string unfinished_prefix(unsigned shard);

/// Names of counters: of children by status, and of those of them that are gone.
std::string count_of_children(const batch_id& id, task_status status);
std::string count_of_removed_children(const batch_id& id, task_status status);
std::string count_of_batches();
/// What the keys of a batch's counters begin with, and the status that such a key ends with.
std::string child_counters_prefix(const batch_id& id);
struct counted_status {
  task_status status;
  bool is_removed;
};
counted_status status_of_counter(std::string_view key);
/// Whether the name of a counter is one of the first two.
bool is_count_of_batch(std::string_view name);

}  // namespace carillon::storage::keys
