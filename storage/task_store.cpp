#include "storage/task_store.hpp"

#include <algorithm>
#include <utility>

#include "storage/counter.hpp"
#include "storage/keys.hpp"
#include "storage/merged_ids.hpp"
#include "storage/step_record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

constexpr std::size_t counters_cached_max = 100'000;

/// Whether a counter is one of tasks in a status that is no end.
bool counts_open_tasks(std::string_view name) {
  return name.size() == 2 && name[0] == keys::count_of_status(task_status::scheduled)[0]
         && name[1] < static_cast<char>(task_status::completed);
}

bool counts_open_schedules(std::string_view name) {
  return name.size() == 2 && name[0] == keys::count_of_schedules(schedule_status::active)[0]
         && name[1] < static_cast<char>(schedule_status::ended);
}

std::vector<task_status> statuses_of(const task_filter& filter) {
  auto statuses = filter.statuses;
  if (statuses.empty())
    for (std::size_t status = 0; status < task_status_count; ++status)
      statuses.push_back(static_cast<task_status>(status));
  return statuses;
}

}  // namespace

std::vector<std::string> prefixes_of(const task_filter& filter) {
  std::vector<std::string> prefixes;
  if (filter.schedule) {
    for (const auto status : statuses_of(filter))
      prefixes.push_back(keys::made_prefix(*filter.schedule, status));
    return prefixes;
  }
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    if (filter.task_type)
      prefixes.push_back(keys::type_prefix(shard, *filter.task_type));
    else if (filter.is_command)
      prefixes.push_back(keys::command_prefix(shard));
    else if (filter.statuses.empty())
      prefixes.push_back(keys::task_prefix(shard));
    else
      for (const auto status : filter.statuses)
        prefixes.push_back(keys::status_prefix(shard, status));
  }
  return prefixes;
}

bool index_is_exact(const task_filter& filter) {
  return !filter.needs_rows() && !filter.is_scheduled && !filter.is_command
         && !(filter.task_type && !filter.statuses.empty());
}

namespace {

merged_ids candidates(const engine& disk, const task_filter& filter,
                      const std::optional<task_id>& behind) {
  const bool all =
      !filter.task_type && filter.statuses.empty() && !filter.schedule && !filter.is_command;
  return {disk, all ? space::rows : space::index, prefixes_of(filter), behind};
}

/// Letters of ASCII in any case.
bool holds(std::string_view where, std::string_view text) {
  const auto lower = [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  };
  return !std::ranges::search(where, text, {}, lower, lower).empty();
}

bool holds_text(const task_spec& spec, std::string_view text) {
  return holds(spec.task_type, text) || holds(spec.payload, text) || holds(spec.unique_id, text)
         || (spec.target && holds(spec.target->url, text))
         || std::ranges::any_of(spec.tags, [&](const auto& tag) { return holds(tag, text); });
}

}  // namespace

bool task_filter::matches(const task& subject) const {
  const auto& spec = *subject.spec;
  const auto between = [](instant moment, auto from, auto to) {
    return (!from || moment >= *from) && (!to || moment < *to);
  };
  if (!statuses.empty() && std::ranges::find(statuses, status_of(subject)) == statuses.end())
    return false;
  if (task_type && spec.task_type != *task_type)
    return false;
  if (is_command && (!spec.command || is_errand(spec)))
    return false;
  if (tag && std::ranges::find(spec.tags, *tag) == spec.tags.end())
    return false;
  if (schedule && spec.schedule != *schedule)
    return false;
  if (is_scheduled && (spec.schedule.has_value() != *is_scheduled || is_errand(spec)))
    return false;
  if (text && !holds_text(spec, *text))
    return false;
  return between(spec.created_at, created_from, created_to)
         && between(spec.scheduled_for, planned_from, planned_to);
}

// -- writing ------------------------------------------------------------------

task_store::task_store(engine& disk) : disk_{disk} {
  for (std::size_t at = 0; at < task_status_count; ++at) {
    const auto name = keys::count_of_status(static_cast<task_status>(at));
    open_tasks_ += counts_open_tasks(name) ? counter(name) : 0;
  }
  for (std::size_t at = 0; at < schedule_status_count; ++at) {
    const auto name = keys::count_of_schedules(static_cast<schedule_status>(at));
    open_schedules_ += counts_open_schedules(name) ? counter(name) : 0;
  }
}

commit_status task_store::commit(const std::vector<const change_set*>& changes) {
  std::unordered_map<std::string, std::int64_t> moved;
  for (const auto* change : changes)
    for (const auto& [name, delta] : change->counts())
      moved[name] += delta;
  std::int64_t more_tasks = 0;
  std::int64_t more_schedules = 0;
  for (const auto& [name, delta] : moved) {
    more_tasks += counts_open_tasks(name) ? delta : 0;
    more_schedules += counts_open_schedules(name) ? delta : 0;
  }
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
    open_tasks_ += more_tasks;
    open_schedules_ += more_schedules;
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
  auto ids = candidates(disk_, filter, {});
  for (auto id = ids.next(); id; id = ids.next())
    found.push_back(*id);
  return found;
}

expected<task_page> task_store::list(const task_filter& filter, const page_request& page) const {
  const bool exact = index_is_exact(filter);
  auto ids = candidates(disk_, filter, page.after);
  task_page shown;
  std::size_t skipped = 0;
  for (auto id = ids.next(); id; id = ids.next()) {
    if (exact && skipped < page.offset) {
      ++skipped;
      continue;
    }
    auto found = load_record(*id);
    if (!found)
      return found.error();
    if (!*found || !filter.matches(**found))
      continue;
    if (skipped < page.offset) {
      ++skipped;
      continue;
    }
    if (shown.items.size() == page.limit) {
      shown.has_more = true;
      break;
    }
    shown.items.push_back(*std::move(*found));
  }
  if (!page.counts)
    return shown;
  auto total = count(filter);
  if (!total)
    return total.error();
  shown.total = *total;
  return shown;
}

expected<std::int64_t> task_store::count(const task_filter& filter) const {
  std::int64_t total = 0;
  if (filter.needs_rows()) {
    auto ids = candidates(disk_, filter, {});
    for (auto id = ids.next(); id; id = ids.next()) {
      const auto found = load_record(*id);
      if (!found)
        return found.error();
      total += *found && filter.matches(**found) ? 1 : 0;
    }
    return total;
  }
  if (filter.schedule) {
    auto ids = candidates(disk_, filter, {});
    while (ids.next())
      ++total;
    return total;
  }
  for (const auto status : statuses_of(filter)) {
    if (filter.task_type) {
      total += counter(keys::count_of_type(*filter.task_type, status));
      continue;
    }
    const auto made = filter.is_scheduled ? counter(keys::count_of_made(status)) : 0;
    total += filter.is_scheduled && *filter.is_scheduled
                 ? made
                 : counter(keys::count_of_status(status)) - made
                       - (filter.is_scheduled ? counter(keys::count_of_errands(status)) : 0);
  }
  return total;
}

}  // namespace carillon::storage
