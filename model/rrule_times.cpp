#include "model/rrule_times.hpp"

#include <algorithm>
#include <bit>

namespace carillon {

namespace {

using bits = std::uint64_t;

bits bit(int index) {
  return bits{1} << static_cast<unsigned>(index);
}

/// The lowest set bit from `index` on, which may be 64; 64: there is none.
int bit_from(bits set, int index) {
  return index >= 64 ? 64 : std::countr_zero(set & ~(bit(index) - 1));
}

/// The highest set bit up to `index`, which may be -1; -1: there is none.
int bit_until(bits set, int index) {
  return index < 0 ? -1 : 63 - std::countl_zero(set & (bit(index) | (bit(index) - 1)));
}

bits all_below(int count) {
  return bit(count) - 1;
}

bits bits_of(const std::vector<int>& values) {
  bits set = 0;
  for (const int value : values)
    set |= bit(value);
  return set;
}

std::vector<int> at_most(std::vector<int> values, int limit) {
  std::erase_if(values, [limit](int value) { return value > limit; });
  return values;
}

std::int64_t second_of_day(int hour, int minute, int second) {
  return hour * 3600 + minute * 60 + second;
}

}  // namespace

std::int64_t rrule_unit(rrule_frequency frequency) {
  switch (frequency) {
    case rrule_frequency::secondly:
      return 1;
    case rrule_frequency::minutely:
      return 60;
    case rrule_frequency::hourly:
      return 3600;
    default:
      return seconds_per_day;
  }
}

rrule_times::rrule_times(const rrule_parts& rule)
    : hours_{rule.frequency >= rrule_frequency::daily ? rule.by_hour : std::vector{0}},
      minutes_{rule.frequency >= rrule_frequency::hourly ? rule.by_minute : std::vector{0}},
      seconds_{rule.frequency >= rrule_frequency::minutely ? at_most(rule.by_second, 59)
                                                           : std::vector{0}} {}

std::size_t rrule_times::size() const {
  return hours_.size() * minutes_.size() * seconds_.size();
}

std::int64_t rrule_times::at(std::size_t index) const {
  const auto minute = index / seconds_.size();
  return second_of_day(hours_[minute / minutes_.size()], minutes_[minute % minutes_.size()],
                       seconds_[index % seconds_.size()]);
}

std::size_t rrule_times::index_from(std::int64_t second) const {
  std::size_t low = 0;
  auto high = size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (at(middle) < second)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// A frequency leaves only the begins of its units; a list that is not given leaves all of them.
rrule_clock_limit::rrule_clock_limit(const rrule_parts& rule)
    : hours_{1}, minutes_{1}, seconds_{1} {
  if (rule.frequency <= rrule_frequency::hourly)
    hours_ = rule.by_hour.empty() ? all_below(24) : bits_of(rule.by_hour);
  if (rule.frequency <= rrule_frequency::minutely)
    minutes_ = rule.by_minute.empty() ? all_below(60) : bits_of(rule.by_minute);
  if (rule.frequency <= rrule_frequency::secondly)
    seconds_ = rule.by_second.empty() ? all_below(60) : bits_of(rule.by_second) & all_below(60);
}

std::optional<std::int64_t> rrule_clock_limit::first_from(std::int64_t second) const {
  if (seconds_ == 0)
    return {};
  const auto hour = static_cast<int>(second / 3600);
  const auto minute = static_cast<int>(second / 60 % 60);
  if ((hours_ & bit(hour)) != 0) {
    if ((minutes_ & bit(minute)) != 0) {
      const auto found = bit_from(seconds_, static_cast<int>(second % 60));
      if (found < 64)
        return second_of_day(hour, minute, found);
    }
    const auto found = bit_from(minutes_, minute + 1);
    if (found < 64)
      return second_of_day(hour, found, bit_from(seconds_, 0));
  }
  const auto found = bit_from(hours_, hour + 1);
  if (found == 64)
    return {};
  return second_of_day(found, bit_from(minutes_, 0), bit_from(seconds_, 0));
}

std::optional<std::int64_t> rrule_clock_limit::last_until(std::int64_t second) const {
  if (seconds_ == 0)
    return {};
  const auto hour = static_cast<int>(second / 3600);
  const auto minute = static_cast<int>(second / 60 % 60);
  if ((hours_ & bit(hour)) != 0) {
    if ((minutes_ & bit(minute)) != 0) {
      const auto found = bit_until(seconds_, static_cast<int>(second % 60));
      if (found >= 0)
        return second_of_day(hour, minute, found);
    }
    const auto found = bit_until(minutes_, minute - 1);
    if (found >= 0)
      return second_of_day(hour, found, bit_until(seconds_, 63));
  }
  const auto found = bit_until(hours_, hour - 1);
  if (found < 0)
    return {};
  return second_of_day(found, bit_until(minutes_, 63), bit_until(seconds_, 63));
}

}  // namespace carillon
