#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/task_id.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

/// Walks the ids under several prefixes (one or more a shard) as one list, newest first. All of
/// them on one view of the store.
class merged_ids {
public:
  /// `behind`: begins with the first id older than this one.
  merged_ids(const engine& disk, space where, std::vector<std::string> prefixes,
             std::optional<task_id> behind);

  /// The next id, each once; empty at the end.
  std::optional<task_id> next();

private:
  struct lane {
    std::string prefix;
    std::unique_ptr<cursor> at;
    task_id id;
  };
  /// Reads the id the lane stands on; false when it has left its prefix.
  static bool load(lane& from);

  std::vector<lane> heap_;  ///< Newest id first.
  std::optional<task_id> last_;
};

}  // namespace carillon::storage
