#pragma once

#include <memory>
#include <tuple>

#include "model/task.hpp"

namespace carillon {

/// A task that waits in a queue; the lowest rank goes first (rank_of).
struct ready_entry {
  instant rank;
  task_id id;
  std::shared_ptr<const key_limit> limit = {};  ///< Null: none. Does not count when two compare.

  auto operator<=>(const ready_entry& other) const {
    return std::tie(rank, id) <=> std::tie(other.rank, other.id);
  }
  bool operator==(const ready_entry& other) const {
    return std::tie(rank, id) == std::tie(other.rank, other.id);
  }
};

}  // namespace carillon
