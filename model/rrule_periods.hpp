#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "model/rrule_days.hpp"
#include "model/rrule_times.hpp"

namespace carillon {

/// One period of a rule's frequency: [begin, end) in local seconds since 1970, and the begins of
/// its units (days, or the period itself when that is shorter) that the rule leaves, rising.
struct rrule_period {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::vector<std::int64_t> units = {};
};

/// Whole floors, also below zero.
constexpr std::int64_t floor_div(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}
constexpr std::int64_t floor_mod(std::int64_t number, std::int64_t by) {
  return number - floor_div(number, by) * by;
}

/// The periods that INTERVAL hits, counted from the one that holds the start, as far as they have
/// units. Finds each one directly, not by going from the start.
class rrule_periods {
public:
  virtual ~rrule_periods() = default;

  /// Fills `found` with the first that ends after / the last that begins not after `second`. False:
  /// there is none in the years 0 to 9999. Not asked for what is before the start's period.
  virtual bool first_from(std::int64_t second, rrule_period& found) const = 0;
  virtual bool last_until(std::int64_t second, rrule_period& found) const = 0;

  /// After so many of them, at the latest, all begins anew: the calendar repeats every 400 years.
  [[nodiscard]] virtual std::int64_t cycle() const = 0;

  /// Makes counting fast where periods are shorter than days: moves `second`, of a day after the
  /// start's that has no period before it, over whole days with at most `max` periods together.
  /// Returns how many. Long periods stay where they are.
  virtual std::int64_t pass_days(std::int64_t& second, std::int64_t max) const = 0;
};

/// WEEKLY, MONTHLY and YEARLY: periods of many days, each made in full.
std::unique_ptr<const rrule_periods> long_periods(const rrule_parts& rule, local_seconds start);

/// DAILY to SECONDLY: periods of one unit, found by arithmetic.
std::unique_ptr<const rrule_periods> short_periods(const rrule_parts& rule, local_seconds start);

}  // namespace carillon
