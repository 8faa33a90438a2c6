#include "storage/task_search.hpp"

#include <algorithm>
#include <utility>

#include "storage/batch_keys.hpp"
#include "storage/keys.hpp"
#include "storage/list_keys.hpp"
#include "storage/record.hpp"

namespace carillon::storage {
namespace {

/// A gap of so many entries is walked; a wider one is jumped over.
constexpr int walk_max = 6;

constexpr auto older_first = [](const auto& one, const auto& other) {
  return *one.first < *other.first;
};

task_id before(task_id id) {
  for (auto byte = id.bytes.rbegin(); byte != id.bytes.rend(); ++byte)
    if ((*byte)-- != 0)
      break;
  return id;
}

std::vector<task_status> all_statuses() {
  std::vector<task_status> all;
  for (std::size_t status = 0; status < task_status_count; ++status)
    all.push_back(static_cast<task_status>(status));
  return all;
}

bool is_end(task_status status) {
  return status >= task_status::completed;
}

/// What may match: a task that has ended for a reason or in a time has ended.
std::vector<task_status> statuses_of(const task_filter& filter) {
  auto statuses = filter.statuses.empty() ? all_statuses() : filter.statuses;
  if (!filter.reasons.empty() || !filter.ended.empty())
    std::erase_if(statuses, [](auto status) { return !is_end(status); });
  return statuses;
}

/// Where one source of a shard looks.
struct place {
  std::vector<std::string> prefixes;
  std::vector<task_id> ids = {};
  bool is_in_memory = false;
  bool has_ends = false;  ///< The values are when tasks ended.
};

/// The children of the batches by shard, rising.
std::vector<std::vector<task_id>> children_of(const engine& disk, const task_filter& filter,
                                              search_bounds& bounds) {
  std::vector<std::vector<task_id>> found(shard_count);
  const auto at = std::move(disk.read(space::index, 1).front());
  for (const auto& batch : filter.batches)
    for (const auto status : statuses_of(filter)) {
      const auto prefix = keys::child_prefix(batch, status);
      for (at->seek(prefix); at->valid() && at->key().starts_with(prefix) && bounds.go_on();
           at->next())
        if (const auto id = read_id(at->value()))
          found[shard_of(*id)].push_back(*id);
    }
  for (auto& ids : found)
    std::ranges::sort(ids);
  return found;
}

/// Puts together where to look in one shard.
class shard_plan {
public:
  shard_plan(const task_filter& filter, unsigned shard) : filter_{filter}, shard_{shard} {}

  /// Empty: nothing can match here.
  std::optional<std::vector<place>> make(std::vector<task_id> children) && {
    if (!add_schedules())
      return std::nullopt;
    if (!filter_.batches.empty()) {
      if (children.empty())
        return std::nullopt;
      places_.push_back({{}, std::move(children), true});
    }
    if (filter_.schedules.empty() && (!filter_.statuses.empty() || !filter_.ended.empty()))
      places_.push_back({status_prefixes(shard_, statuses_of(filter_))});
    if (!filter_.ended.empty())
      add_ends();
    add(filter_.task_types, keys::type_prefix);
    add(filter_.tags, keys::tag_prefix);
    add(filter_.created_by, keys::creator_prefix);
    add_reasons();
    if (filter_.is_command)
      places_.push_back({{keys::command_prefix(shard_)}});
    return std::move(places_);
  }

private:
  bool add_schedules() {
    if (filter_.schedules.empty())
      return true;
    place made;
    for (const auto& maker : filter_.schedules)
      if (shard_of(maker) == shard_)
        for (const auto status : statuses_of(filter_))
          made.prefixes.push_back(keys::made_prefix(maker, status));
    const bool has_any = !made.prefixes.empty();
    places_.push_back(std::move(made));
    return has_any;
  }
  /// The entries by status know when a task ended.
  void add_ends() {
    if (!filter_.schedules.empty())
      places_.push_back({status_prefixes(shard_, statuses_of(filter_))});
    places_.back().has_ends = true;
  }
  void add_reasons() {
    if (filter_.reasons.empty())
      return;
    place by_reason;
    for (const auto reason : filter_.reasons)
      by_reason.prefixes.push_back(reason == end_reason::success
                                       ? keys::status_prefix(shard_, task_status::completed)
                                       : keys::reason_prefix(shard_, reason));
    places_.push_back(std::move(by_reason));
  }
  void add(const std::vector<std::string>& names,
           std::string (*prefix_of)(unsigned, std::string_view)) {
    if (names.empty())
      return;
    place named;
    for (const auto& name : names)
      named.prefixes.push_back(prefix_of(shard_, name));
    places_.push_back(std::move(named));
  }

