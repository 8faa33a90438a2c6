#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/zone.hpp"

namespace carillon {

/// In rising order of length: "monthly or longer" is a comparison.
enum class rrule_frequency : std::uint8_t {
  secondly,
  minutely,
  hourly,
  daily,
  weekly,
  monthly,
  yearly
};

/// "MO" or "-1FR".
struct rrule_weekday {
  int ordinal;       ///< 0: every such weekday of the period; else the n-th, negative from the end.
  unsigned weekday;  ///< 0 is Sunday.

  bool operator==(const rrule_weekday&) const = default;
};

/// The parts of one RRULE. An empty list is a part that was not given.
struct rrule_parts {
  rrule_frequency frequency = rrule_frequency::daily;
  std::int64_t interval = 1;
  std::optional<std::int64_t> count = {};
  std::optional<local_seconds> until = {};
  std::vector<int> by_second = {};  ///< 60 may be in it and matches nothing.
  std::vector<int> by_minute = {};
  std::vector<int> by_hour = {};
  std::vector<rrule_weekday> by_day = {};
  std::vector<int> by_month_day = {};
  std::vector<int> by_year_day = {};
  std::vector<int> by_week_no = {};
  std::vector<int> by_month = {};
  std::vector<int> by_set_pos = {};
  unsigned week_start = 1;  ///< WKST; 0 is Sunday.
};

/// The rule with all that it leaves open taken from `start` (RFC 5545, 3.3.10: "Information, not
/// contained in the rule, ..."). With `round_times`, what is finer than a given BYHOUR or BYMINUTE
/// is 0 instead.
rrule_parts with_defaults(rrule_parts rule, local_seconds start, bool round_times);

}  // namespace carillon
