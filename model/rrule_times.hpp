#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/rrule_parts.hpp"

namespace carillon {

inline constexpr std::int64_t seconds_per_day = 86400;

/// The seconds from one period of the frequency to the next; of a day for what is longer.
std::int64_t rrule_unit(rrule_frequency frequency);

/// What BYHOUR, BYMINUTE and BYSECOND expand one unit (a day, an hour, a minute, a second) to:
/// every combination, in rising order. Never stored whole, it may be 86400.
class rrule_times {
public:
  explicit rrule_times(const rrule_parts& rule);

  [[nodiscard]] std::size_t size() const;
  /// In seconds from the begin of the unit.
  [[nodiscard]] std::int64_t at(std::size_t index) const;
  /// The first index whose time is not before `second`; size() when there is none.
  [[nodiscard]] std::size_t index_from(std::int64_t second) const;

private:
  std::vector<int> hours_;
  std::vector<int> minutes_;
  std::vector<int> seconds_;
};

/// The begins of units that BYHOUR, BYMINUTE and BYSECOND leave in a day, where they limit.
class rrule_clock_limit {
public:
  explicit rrule_clock_limit(const rrule_parts& rule);

  /// The first that is not before / the last that is not after `second` of the day.
  [[nodiscard]] std::optional<std::int64_t> first_from(std::int64_t second) const;
  [[nodiscard]] std::optional<std::int64_t> last_until(std::int64_t second) const;

private:
  // One bit each.
  std::uint64_t hours_;
  std::uint64_t minutes_;
  std::uint64_t seconds_;
};

}  // namespace carillon
