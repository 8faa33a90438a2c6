#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/key_value.hpp"
#include "storage/task_filter.hpp"

namespace carillon::storage {

class task_store;

/// Ids in falling order, under prefixes of an index or in memory. Each question must be for the
/// same id or a smaller one than that before.
class id_source {
public:
  struct lane {
    std::string prefix;
    std::unique_ptr<cursor> at;
    std::optional<task_id> stands_on = {};
    bool is_new = true;
  };

  id_source(std::vector<lane> lanes, time_range ended) : lanes_{std::move(lanes)}, ended_{ended} {}
  explicit id_source(std::vector<task_id> rising) : rising_{std::move(rising)} {}

  /// The largest id of any lane up to `bound`; empty when there is none, or when the bounds end it.
  std::optional<task_id> up_to(const task_id& bound, search_bounds& bounds);

private:
  void move(lane& on, const task_id& bound, search_bounds& bounds) const;

  std::vector<lane> lanes_;
  time_range ended_;  ///< Of entries whose value is when the task ended.
  std::vector<task_id> rising_;
};

/// The ids in one shard that stand in all sources.
class shard_search {
public:
  explicit shard_search(std::vector<id_source> sources) : sources_{std::move(sources)} {}
  std::optional<task_id> up_to(task_id bound, search_bounds& bounds);

private:
  std::vector<id_source> sources_;
};

/// Finds the tasks that match as far as indexes tell, newest first: those that are in all of the
/// lists that the filter names. The lists are walked side by side, from gap to gap, on one view of
/// the store.
class task_search {
public:
  /// `behind`: begins with the first id older than this one. All must outlive it.
  task_search(const engine& disk, const task_filter& filter, const std::optional<task_id>& behind,
              search_bounds& bounds);

  /// Empty at the end, or when the bounds have ended it.
  std::optional<task_id> next();
  /// Calls `visit(id)` for all, shard after shard: quicker than in order.
  template <class Visitor>
  void for_each(Visitor visit) {
    for (auto& [search, first] : shards_)
      for (auto id = first; id; id = older(search, *id))
        visit(*id);
    shards_.clear();
  }

private:
  struct shard {
    shard_search search;
    std::optional<task_id> first;
  };
  std::optional<task_id> within(std::optional<task_id> id) const;
  std::optional<task_id> older(shard_search& search, task_id id);

  task_id floor_;  ///< Nothing below it.
  search_bounds& bounds_;
  std::vector<shard> shards_;  ///< A heap: that with the newest id first.
};

/// The prefixes that tasks of these statuses have in the index, in one shard.
std::vector<std::string> status_prefixes(unsigned shard, const std::vector<task_status>& statuses);

/// How many match, when counters know it.
std::optional<std::int64_t> counted(const engine& disk, const task_filter& filter);
/// How many match, by counters where they know it and by looking where they do not. Meaningless
/// when the bounds have ended it.
expected<std::int64_t> count_tasks(const task_store& store, const task_filter& filter,
                                   search_bounds& bounds);

}  // namespace carillon::storage
