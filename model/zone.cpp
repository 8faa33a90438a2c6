#include "model/zone.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <optional>
#include <utility>

#include "model/posix_tz.hpp"

namespace carillon {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Local and real time are never this far from each other.
constexpr hours reach{26};

void append_offset(std::string& out, minutes offset) {
  const auto part = [&out](auto number) {
    out += static_cast<char>('0' + number / 10);
    out += static_cast<char>('0' + number % 10);
  };
  out += offset < minutes{0} ? '-' : '+';
  const auto size = std::chrono::abs(offset).count();
  part(size / 60);
  out += ':';
  part(size % 60);
}

}  // namespace

zone::zone(std::string name, seconds first, std::vector<zone_change> changes, std::string_view tail)
    : name_{std::move(name)}, first_{first}, changes_{std::move(changes)} {
  const auto rule = posix_tz::parse(tail);
  assert(rule || tail.empty());
  if (!rule)
    return;
  const auto last = changes_.empty() ? sys_seconds::min() : changes_.back().at;
  auto span = rule->span_at(last);
  if (changes_.empty())
    first_ = span.offset;
  // Should the two disagree about the time right after the last change, the table is right.
  const auto offset = changes_.empty() ? first_ : changes_.back().offset;
  do {
    if (span.end == sys_seconds::max())
      return;
    span = rule->span_at(span.end);
  } while (span.offset == offset);
  tail_ = std::make_unique<const posix_tz>(*rule);
  tail_from_ = span.begin;
}

zone::~zone() = default;

zone_span zone::span_at(sys_seconds at) const {
  if (tail_ && at >= tail_from_)
    return tail_->span_at(at);
  const auto next = std::upper_bound(
      changes_.begin(), changes_.end(), at,
      [](sys_seconds moment, const zone_change& change) { return moment < change.at; });
  const auto end = next == changes_.end() ? tail_from_ : next->at;
  if (next == changes_.begin())
    return {sys_seconds::min(), end, first_};
  const auto& current = *std::prev(next);
  return {current.at, end, current.offset};
}

bool zone::same_rules(const zone& other) const {
  if (first_ != other.first_ || changes_ != other.changes_)
    return false;
  return tail_ && other.tail_ ? *tail_ == *other.tail_ : tail_ == other.tail_;
}

zone_ptr utc_zone() {
  static const auto utc =
      std::make_shared<const zone>("UTC", seconds{0}, std::vector<zone_change>{}, "");
  return utc;
}

real_times to_real(const zone& where, local_seconds at) {
  at = std::clamp(at, local_seconds::min() + 2 * reach, local_seconds::max() - 2 * reach);
  const sys_seconds middle{at.time_since_epoch()};
  std::optional<sys_seconds> gap_end;
  std::optional<sys_seconds> found;
  for (auto span = where.span_at(middle - reach);; span = where.span_at(span.end)) {
    const auto real = span.to_real(at);
    if (real >= span.begin && real < span.end) {
      if (found)
        return {real_times::kind::repeated, *found, real};
      found = real;
    } else if (real < span.begin && !gap_end) {
      gap_end = span.begin;
    }
    if (span.end > middle + reach)
      break;
  }
  if (found)
    return {real_times::kind::unique, *found, *found};
  return {real_times::kind::gap, *gap_end, *gap_end};
}

std::string format_local(const zone& where, instant at) {
  at = std::clamp(at, instant_min, instant_max);
  const auto span = where.span_at(std::chrono::floor<seconds>(at));
  // RFC 3339 has neither offsets with seconds, as local mean time had them, nor a year 10000.
  auto offset = std::chrono::round<minutes>(span.offset);
  if (at + offset < instant_min || at + offset > instant_max)
    offset = minutes{0};
  auto text = format_instant(at + offset);
  text.pop_back();  // Z
  append_offset(text, offset);
  return text;
}

}  // namespace carillon
