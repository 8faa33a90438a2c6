#include "model/schedule.hpp"

#include <algorithm>
#include <array>

namespace carillon {
namespace {

constexpr std::array<std::string_view, schedule_status_count> status_words{
    "active", "paused", "ended", "canceled", "deleted"};
constexpr std::array<std::string_view, 3> catch_up_words{"latest", "all", "skip"};
constexpr std::array<std::string_view, 4> overlap_words{"queue", "skip", "terminate", "allow"};

template <class Enum, std::size_t size>
std::optional<Enum> find_word(const std::array<std::string_view, size>& words,
                              std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end())
    return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

/// The same for a schedule's whole life, and spread evenly over schedules.
duration jitter_of(const schedule& subject) {
  const auto most = static_cast<std::uint64_t>(subject.spec->jitter.count());
  const auto mixed = random_part(subject.id) * 0x9E3779B97F4A7C15ULL >> 16;
  return duration{static_cast<std::int64_t>(mixed % (most + 1))};
}

constexpr duration grain{1};

}  // namespace

recurrence_spec recurrence_spec_of(const schedule& subject) {
  const auto& spec = *subject.spec;
  return {spec.kind, spec.expr, spec.timezone, spec.dst, subject.created_at, subject.counted_last};
}

moments::moments(const schedule& subject, recurrence rule)
    : rule_{std::move(rule)},
      start_{subject.spec->start_at},
      end_{subject.spec->end_at},
      offset_{jitter_of(subject)} {}

std::optional<moment> moments::next(instant after) const {
  auto from = after - offset_;
  if (start_ && from < *start_)
    from = *start_ - grain;
  auto found = rule_.next(from);
  if (!found || (end_ && found->at > *end_))
    return std::nullopt;
  found->at += offset_;
  return found;
}

std::optional<moment> moments::previous(instant before) const {
  auto from = before - offset_;
  if (end_ && from > *end_)
    from = *end_ + grain;
  auto found = rule_.previous(from);
  if (!found || (start_ && found->at < *start_))
    return std::nullopt;
  found->at += offset_;
  return found;
}

std::vector<instant> upcoming(const moments& all, instant from, std::size_t limit) {
  std::vector<instant> shown;
  for (auto at = all.next(from); at && shown.size() < limit; at = all.next(at->at))
    if (at->runs)
      shown.push_back(at->at);
  return shown;
}

bool is_late(const schedule& subject, instant now) {
  return subject.wake_at && *subject.wake_at + late_min < now;
}

std::string_view to_string(schedule_status status) {
  return status_words[static_cast<std::size_t>(status)];
}

std::string_view to_string(restart_policy policy) {
  constexpr std::array<std::string_view, 3> words{"never", "always", "on_failure"};
  return words[static_cast<std::size_t>(policy)];
}

std::string_view to_string(catch_up_policy policy) {
  return catch_up_words[static_cast<std::size_t>(policy)];
}

std::optional<catch_up_policy> parse_catch_up_policy(std::string_view word) {
  return find_word<catch_up_policy>(catch_up_words, word);
}

std::string_view to_string(overlap_policy policy) {
  return overlap_words[static_cast<std::size_t>(policy)];
}

std::optional<overlap_policy> parse_overlap_policy(std::string_view word) {
  return find_word<overlap_policy>(overlap_words, word);
}

}  // namespace carillon
