#include "storage/bulk_scan.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/keys.hpp"
#include "storage/rising_ids.hpp"
#include "storage/task_search.hpp"

namespace carillon::storage {
namespace {

/// Entries of the index, and rows, that one look goes through.
constexpr std::size_t entries_max = 20'000;
constexpr std::size_t rows_max = 2'000;

bool may_match(const task_store& store, task_matcher& matches, const task_id& id) {
  const auto found = store.load(id);
  return !found || (*found && matches(**found));
}

/// By status, or by schedule and status.
std::vector<std::string> prefixes_of(const task_filter& filter) {
  std::vector<std::string> prefixes;
  for (const auto& maker : filter.schedules)
    for (const auto status : filter.statuses)
      prefixes.push_back(keys::made_prefix(maker, status));
  for (unsigned shard = 0; filter.schedules.empty() && shard < shard_count; ++shard)
    std::ranges::move(status_prefixes(shard, filter.statuses), std::back_inserter(prefixes));
  return prefixes;
}

/// Empty when no type is asked for.
std::optional<rising_ids> ids_of_type(const engine& disk, const task_filter& filter,
                                      const std::optional<task_id>& behind) {
  if (filter.task_types.empty())
    return std::nullopt;
  std::vector<std::string> prefixes;
  for (unsigned shard = 0; shard < shard_count; ++shard)
    for (const auto& type : filter.task_types)
      prefixes.push_back(keys::type_prefix(shard, type));
  return rising_ids{disk, std::move(prefixes), behind};
}

/// No task that matches is older: nothing before it has to be looked at.
std::optional<task_id> begin_of(const task_filter& filter, const std::optional<task_id>& behind) {
  if (!filter.created.from)
    return behind;
  const auto first = first_id_at(*filter.created.from);
  return behind && *behind > first ? behind : first;
}

}  // namespace

bulk_piece find_for_bulk(const task_store& store, bulk_action action, task_filter filter,
                         const task_id& before, const std::optional<task_id>& behind,
                         std::size_t limit) {
  bulk_piece found;
  filter.statuses = bulk::statuses_for(action, filter.statuses);
  if (filter.statuses.empty()) {
    found.is_last = true;
    return found;
  }
  const bool needs_rows = !filter.is_plain();
  task_matcher matches{store.disk(), filter};
  const auto steps_max = needs_rows ? rows_max : entries_max;
  std::size_t steps = 0;
  // A type is looked up beside the statuses: both lists are in the same order.
  const auto begin = begin_of(filter, behind);
  rising_ids ids{store.disk(), prefixes_of(filter), begin};
  auto typed = ids_of_type(store.disk(), filter, begin);
  for (const auto* id = ids.first(); id != nullptr && *id < before; id = ids.first()) {
    if (found.ids.size() >= limit)
      return found;
    for (; typed && typed->first() != nullptr && *typed->first() < *id; typed->drop_first()) {
      if (steps++ >= steps_max)
        return found;
      found.looked_at = *typed->first();
    }
    if (steps++ >= steps_max)
      return found;
    found.looked_at = *id;
    const bool has_type = !typed || (typed->first() != nullptr && *typed->first() == *id);
    if (has_type && (!needs_rows || may_match(store, matches, *id)))
      found.ids.push_back(*id);
    ids.drop_first();
  }
  found.is_last = true;
  return found;
}

expected<std::optional<std::int64_t>> count_for_bulk(const task_store& store, bulk_action action,
                                                     task_filter filter) {
  filter.statuses = bulk::statuses_for(action, filter.statuses);
  if (filter.statuses.empty())
    return std::optional<std::int64_t>{0};
  return counted(store.disk(), filter);
}

std::vector<std::optional<task_status>> look_at_piece(const task_store& store,
                                                      const bulk_job& job) {
  std::vector<std::optional<task_status>> found;
  found.reserve(job.piece.size());
  for (const auto& id : job.piece) {
    const auto subject = store.load(id);
    if (subject && *subject)
      found.emplace_back(status_of(**subject));
    else if (subject)
      found.emplace_back();
    else  // it does not decode: asked once more, it says so itself
      found.emplace_back(bulk::statuses_for(job.action, {}).front());
  }
  return found;
}

}  // namespace carillon::storage
