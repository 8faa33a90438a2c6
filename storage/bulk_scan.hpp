#pragma once

#include <optional>
#include <vector>

#include "model/bulk_job.hpp"
#include "storage/task_store.hpp"

namespace carillon::storage {

/// Matching tasks, the oldest first.
struct bulk_piece {
  std::vector<task_id> ids;
  std::optional<task_id>
      looked_at;  ///< The last one that was looked at, whether it matched or not.
  bool is_last = false;
};

/// The tasks that a bulk action is for, as far as they are looked at in one go: some hundredths of
/// a second. `filter` is the one that was asked for.
///
/// `before`: only what is older than this. `behind`: begins with the first one that is newer. A
/// task whose row does not decode is among them; it will say so itself.
bulk_piece find_for_bulk(const task_store& store, bulk_action action, task_filter filter,
                         const task_id& before, const std::optional<task_id>& behind,
                         std::size_t limit);

/// How many there are, where counters know; otherwise empty, and looking at them all tells.
expected<std::optional<std::int64_t>> count_for_bulk(const task_store& store, bulk_action action,
                                                     task_filter filter);

/// What the tasks of the piece that was under way are now.
std::vector<std::optional<task_status>> look_at_piece(const task_store& store, const bulk_job& job);

}  // namespace carillon::storage
