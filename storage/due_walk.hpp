#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/task_store.hpp"

namespace carillon::storage {

/// Walks the due index of all shards in the order of time, and of ids within a moment: what wakes
/// tasks and schedules. All of it on one view of the store.
class due_walk {
public:
  explicit due_walk(const engine& disk);

  /// The next one; it stays until pop(). Empty at the end.
  [[nodiscard]] std::optional<due_moment> peek() const;
  void pop();

private:
  struct lane {
    std::unique_ptr<cursor> at;
    std::string prefix;
    due_moment head;
  };
  static bool load(lane& from);
  static bool is_later(const lane& one, const lane& other);

  std::vector<lane> heap_;  ///< The earliest first.
};

}  // namespace carillon::storage
