#include "model/rrule_days.hpp"

#include <bit>
#include <bitset>
#include <cstdlib>

namespace carillon {

namespace {

std::chrono::local_days to_days(day_number day) {
  return std::chrono::local_days{std::chrono::days{day}};
}

std::chrono::year to_year(std::int64_t year) {
  return std::chrono::year{static_cast<int>(year)};
}

/// Where a day stands in its year and its month, counted from 1 and, negative, from the end.
struct day_place {
  int month;
  int month_day;
  int month_day_back;
  int year_day;
  int year_day_back;
  unsigned weekday;
};

/// Numbers -366..366 of a BY list.
class number_set {
public:
  number_set() = default;
  explicit number_set(const std::vector<int>& numbers) {
    for (const int number : numbers)
      add(number);
  }

  void add(int number) { held_.set(place(number)); }
  [[nodiscard]] bool empty() const { return held_.none(); }
  [[nodiscard]] bool has(int number) const { return held_.test(place(number)); }
  /// True, too, when the part was not given.
  [[nodiscard]] bool allows(int number, int from_end) const {
    return empty() || has(number) || has(from_end);
  }

private:
  static std::size_t place(int number) { return static_cast<std::size_t>(number) + 366; }

  std::bitset<733> held_;
};

class day_test {
public:
  explicit day_test(const rrule_parts& rule)
      : months_{rule.by_month},
        month_days_{rule.by_month_day},
        year_days_{rule.by_year_day},
        any_weekday_{rule.by_day.empty()},
        // RFC 5545, note 2 of 3.3.10: ordinals count in the month where BYMONTH is given.
        in_year_{rule.frequency == rrule_frequency::yearly && rule.by_month.empty()} {
    for (const auto& [ordinal, weekday] : rule.by_day)
      ordinals_.at(weekday).add(ordinal);
  }

  [[nodiscard]] bool operator()(const day_place& day) const {
    return months_.allows(day.month, day.month)
           && month_days_.allows(day.month_day, day.month_day_back)
           && year_days_.allows(day.year_day, day.year_day_back) && weekday_matches(day);
  }

private:
  [[nodiscard]] bool weekday_matches(const day_place& day) const {
    if (any_weekday_)
      return true;
    const auto& ordinals = ordinals_.at(day.weekday);
    const auto week = [](int place) { return (place - 1) / 7 + 1; };
    const auto week_back = [](int place) { return (place + 1) / 7 - 1; };
    return ordinals.has(0) || ordinals.has(week(in_year_ ? day.year_day : day.month_day))
           || ordinals.has(week_back(in_year_ ? day.year_day_back : day.month_day_back));
  }

  number_set months_;
  number_set month_days_;
  number_set year_days_;
  std::array<number_set, 7> ordinals_;
  bool any_weekday_;
  bool in_year_;
};

int length_of_month(int month, bool leap) {
  constexpr std::array lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap ? 29 : lengths.at(static_cast<std::size_t>(month - 1));
}

std::array<std::uint32_t, 12> days_of_year(const day_test& test, unsigned weekday, bool leap) {
  std::array<std::uint32_t, 12> days{};
  day_place day{1, 1, 0, 1, leap ? -366 : -365, weekday};
  for (; day.month <= 12; ++day.month) {
    const auto length = length_of_month(day.month, leap);
    day.month_day_back = -length;
    for (day.month_day = 1; day.month_day <= length; ++day.month_day) {
      if (test(day))
        days.at(static_cast<std::size_t>(day.month - 1)) |= 1U << (day.month_day - 1);
      ++day.month_day_back;
      ++day.year_day;
      ++day.year_day_back;
      day.weekday = (day.weekday + 1) % 7;
    }
  }
  return days;
}

}  // namespace

day_number first_of_year(std::int64_t year) {
  return std::chrono::local_days{to_year(year) / 1 / 1}.time_since_epoch().count();
}

std::int64_t year_of(day_number day) {
  return static_cast<int>(std::chrono::year_month_day{to_days(day)}.year());
}

unsigned weekday_of(day_number day) {
  return std::chrono::weekday{to_days(day)}.c_encoding();
}

rrule_days::rrule_days(const rrule_parts& rule) {
  const day_test test{rule};
  for (unsigned weekday = 0; weekday < 7; ++weekday) {
    years_.at(weekday) = days_of_year(test, weekday, false);
    years_.at(weekday + 7) = days_of_year(test, weekday, true);
  }
}

std::uint32_t rrule_days::of_month(std::int64_t year, unsigned month) const {
  return years_[weekday_of(first_of_year(year)) + (to_year(year).is_leap() ? 7U : 0U)][month - 1];
}

void rrule_day_walk::enter_month_of(day_number day) {
  const std::chrono::year_month_day date{to_days(day)};
  const auto month = static_cast<unsigned>(date.month());
  const auto year = static_cast<int>(date.year());
  begin_ = day - static_cast<unsigned>(date.day()) + 1;
  end_ = begin_ + length_of_month(static_cast<int>(month), date.year().is_leap());
  matching_ = days_.of_month(year, month);
}

bool rrule_day_walk::matches(day_number day) {
  if (day < begin_ || day >= end_)
    enter_month_of(day);
  return (matching_ >> (day - begin_) & 1U) != 0;
}

day_number rrule_day_walk::first_from(day_number day) {
  while (day <= day_max) {
    if (day < begin_ || day >= end_)
      enter_month_of(day);
    const auto left = matching_ >> (day - begin_);
    if (left != 0)
      return day + std::countr_zero(left);
    day = end_;
  }
  return day_max + 1;
}

day_number rrule_day_walk::last_until(day_number day) {
  while (day >= day_min) {
    if (day < begin_ || day >= end_)
      enter_month_of(day);
    const auto left = matching_ << (31 - (day - begin_));
    if (left != 0)
      return day - std::countl_zero(left);
    day = begin_ - 1;
  }
  return day_min - 1;
}

}  // namespace carillon
