#include <algorithm>

#include "storage/batch_keys.hpp"
#include "storage/counter.hpp"
#include "storage/keys.hpp"
#include "storage/list_keys.hpp"
#include "storage/task_search.hpp"
#include "storage/task_store.hpp"

// How many tasks match: by counters wherever these know it.

namespace carillon::storage {
namespace {

std::vector<task_status> statuses_of(const task_filter& filter) {
  auto statuses = filter.statuses;
  if (statuses.empty())
    for (std::size_t status = 0; status < task_status_count; ++status)
      statuses.push_back(static_cast<task_status>(status));
  return statuses;
}

/// What is asked beside the statuses.
unsigned questions_of(const task_filter& filter) {
  const std::initializer_list<bool> asked{!filter.task_types.empty(), !filter.tags.empty(),
                                          !filter.reasons.empty(),    !filter.schedules.empty(),
                                          !filter.batches.empty(),    !filter.created_by.empty(),
                                          !filter.created.empty(),    !filter.ended.empty()};
  return static_cast<unsigned>(std::ranges::count(asked, true));
}

/// The sum over all statuses of what `count(status)` gives.
template <class Count>
std::int64_t sum_of(const task_filter& filter, Count count) {
  std::int64_t sum = 0;
  for (const auto status : statuses_of(filter))
    sum += count(status);
  return sum;
}

/// Values of which a task has one at most, so that what they count does not overlap.
template <class Value, class Name>
std::int64_t sum_of_names(const engine& disk, const task_filter& filter,
                          const std::vector<Value>& values, Name name) {
  return sum_of(filter, [&](task_status status) {
    std::int64_t sum = 0;
    for (const auto& value : values)
      sum += read_counter(disk, keys::counter(name(value, status)));
    return sum;
  });
}

std::int64_t count_by_origin(const engine& disk, const task_filter& filter) {
  return sum_of(filter, [&](task_status status) {
    const auto read = [&](const std::string& name) {
      return read_counter(disk, keys::counter(name));
    };
    if (!filter.is_scheduled)
      return read(keys::count_of_status(status));
    const auto made = read(keys::count_of_made(status));
    if (*filter.is_scheduled)
      return made;
    return read(keys::count_of_status(status)) - made - read(keys::count_of_errands(status));
  });
}

std::int64_t count_of_reasons(const engine& disk, const task_filter& filter) {
  return sum_of(filter, [&](task_status status) {
    std::int64_t sum = 0;
    for (const auto reason : filter.reasons) {
      const bool is_success = reason == end_reason::success;
      if (is_success && status != task_status::completed)
        continue;
      sum += read_counter(disk, keys::counter(is_success ? keys::count_of_status(status)
                                                         : keys::count_of_reason(reason, status)));
    }
    return sum;
  });
}

std::int64_t count_of_batches(const engine& disk, const task_filter& filter) {
  return sum_of_names(disk, filter, filter.batches, keys::count_of_children)
         - sum_of_names(disk, filter, filter.batches, keys::count_of_removed_children);
}

// -- when they were made -----------------------------------------------------------

/// Sums the counters of one level from the span `from` to before `to`.
std::int64_t sum_spans(const engine& disk, unsigned level, std::uint64_t from, std::uint64_t to) {
  std::int64_t sum = 0;
  const auto end = keys::counter(keys::count_of_span(level, to));
  const auto at = std::move(disk.read(space::index, 1).front());
  for (at->seek(keys::counter(keys::count_of_span(level, from))); at->valid() && at->key() < end;
       at->next())
    sum += read_number(at->value());
  return sum;
}

/// All of whole spans of the shortest kind.
std::int64_t count_spans(const engine& disk, std::uint64_t from, std::uint64_t to) {
  constexpr std::uint64_t ratio = 1ULL << keys::span_level_bits;
  std::int64_t sum = 0;
  for (unsigned level = 0; from < to; ++level) {
    const auto from_above = (from + ratio - 1) / ratio;
    const auto to_above = to / ratio;
    if (level + 1 == keys::span_levels || from_above >= to_above)
      return sum + sum_spans(disk, level, from, to);
    sum += sum_spans(disk, level, from, from_above * ratio);
    sum += sum_spans(disk, level, to_above * ratio, to);
    from = from_above;
    to = to_above;
  }
  return sum;
}

std::int64_t walk_count(const engine& disk, const task_filter& filter, search_bounds& bounds) {
  std::int64_t count = 0;
  task_search{disk, filter, {}, bounds}.for_each([&](const task_id&) { ++count; });
  return count;
}

instant instant_of(std::uint64_t millisecond) {
  return instant{duration{static_cast<std::int64_t>(millisecond)}};
}

/// Of any status: whole spans by their counters, what is left at both ends by looking.
std::int64_t count_made(const engine& disk, const time_range& made, search_bounds& bounds) {
  constexpr std::uint64_t span = 1ULL << keys::span_shift(0);
  const std::uint64_t last = (1ULL << 48U) - 1;
  const auto millisecond = [last](instant moment) {
    return std::min(
        static_cast<std::uint64_t>(std::max(moment, instant{}).time_since_epoch().count()), last);
  };
  const auto from = made.from ? millisecond(*made.from) : 0;
  const auto to = made.to ? millisecond(*made.to) : last;
  if (from >= to)
    return 0;
  const auto first_whole = (from + span - 1) / span;
  const auto last_whole = made.to ? to / span : (last >> keys::span_shift(0)) + 1;
  const auto look = [&](std::uint64_t begin, std::uint64_t end) {
    task_filter piece;
    piece.statuses = statuses_of({});
    piece.created = {instant_of(begin), instant_of(end)};
    return begin < end ? walk_count(disk, piece, bounds) : 0;
  };
  if (first_whole >= last_whole)
    return look(from, to);
  return look(from, first_whole * span) + count_spans(disk, first_whole, last_whole)
         + (made.to ? look(last_whole * span, to) : 0);
}

/// Of these statuses: by looking at them, or at the others when those are fewer.
std::int64_t count_made_with_status(const engine& disk, const task_filter& filter,
                                    search_bounds& bounds) {
  if (filter.statuses.empty())
    return count_made(disk, filter.created, bounds);
  auto others = filter;
  others.statuses = statuses_of({});
  std::erase_if(others.statuses, [&](auto status) {
    return std::ranges::find(filter.statuses, status) != filter.statuses.end();
  });
  const auto size_of = [&](const task_filter& of) {
    task_filter plain;
    plain.statuses = of.statuses;
    return of.statuses.empty() ? 0 : count_by_origin(disk, plain);
  };
  if (size_of(filter) <= size_of(others))
    return walk_count(disk, filter, bounds);
  const auto beside = others.statuses.empty() ? 0 : walk_count(disk, others, bounds);
  return count_made(disk, filter.created, bounds) - beside;
}

}  // namespace

std::optional<std::int64_t> counted(const engine& disk, const task_filter& filter) {
  const auto questions = questions_of(filter);
  auto indexed = filter;
  indexed.is_scheduled.reset();
  if (questions == 0 && indexed.is_indexed())
    return count_by_origin(disk, filter);
  if (questions != 1 || !filter.is_indexed())
    return std::nullopt;
  if (!filter.task_types.empty())
    return sum_of_names(disk, filter, filter.task_types, keys::count_of_type);
  if (filter.tags.size() == 1)
    return sum_of_names(disk, filter, filter.tags, keys::count_of_tag);
  if (!filter.created_by.empty())
    return sum_of_names(disk, filter, filter.created_by, keys::count_of_creator);
  if (!filter.reasons.empty())
    return count_of_reasons(disk, filter);
  if (!filter.batches.empty())
    return count_of_batches(disk, filter);
  return std::nullopt;
}

expected<std::int64_t> count_tasks(const task_store& store, const task_filter& filter,
                                   search_bounds& bounds) {
  const auto& disk = store.disk();
  if (const auto known = counted(disk, filter))
    return *known;
  if (filter.is_indexed() && !filter.created.empty() && questions_of(filter) == 1)
    return count_made_with_status(disk, filter, bounds);
  if (filter.is_indexed())
    return walk_count(disk, filter, bounds);
  std::int64_t count = 0;
  std::optional<problem> broken;
  task_matcher matches{disk, filter};
  task_search{disk, filter, {}, bounds}.for_each([&](const task_id& id) {
    if (broken || !bounds.go_on(steps_of_row))
      return;
    const auto found = store.load_record(id);
    if (!found)
      broken = found.error();
    else
      count += *found && matches(**found) ? 1 : 0;
  });
  if (broken)
    return *std::move(broken);
  return count;
}

}  // namespace carillon::storage
