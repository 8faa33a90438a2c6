#include "model/cron.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "model/cron_parser.hpp"

namespace carillon {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::year;
using std::chrono::year_month;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr year first_year{0};
constexpr year last_year{9999};
constexpr local_seconds first_second = local_days{first_year / 1 / 1};
constexpr local_seconds last_second = local_days{last_year / 12 / 31} + days{1} - seconds{1};

// -- sets of small numbers ----------------------------------------------------

bool has(std::uint64_t set, int value) {
  return ((set >> static_cast<unsigned>(value)) & 1U) != 0;
}

std::uint64_t bit(int value) {
  return std::uint64_t{1} << static_cast<unsigned>(value);
}

/// One search serves both directions. `nearest` is the first value of a set at `from` or beyond it,
/// -1 <= from <= 63.
struct forwards {
  static constexpr int step = 1;
  static constexpr int begin = 0;

  static std::optional<int> nearest(std::uint64_t set, int from) {
    const auto rest = set & (~std::uint64_t{0} << static_cast<unsigned>(from));
    return rest == 0 ? std::nullopt : std::optional{std::countr_zero(rest)};
  }
};

struct backwards {
  static constexpr int step = -1;
  static constexpr int begin = 63;

  static std::optional<int> nearest(std::uint64_t set, int from) {
    const auto rest = from < 0 ? 0 : set & (~std::uint64_t{0} >> static_cast<unsigned>(63 - from));
    return rest == 0 ? std::nullopt : std::optional{63 - std::countl_zero(rest)};
  }
};

/// Of a set that is not empty.
template <class Direction>
int first_of(std::uint64_t set) {
  return *Direction::nearest(set, Direction::begin);
}

// -- the days of a month ------------------------------------------------------

constexpr int length_min = 28;
constexpr int length_max = 31;

/// All that the days of a month depend on.
struct month_shape {
  int length;
  int first_weekday;  ///< 0 is Sunday.
};

month_shape shape_of(year_month month) {
  return {static_cast<int>(static_cast<unsigned>((month / std::chrono::last).day())),
          static_cast<int>(std::chrono::weekday{local_days{month / 1}}.c_encoding())};
}

int weekday_of(const month_shape& month, int day) {
  return (month.first_weekday + day - 1) % 7;
}

/// The day from Monday to Friday nearest to `day` without leaving the month.
int nearest_working_day(const month_shape& month, int day) {
  switch (weekday_of(month, day)) {
    case 0:
      return day == month.length ? day - 2 : day + 1;
    case 6:
      return day == 1 ? day + 2 : day - 1;
    default:
      return day;
  }
}

bool matches(const cron_days_of_week& rule, const month_shape& month, int day) {
  const auto weekday = weekday_of(month, day);
  const auto nth = static_cast<std::size_t>((day - 1) / 7);
  return has(rule.every, weekday) || has(rule.nth[nth], weekday)
         || (has(rule.last, weekday) && day + 7 > month.length);
}

std::uint64_t days_by_date(const cron_days_of_month& rule, const month_shape& month) {
  std::uint64_t found = 0;
  for (int day = 1; day <= month.length; ++day) {
    const auto before_last = month.length - day;
    if (has(rule.days, day) || has(rule.before_last, before_last))
      found |= bit(day);
    if (has(rule.near_days, day) || has(rule.near_before_last, before_last))
      found |= bit(nearest_working_day(month, day));
  }
  return found;
}

std::uint64_t days_by_weekday(const cron_days_of_week& rule, const month_shape& month) {
  std::uint64_t found = 0;
  for (int day = 1; day <= month.length; ++day)
    if (matches(rule, month, day))
      found |= bit(day);
  return found;
}

std::uint32_t days_of_shape(const cron_fields& fields, const month_shape& month) {
  const auto by_date = days_by_date(fields.days_of_month, month);
  const auto by_weekday = days_by_weekday(fields.days_of_week, month);
  return static_cast<std::uint32_t>(fields.both_days ? by_date & by_weekday : by_date | by_weekday);
}

bool can_be_long(int month, int length) {
  if (month == 2)
    return length <= 29;
  return length == (month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31);
}

}  // namespace

// -- reading ------------------------------------------------------------------

