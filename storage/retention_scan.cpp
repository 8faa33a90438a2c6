#include "storage/retention_scan.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "storage/batch_store.hpp"
#include "storage/keys.hpp"
#include "storage/merged_ids.hpp"
#include "storage/rising_ids.hpp"
#include "storage/schedule_store.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

/// Entries that one piece looks at: some hundredths of a second.
constexpr std::size_t steps_max = 20'000;

constexpr std::array ended_statuses{task_status::completed, task_status::failed,
                                    task_status::canceled, task_status::expired,
                                    task_status::skipped};

void add_made_prefixes(const schedule_id& maker, std::vector<std::string>& to) {
  for (const auto status : ended_statuses)
    to.push_back(keys::made_prefix(maker, status));
}

/// Ended tasks of the schedule with smaller ids go.
task_id bound_of(const engine& disk, const schedule_id& maker, const retention_rules& rules,
                 instant now) {
  const auto by_age = rules.age ? first_id_at(now - *rules.age) : task_id{};
  if (!rules.runs)
    return by_age;
  std::vector<std::string> prefixes;
  add_made_prefixes(maker, prefixes);
  merged_ids newest{disk, space::index, std::move(prefixes), {}};
  std::optional<task_id> kept;
  for (auto left = *rules.runs; left > 0; --left) {
    kept = newest.next();
    if (!kept || *kept < by_age)
      return by_age;
  }
  return kept ? std::max(by_age, *kept) : by_age;
}

std::vector<schedule_id> schedules_of(const engine& disk, unsigned shard) {
  std::vector<schedule_id> found;
  const auto at = std::move(disk.read(space::index, 1).front());
  for (std::size_t status = 0; status < schedule_status_count; ++status) {
    const auto prefix = keys::schedule_status_prefix(shard, static_cast<schedule_status>(status));
    for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next())
      found.push_back(keys::id_at_end(at->key()));
  }
  return found;
}

}  // namespace

/// A piece in the making.
struct retention_scan::looking {
  const engine& disk;
  std::size_t limit;
  retention_piece found = {};
  std::size_t steps = 0;

  [[nodiscard]] bool is_done() const { return found.ids.size() >= limit || steps >= steps_max; }
};

retention_piece retention_scan::next(const engine& disk, std::size_t limit) {
  if (!unfinished_) {
    unfinished_ = batch_store{disk}.unfinished();
    std::ranges::sort(*unfinished_);
  }
  looking on{disk, limit};
  while (shard_ < shard_count && !on.is_done()) {
    if (!is_open_)
      open_shard(disk);
    else if (!makers_.empty())
      look_at_schedule(on);
    else
      look_at_others(on);
  }
  on.found.is_last = shard_ == shard_count;
  return std::move(on.found);
}

void retention_scan::open_shard(const engine& disk) {
  with_rules_ = schedule_store{disk}.with_retention(shard_);
  makers_ = by_default_.runs ? schedules_of(disk, shard_) : with_rules_;
  stretch_.reset();
  is_open_ = true;
}

/// None when they cannot be read: then nothing goes.
retention_rules retention_scan::rules_of(const engine& disk, const schedule_id& id) const {
  if (!std::ranges::binary_search(with_rules_, id))
    return by_default_;
  const auto known = schedule_store{disk}.load(id);
  return known && *known ? (*known)->spec->keep : retention_rules{};
}

/// A child is younger than its batch, so few rows are read, and none when all batches have ended.
bool retention_scan::is_of_unfinished(const engine& disk, const task_id& id) const {
  if (unfinished_->empty() || id < unfinished_->front())
    return false;
  const auto row = disk.get(space::rows, keys::task_row(id));
  if (!row || !*row)
    return false;
  const auto found = decode_task(id, **row, {});
  return found && found->spec->batch
         && std::ranges::binary_search(*unfinished_, found->spec->batch->batch);
}

void retention_scan::look_at_schedule(looking& on) {
  const auto maker = makers_.back();
  ++on.steps;
  if (!stretch_)
    stretch_ = stretch{bound_of(on.disk, maker, rules_of(on.disk, maker), now_), {}};
  std::vector<std::string> prefixes;
  add_made_prefixes(maker, prefixes);
  rising_ids ids{on.disk, std::move(prefixes), stretch_->after};
  for (const auto* id = ids.first(); id != nullptr && *id < stretch_->bound; id = ids.first()) {
    if (on.is_done())
      return;
    ++on.steps;
    stretch_->after = *id;
    on.found.ids.push_back(*id);
    ids.drop_first();
  }
  makers_.pop_back();
  stretch_.reset();
}

/// All that has ended in the shard, but for the tasks of schedules with rules: these lie in the
/// same shard and in the same order, so that both lists are walked side by side.
void retention_scan::look_at_others(looking& on) {
  if (by_default_.age) {
    const auto bound = first_id_at(now_ - *by_default_.age);
    auto after = stretch_ ? stretch_->after : std::nullopt;
    std::vector<std::string> prefixes;
    for (const auto status : ended_statuses)
      prefixes.push_back(keys::status_prefix(shard_, status));
    std::vector<std::string> excluded;
    for (const auto& maker : with_rules_)
      add_made_prefixes(maker, excluded);
    rising_ids ids{on.disk, std::move(prefixes), after};
    rising_ids others{on.disk, std::move(excluded), after};
    for (const auto* id = ids.first(); id != nullptr && *id < bound; id = ids.first()) {
      if (on.is_done())
        return;
      ++on.steps;
      stretch_ = stretch{bound, *id};
      while (others.first() != nullptr && *others.first() < *id)
        others.drop_first();
      const bool is_other = others.first() == nullptr || *others.first() != *id;
      if (is_other && !is_of_unfinished(on.disk, *id))
        on.found.ids.push_back(*id);
      ids.drop_first();
    }
  }
  ++shard_;
  is_open_ = false;
}

}  // namespace carillon::storage
