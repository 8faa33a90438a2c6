#include "model/stat_bucket.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace carillon {
namespace {

/// Each doubling is divided into eight; what is shorter than eight is told apart to the
/// millisecond.
constexpr std::uint32_t parts_log = 3;
constexpr std::uint64_t parts = 1U << parts_log;

std::uint32_t range_of(duration length) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(length.count(), 0));
  if (value < parts)
    return static_cast<std::uint32_t>(value);
  const auto shift = static_cast<std::uint32_t>(std::bit_width(value)) - 1 - parts_log;
  return static_cast<std::uint32_t>((shift << parts_log) + (value >> shift));
}

/// The middle of a range.
duration middle_of(std::uint32_t number) {
  if (number < 2 * parts)
    return duration{number};
  const auto shift = (number >> parts_log) - 1;
  const auto begin = (parts + number % parts) << shift;
  return duration{static_cast<std::int64_t>(begin + (1ULL << shift) / 2)};
}

const attempt* last_of(const task* subject) {
  return subject == nullptr || subject->attempts.empty() ? nullptr : &subject->attempts.back();
}

/// Attempts that are new, and the run times of those that have ended now.
void count_attempts(const task* before, const task& after, stat_counts& found) {
  const auto* known = last_of(before);
  for (auto tried = after.attempts.rbegin(); tried != after.attempts.rend(); ++tried) {
    const bool is_new = known == nullptr || tried->number > known->number;
    const bool was_open = known != nullptr && tried->number == known->number && !known->finished_at;
    if (!is_new && !was_open)
      return;
    if (is_new)
      ++found.of(tried->number == 1 ? stat::started : stat::retries);
    if (is_new && tried->number == 1)
      found.start_lag.add(tried->started_at - due_moment_of(after));
    if (tried->finished_at)
      found.run_time.add(*tried->finished_at - tried->started_at);
  }
}

std::optional<stat> stat_of(task_status status) {
  switch (status) {
    case task_status::completed:
      return stat::completed;
    case task_status::failed:
      return stat::failed;
    case task_status::canceled:
      return stat::canceled;
    case task_status::expired:
      return stat::expired;
    case task_status::skipped:
      return stat::skipped;
    default:
      return std::nullopt;
  }
}

}  // namespace

// -- lengths ------------------------------------------------------------------

void length_spread::add(duration length, std::int64_t times) {
  const auto number = range_of(length);
  const auto at = std::ranges::lower_bound(ranges_, number, {}, &range::number);
  if (at != ranges_.end() && at->number == number)
    at->count += times;
  else
    ranges_.insert(at, {number, times});
  sum_ += std::max(length, duration{0}) * times;
}

void length_spread::add(const length_spread& other) {
  for (const auto& [number, count] : other.ranges_) {
    const auto at = std::ranges::lower_bound(ranges_, number, {}, &range::number);
    if (at != ranges_.end() && at->number == number)
      at->count += count;
    else
      ranges_.insert(at, {number, count});
  }
  sum_ += other.sum_;
}

std::int64_t length_spread::count() const {
  std::int64_t all = 0;
  for (const auto& one : ranges_)
    all += one.count;
  return all;
}

std::optional<duration> length_spread::quantile(double share) const {
  if (empty())
    return std::nullopt;
  const auto wanted = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count())));
  std::int64_t seen = 0;
  for (const auto& one : ranges_)
    if ((seen += one.count) >= wanted)
      return middle_of(one.number);
  return middle_of(ranges_.back().number);
}

std::optional<duration> length_spread::mean() const {
  return empty() ? std::nullopt : std::optional{duration{sum_.count() / count()}};
}

length_spread length_spread::restored(std::vector<range> ranges, duration sum) {
  length_spread made;
  made.ranges_ = std::move(ranges);
  made.sum_ = sum;
  return made;
}

// -- counts -------------------------------------------------------------------

std::string_view to_string(stat what) {
  constexpr std::array<std::string_view, stat_count> words{
      "created", "started", "retries", "completed", "failed", "canceled", "expired", "skipped"};
  return words.at(static_cast<std::size_t>(what));
}

void stat_counts::add(const stat_counts& other) {
  for (std::size_t at = 0; at < counts.size(); ++at)
    counts[at] += other.counts[at];
  start_lag.add(other.start_lag);
  run_time.add(other.run_time);
}

std::int64_t stat_counts::sum() const {
  std::int64_t all = 0;
  for (const auto count : counts)
    all += count;
  return all;
}

instant due_moment_of(const task& subject) {
  const auto& spec = *subject.spec;
  const auto planned = std::min(spec.scheduled_for, subject.triggered_at.value_or(instant_max));
  return std::max(planned, spec.created_at);
}

stat_counts counts_of_change(const task* before, const task& after) {
  stat_counts found;
  if (before == nullptr)
    found.of(stat::created) = 1;
  if (before != nullptr && has_ended(*before))
    return found;
  count_attempts(before, after, found);
  if (const auto end = stat_of(status_of(after))) {
    const auto& range = after.spec->stands_for;
    found.of(*end) = range ? range->count : 1;
  }
  return found;
}

std::string group_name(stat_group kind, const task_spec& spec) {
  if (kind == stat_group::task_type)
    return spec.task_type;
  if (kind == stat_group::schedule)
    return spec.schedule ? to_text(*spec.schedule) : std::string{};
  return shown_queue(queue_of(spec));
}

std::string shown_queue(std::string_view queue) {
  if (is_host_queue(queue))
    return std::string{host_of_queue(queue)};
  if (queue == command_queue)
    return "(commands)";
  if (queue == service_queue)
    return "(services)";
  return std::string{queue == inner_queue ? "(pipelines)" : queue};
}

// -- buckets ------------------------------------------------------------------

void stat_bucket::add(const stat_counts& more,
                      const std::array<std::string, stat_group_count>& names,
                      std::size_t names_max) {
  all.add(more);
  for (std::size_t at = 0; at < names.size(); ++at) {
    if (names[at].empty())
      continue;
    auto& [named, others] = groups[at];
    const auto known = named.find(names[at]);
    if (known != named.end())
      known->second.add(more);
    else if (named.size() < names_max)
      named.emplace(names[at], more);
    else
      others.add(more);
  }
}

void stat_bucket::add(const stat_bucket& other, std::size_t names_max) {
  all.add(other.all);
  for (std::size_t at = 0; at < groups.size(); ++at) {
    auto& [named, others] = groups[at];
    others.add(other.groups[at].others);
    for (const auto& [name, counts] : other.groups[at].named) {
      const auto known = named.find(name);
      if (known != named.end())
        known->second.add(counts);
      else if (named.size() < names_max)
        named.emplace(name, counts);
      else
        others.add(counts);
    }
  }
}

void stat_bucket::trim(std::size_t names_max) {
  for (auto& [named, others] : groups) {
    if (named.size() <= names_max)
      continue;
    std::vector<std::pair<std::int64_t, std::string>> by_size;
    for (const auto& [name, counts] : named)
      by_size.emplace_back(-counts.sum(), name);
    std::ranges::sort(by_size);
    for (auto at = names_max; at < by_size.size(); ++at) {
      const auto gone = named.extract(by_size[at].second);
      others.add(gone.mapped());
    }
  }
}

}  // namespace carillon
