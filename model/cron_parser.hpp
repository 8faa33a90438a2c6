#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/problem.hpp"

namespace carillon {

inline constexpr std::size_t cron_bytes_max = 512;

/// Bit n is the value n.
using cron_values = std::uint64_t;

struct cron_days_of_month {
  cron_values days = 0;
  cron_values before_last = 0;  ///< Bit n: n days before the last (L is 0, L-3 is 3).
  /// The weekday from Monday to Friday nearest to such a day, inside the month (15W, LW, L-3W).
  cron_values near_days = 0;
  cron_values near_before_last = 0;
};

/// Bits 0 (Sunday) to 6.
struct cron_days_of_week {
  cron_values every = 0;
  cron_values last = 0;              ///< FRIL: the last one of the month.
  std::array<cron_values, 5> nth{};  ///< FRI#2: the second one of the month is in nth[1].
};

/// What an expression says, field by field. No set of values is empty.
struct cron_fields {
  cron_values seconds = 1;
  cron_values minutes = 0;
  cron_values hours = 0;
  cron_values months = 0;
  cron_days_of_month days_of_month;
  cron_days_of_week days_of_week;
  bool both_days = false;  ///< A day must match both day fields; else one of them is enough.
  bool interval = false;   ///< The minute or the hour field begins with a star.
};

/// Reads the text of an expression.
///
/// - An item of a list is `*`, a value, a range a-b, each with a step /n if wanted; a/n goes from a
///   to the end. A step is at most the number of values of its field.
/// - Ranges go over the end where the field is a circle: FRI-MON, NOV-FEB, 22-2, 50-10. Days of the
///   month are none.
/// - `?` alone is a star in the day fields. Names, L, W and macros are read in any case.
/// - Day of month: L, L-3, LW, L-3W, 15W. A month without the 31st has no 31W either.
/// - Day of week: 5L or FRIL, 5#2 or FRI#2.
///
/// The problem is of kind invalid and tells all faults of all fields, each at `location`.
expected<cron_fields> parse_cron_fields(std::string_view text, std::string_view location);

}  // namespace carillon
