#pragma once

#include <optional>
#include <vector>

#include "model/schedule.hpp"
#include "storage/task_store.hpp"

namespace carillon::storage {

/// Ended tasks that are kept no longer.
struct retention_piece {
  std::vector<task_id> ids;  ///< Of each schedule, and of the others in each shard, oldest first.
  bool is_last = false;
};

/// One look through the whole store for tasks that may go. It is made in pieces that do not take
/// long, and holds no view of the store between them: that would keep what was erased. One thread
/// at a time.
///
/// A schedule that has rules goes by them alone. `by_default` holds for the others: its `age` for
/// every task, its `runs` for each schedule.
/// Children of a batch that has not ended stay.
class retention_scan {
public:
  retention_scan(retention_rules by_default, instant now)
      : by_default_{std::move(by_default)}, now_{now} {}

  /// The next ones, at most `limit`. There may be none in a piece that is not the last.
  retention_piece next(const engine& disk, std::size_t limit);

private:
  /// The stretch of ended tasks under way: those behind `after` and before `bound`.
  struct stretch {
    task_id bound;
    std::optional<task_id> after;
  };
  struct looking;

  void open_shard(const engine& disk);
  void look_at_schedule(looking& on);
  void look_at_others(looking& on);
  [[nodiscard]] bool is_of_unfinished(const engine& disk, const task_id& id) const;
  [[nodiscard]] retention_rules rules_of(const engine& disk, const schedule_id& id) const;

  retention_rules by_default_;
  instant now_;
  unsigned shard_ = 0;
  bool is_open_ = false;                 ///< The lists below are of shard_.
  std::vector<schedule_id> with_rules_;  ///< In rising order.
  std::vector<schedule_id> makers_;      ///< Still to be looked at; from the end on.
  std::optional<stretch> stretch_;
  /// Batches that have not ended, oldest first; their children stay. As of the first piece.
  std::optional<std::vector<task_id>> unfinished_;
};

}  // namespace carillon::storage
