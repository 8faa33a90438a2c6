#pragma once

#include <array>
#include <cstdint>

#include "model/rrule_parts.hpp"

namespace carillon {

/// Days since 1970-01-01.
using day_number = std::int64_t;

/// The calendar of rules: 0000-01-01 to 9999-12-31.
inline constexpr day_number day_min = -719528;
inline constexpr day_number day_max = 2932896;

/// Of January 1.
day_number first_of_year(std::int64_t year);
std::int64_t year_of(day_number day);
/// 0 is Sunday.
unsigned weekday_of(day_number day);

/// The days that BYMONTH, BYMONTHDAY, BYYEARDAY and BYDAY leave. All of them are fixed by the
/// weekday a year begins with and by its length, so that fourteen years say it for all.
class rrule_days {
public:
  explicit rrule_days(const rrule_parts& rule);

  /// `month` is 1..12; bit 0 of the answer is the first of the month.
  [[nodiscard]] std::uint32_t of_month(std::int64_t year, unsigned month) const;

private:
  using year_days = std::array<std::uint32_t, 12>;
  std::array<year_days, 14> years_{};
};

/// Goes over the days of a rule; remembers the month it is in, which makes the next step cheap.
class rrule_day_walk {
public:
  /// `days` must outlive this.
  explicit rrule_day_walk(const rrule_days& days) : days_{days} {}

  [[nodiscard]] bool matches(day_number day);
  /// The first that is not before `day`; over day_max when there is none.
  [[nodiscard]] day_number first_from(day_number day);
  /// The last that is not after `day`; under day_min when there is none.
  [[nodiscard]] day_number last_until(day_number day);

private:
  void enter_month_of(day_number day);

  const rrule_days& days_;
  day_number begin_ = 0;  ///< Of the month.
  day_number end_ = 0;    ///< Of the next one; equal to begin_ before the first month is entered.
  std::uint32_t matching_ = 0;
};

}  // namespace carillon
