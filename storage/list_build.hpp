#pragma once

#include <cstdint>

#include "storage/task_store.hpp"

namespace carillon::storage {

/// Whether the entries and counters of list_keys.hpp are there for all tasks. They are in a store
/// that was made with them.
bool has_lists(const engine& disk);

/// Makes them for a store of an earlier version: shard by shard, a piece a commit together with how
/// far it has come, so that a crash costs one piece. Tells of how many tasks; 0 when all was there.
/// Before there is a writer.
expected<std::int64_t> build_lists(task_store& store, engine& disk);

}  // namespace carillon::storage
