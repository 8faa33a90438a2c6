#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/task_id.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

/// Walks the ids under several prefixes of the index as one list, oldest first. All of them on one
/// view of the store.
class rising_ids {
public:
  /// `behind`: begins with the first id newer than this one.
  rising_ids(const engine& disk, std::vector<std::string> prefixes,
             const std::optional<task_id>& behind);

  /// Null at the end.
  [[nodiscard]] const task_id* first() const { return heap_.empty() ? nullptr : &heap_[0].id; }
  void drop_first();

private:
  struct lane {
    std::string prefix;
    std::unique_ptr<cursor> at;
    task_id id;
  };
  void add(lane moved);

  std::vector<lane> heap_;  ///< Oldest id first.
};

}  // namespace carillon::storage
