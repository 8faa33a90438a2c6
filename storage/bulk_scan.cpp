#include "storage/bulk_scan.hpp"

#include <utility>

#include "storage/rising_ids.hpp"

namespace carillon::storage {
namespace {

/// Entries of the index, and rows, that one look goes through.
constexpr std::size_t entries_max = 20'000;
constexpr std::size_t rows_max = 2'000;

bool may_match(const task_store& store, const task_filter& filter, const task_id& id) {
  const auto found = store.load(id);
  return !found || (*found && filter.matches(**found));
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
  const bool exact = index_is_exact(filter);
  const auto steps_max = exact ? entries_max : rows_max;
  std::size_t steps = 0;
  rising_ids ids{store.disk(), prefixes_of(filter), behind};
  for (const auto* id = ids.first(); id != nullptr && *id < before; id = ids.first()) {
    if (found.ids.size() >= limit || steps >= steps_max)
      return found;
    ++steps;
    found.looked_at = *id;
    if (exact || may_match(store, filter, *id))
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
  if (filter.needs_rows() || filter.schedule)
    return std::optional<std::int64_t>{};
  const auto count = store.count(filter);
  if (!count)
    return count.error();
  return std::optional{*count};
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