expected<cron_expression> cron_expression::parse(std::string_view text, std::string_view location) {
  const auto fields = parse_cron_fields(text, location);
  if (!fields)
    return fields.error();
  const cron_expression rule{*fields};
  if (rule.can_match())
    return rule;
  fault_list faults;
  faults.add(std::string{location}, "never comes: its months have no such day", text);
  return std::move(faults).to_problem();
}

cron_expression::cron_expression(const cron_fields& fields)
    : seconds_{fields.seconds},
      minutes_{fields.minutes},
      hours_{static_cast<std::uint32_t>(fields.hours)},
      months_{static_cast<std::uint16_t>(fields.months)},
      interval_{fields.interval} {
  for (int length = length_min; length <= length_max; ++length)
    for (int weekday = 0; weekday < 7; ++weekday)
      days_by_shape_[length - length_min][weekday] = days_of_shape(fields, {length, weekday});
}

/// In 400 years every month begins on every weekday in each length it can have.
bool cron_expression::can_match() const {
  for (int month = 1; month <= 12; ++month)
    for (int length = length_min; length <= length_max; ++length)
      if (has(months_, month) && can_be_long(month, length)
          && std::ranges::any_of(days_by_shape_[length - length_min],
                                 [](std::uint32_t days) { return days != 0; }))
        return true;
  return false;
}

// -- searching ----------------------------------------------------------------

std::optional<local_seconds> cron_expression::next(local_seconds after) const {
  if (after >= last_second)
    return {};
  return nearest<forwards>(std::max(after + seconds{1}, first_second));
}

std::optional<local_seconds> cron_expression::previous(local_seconds before) const {
  if (before <= first_second)
    return {};
  return nearest<backwards>(std::min(before - seconds{1}, last_second));
}

template <class Direction>
std::optional<local_seconds> cron_expression::nearest(local_seconds from) const {
  const auto today = std::chrono::floor<days>(from);
  auto day = nearest_day<Direction>(today);
  if (day == today) {
    if (const auto time = nearest_time<Direction>(from - today))
      return today + *time;
    day = nearest_day<Direction>(today + days{Direction::step});
  }
  if (!day)
    return {};
  return *day + hours{first_of<Direction>(hours_)} + minutes{first_of<Direction>(minutes_)}
         + seconds{first_of<Direction>(seconds_)};
}

/// Jumps over months that are not in the rule. Ends: can_match() found a month that recurs.
template <class Direction>
std::optional<local_days> cron_expression::nearest_day(local_days from) const {
  const year_month_day date{from};
  auto month_from = static_cast<int>(static_cast<unsigned>(date.month()));
  auto day_from = static_cast<int>(static_cast<unsigned>(date.day()));
  for (auto in = date.year(); first_year <= in && in <= last_year; in += years{Direction::step}) {
    auto month = Direction::nearest(months_, month_from);
    for (; month; month = Direction::nearest(months_, *month + Direction::step)) {
      const auto candidate = in / *month;
      if (*month != month_from)
        day_from = Direction::begin;
      if (const auto day = Direction::nearest(days_of(candidate), day_from))
        return local_days{candidate / *day};
    }
    month_from = Direction::begin;
    day_from = Direction::begin;
  }
  return {};
}

/// Within one day: the same minute, else the same hour, else another hour.
template <class Direction>
std::optional<seconds> cron_expression::nearest_time(seconds from) const {
  const std::chrono::hh_mm_ss clock{from};
  const auto hour = static_cast<int>(clock.hours().count());
  const auto minute = static_cast<int>(clock.minutes().count());
  const auto second = static_cast<int>(clock.seconds().count());
  if (has(hours_, hour)) {
    if (has(minutes_, minute))
      if (const auto found = Direction::nearest(seconds_, second))
        return hours{hour} + minutes{minute} + seconds{*found};
    if (const auto found = Direction::nearest(minutes_, minute + Direction::step))
      return hours{hour} + minutes{*found} + seconds{first_of<Direction>(seconds_)};
  }
  if (const auto found = Direction::nearest(hours_, hour + Direction::step))
    return hours{*found} + minutes{first_of<Direction>(minutes_)}
           + seconds{first_of<Direction>(seconds_)};
  return {};
}

std::uint32_t cron_expression::days_of(year_month month) const {
  const auto shape = shape_of(month);
  return days_by_shape_[shape.length - length_min][shape.first_weekday];
}

}  // namespace carillon
