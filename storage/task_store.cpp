#include "storage/task_store.hpp"

#include <algorithm>
#include <utility>

#include "storage/counter.hpp"
#include "storage/keys.hpp"
#include "storage/step_record.hpp"
#include "storage/task_record.hpp"
#include "storage/task_search.hpp"

namespace carillon::storage {
namespace {

constexpr std::size_t counters_cached_max = 100'000;

}  // namespace

// -- writing ------------------------------------------------------------------

commit_status task_store::commit(const std::vector<const change_set*>& changes) {
  std::unordered_map<std::string, std::int64_t> moved;
  for (const auto* change : changes)
    for (const auto& [name, delta] : change->counts())
      moved[name] += delta;
  change_set sums;
  for (auto& [name, delta] : moved) {
    const auto known = counters_.find(name);
    delta += known != counters_.end() ? known->second : counter(name);
    sums.put(space::index, keys::counter(name), std::to_string(delta));
  }
  auto all = changes;
  all.push_back(&sums);
  const auto status = disk_.commit(all);
  if (status == commit_status::durable) {
    if (counters_.size() > counters_cached_max)
      counters_.clear();
    for (auto& [name, sum] : moved)
      counters_[name] = sum;
  }
  return status;
}

std::int64_t task_store::counter(const std::string& name) const {
  return read_counter(disk_, keys::counter(name));
}

std::optional<instant> task_store::manual_time() const {
  const auto stored = disk_.get(space::index, keys::manual_time());
  if (!stored || !*stored)
    return std::nullopt;
  return instant{duration{read_counter(disk_, keys::manual_time())}};
}

expected<std::uint64_t> task_store::begin_epoch() {
  const auto stored = disk_.get(space::index, keys::epoch());
  if (!stored)
    return stored.error();
  const auto epoch = read_counter(disk_, keys::epoch()) + 1;
  change_set change;
  change.put(space::index, keys::epoch(), std::to_string(epoch));
  if (disk_.commit({&change}) != commit_status::durable)
    return problem{problem_kind::unavailable, "the store takes no writes"};
  return static_cast<std::uint64_t>(epoch);
}

// -- reading ------------------------------------------------------------------

expected<std::optional<task>> task_store::load(const task_id& id) const {
  auto found = load_record(id);
  if (!found || !*found || !runs_in_steps(*(*found)->spec))
    return found;
  auto parts = load_parts(disk_, id);
  if (!parts)
    return parts.error();
  (*found)->parts = *std::move(parts);
  return found;
}

expected<std::optional<task>> task_store::load_record(const task_id& id) const {
  const auto row = disk_.get(space::rows, keys::task_row(id));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<task>{};
  const auto state = disk_.get(space::rows, keys::state_row(id));
  if (!state)
    return state.error();
  auto found =
      decode_task(id, **row, *state ? std::optional<std::string_view>{**state} : std::nullopt);
  if (!found)
    return found.error();
  return std::optional<task>{*std::move(found)};
}

std::vector<std::pair<task_id, std::string>> task_store::key_holders() const {
  std::vector<std::pair<task_id, std::string>> found;
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto prefix = keys::holder_prefix(shard);
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next())
      found.emplace_back(keys::id_at_end(at->key()), std::string{at->value()});
  }
  return found;
}

expected<std::optional<task_id>> task_store::find_unique(std::string_view unique_id) const {
  const auto row = disk_.get(space::rows, keys::unique_row(unique_id));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<task_id>{};
  const auto id = parse_task_id(**row);
  if (!id)
    return problem{problem_kind::corrupt, "the row of a unique_id does not decode"};
  return id;
}

expected<std::vector<task_news>> task_store::news_of(const task_id& id, std::size_t limit) const {
  std::vector<task_news> found;
  const auto prefix = keys::news_prefix(id);
  const auto at = std::move(disk_.read(space::rows, 1).front());
  at->seek_for_prev(prefix + "\xFF\xFF\xFF\xFF\xFF");
  for (; at->valid() && at->key().starts_with(prefix) && found.size() < limit; at->prev()) {
    auto news = decode_news(at->value());
    if (!news)
      return news.error();
    found.push_back(*std::move(news));
  }
  std::ranges::reverse(found);
  return found;
}

std::vector<due_moment> task_store::scan_due(unsigned shard, instant from, instant before,
                                             std::size_t limit) const {
  std::vector<due_moment> found;
  const auto prefix = keys::due_prefix(shard);
  const auto end = keys::due_bound(shard, before);
  const auto at = std::move(disk_.read(space::index, 1).front());
  for (at->seek(keys::due_bound(shard, from)); at->valid() && found.size() < limit; at->next()) {
    const auto key = at->key();
    if (!key.starts_with(prefix) || key >= end)
      break;
    found.push_back({keys::moment_of_due(key), keys::id_at_end(key)});
  }
  return found;
}

std::optional<instant> task_store::first_due(instant from) const {
  std::optional<instant> first;
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    const auto here = scan_due(shard, from, instant::max(), 1);
    if (!here.empty() && (!first || here.front().moment < *first))
      first = here.front().moment;
  }
  return first;
}

std::vector<task_id> task_store::ids_with_status(task_status status) const {
  std::vector<task_id> found;
  task_filter filter;
  filter.statuses = {status};
  search_bounds bounds;
  task_search search{disk_, filter, {}, bounds};
  for (auto id = search.next(); id; id = search.next())
    found.push_back(*id);
  return found;
}

}  // namespace carillon::storage