  const task_filter& filter_;
  unsigned shard_;
  std::vector<place> places_;
};

using plan_of_shards = std::vector<std::optional<std::vector<place>>>;

plan_of_shards make_plan(const engine& disk, const task_filter& filter, search_bounds& bounds) {
  plan_of_shards plan;
  auto children = filter.batches.empty() ? std::vector<std::vector<task_id>>(shard_count)
                                         : children_of(disk, filter, bounds);
  for (unsigned shard = 0; shard < shard_count; ++shard)
    plan.push_back(shard_plan{filter, shard}.make(std::move(children[shard])));
  return plan;
}

}  // namespace

std::vector<std::string> status_prefixes(unsigned shard, const std::vector<task_status>& statuses) {
  std::vector<std::string> prefixes;
  for (const auto status : statuses)
    prefixes.push_back(keys::status_prefix(shard, status));
  return prefixes;
}

// -- one source ----------------------------------------------------------------

std::optional<task_id> id_source::up_to(const task_id& bound, search_bounds& bounds) {
  if (!rising_.empty()) {
    while (!rising_.empty() && rising_.back() > bound && bounds.go_on())
      rising_.pop_back();
    return rising_.empty() || bounds.is_over() ? std::nullopt : std::optional{rising_.back()};
  }
  std::optional<task_id> newest;
  for (auto& each : lanes_) {
    if (each.is_new || (each.stands_on && *each.stands_on > bound))
      move(each, bound, bounds);
    if (each.stands_on && (!newest || *newest < *each.stands_on))
      newest = each.stands_on;
  }
  return bounds.is_over() ? std::nullopt : newest;
}

/// To the first entry from `bound` downwards whose value fits.
void id_source::move(lane& on, const task_id& bound, search_bounds& bounds) const {
  const auto read = [&] {
    on.stands_on.reset();
    if (on.at->valid() && on.at->key().starts_with(on.prefix))
      on.stands_on = read_id(on.at->key().substr(on.prefix.size(), sizeof(task_id)));
  };
  const auto fits = [&] {
    if (ended_.empty())
      return true;
    const auto moment = keys::read_moment_value(on.at->value());
    return moment && ended_.holds(*moment);
  };
  for (int walked = 0; !on.is_new && walked < walk_max; ++walked) {
    if (!on.stands_on || *on.stands_on <= bound || !bounds.go_on())
      break;
    on.at->prev();
    read();
  }
  if (on.is_new || (on.stands_on && *on.stands_on > bound)) {
    on.at->seek_for_prev(on.prefix + std::string{id_bytes(bound)} + '\xFF');
    read();
    on.is_new = false;
  }
  while (on.stands_on && !fits() && bounds.go_on()) {
    on.at->prev();
    read();
  }
}

std::optional<task_id> shard_search::up_to(task_id bound, search_bounds& bounds) {
  for (std::size_t agreed = 0, at = 0; agreed < sources_.size(); at = (at + 1) % sources_.size()) {
    const auto found = sources_[at].up_to(bound, bounds);
    if (!found || !bounds.go_on())
      return std::nullopt;
    agreed = *found == bound ? agreed + 1 : 1;
    bound = *found;
  }
  return bound;
}

// -- all shards ------------------------------------------------------------------

task_search::task_search(const engine& disk, const task_filter& filter,
                         const std::optional<task_id>& behind, search_bounds& bounds)
    : floor_{filter.created.from ? first_id_at(*filter.created.from) : task_id{}}, bounds_{bounds} {
  task_id newest;
  newest.bytes.fill(0xFF);
  if (filter.created.to)
    newest = before(first_id_at(*filter.created.to));
  if (behind)
    newest = std::min(newest, before(*behind));
  auto plan = make_plan(disk, filter, bounds);
  std::size_t count = 0;
  for (const auto& places : plan)
    for (const auto& each : places.value_or(std::vector<place>{}))
      count += each.prefixes.size();
  const bool is_everything = plan.front() && plan.front()->empty();
  auto cursors = is_everything ? disk.read(space::rows, shard_count)
                               : disk.read(space::index, std::max<std::size_t>(count, 1));
  auto free_cursor = cursors.begin();
  for (unsigned number = 0; number < shard_count; ++number) {
    auto& places = plan[number];
    if (!places)
      continue;
    if (is_everything)
      places->push_back({{keys::task_prefix(number)}});
    std::vector<id_source> sources;
    for (auto& each : *places) {
      std::vector<id_source::lane> lanes;
      for (auto& prefix : each.prefixes)
        lanes.push_back({std::move(prefix), std::move(*free_cursor++)});
      sources.push_back(each.is_in_memory ? id_source{std::move(each.ids)}
                                          : id_source{std::move(lanes),
                                                      each.has_ends ? filter.ended : time_range{}});
    }
    shard opened{shard_search{std::move(sources)}, {}};
    opened.first = within(opened.search.up_to(newest, bounds_));
    if (opened.first)
      shards_.push_back(std::move(opened));
  }
  std::ranges::make_heap(shards_, older_first);
}

std::optional<task_id> task_search::within(std::optional<task_id> id) const {
  return id && *id >= floor_ && !bounds_.is_over() ? id : std::nullopt;
}

std::optional<task_id> task_search::older(shard_search& search, task_id id) {
  return within(search.up_to(before(id), bounds_));
}

std::optional<task_id> task_search::next() {
  if (shards_.empty() || bounds_.is_over())
    return std::nullopt;
  std::ranges::pop_heap(shards_, older_first);
  auto& newest = shards_.back();
  const auto id = newest.first;
  newest.first = older(newest.search, *id);
  if (newest.first)
    std::ranges::push_heap(shards_, older_first);
  else
    shards_.pop_back();
  return id;
}

}  // namespace carillon::storage
