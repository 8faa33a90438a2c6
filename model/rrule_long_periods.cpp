#include <algorithm>
#include <bit>

#include "model/rrule_periods.hpp"

namespace carillon {

namespace {

/// Numbers the periods of one frequency and fills them. The number of a period has no meaning but
/// its distance to others.
class period_kind {
public:
  virtual ~period_kind() = default;

  /// How many there are in 400 years.
  [[nodiscard]] virtual std::int64_t cycle() const = 0;
  [[nodiscard]] virtual std::int64_t number_of(day_number day) const = 0;
  [[nodiscard]] virtual day_number first_day(std::int64_t number) const = 0;
  virtual void add_days(std::int64_t number, std::vector<std::int64_t>& units) const = 0;
};

void add_month(const rrule_days& days, std::int64_t year, unsigned month, day_number first,
               std::vector<std::int64_t>& units) {
  for (auto left = days.of_month(year, month); left != 0; left &= left - 1)
    units.push_back((first + std::countr_zero(left)) * seconds_per_day);
}

day_number first_of_month(std::int64_t year, unsigned month) {
  const std::chrono::local_days day{std::chrono::year{static_cast<int>(year)}
                                    / std::chrono::month{month} / 1};
  return day.time_since_epoch().count();
}

void add_week(rrule_day_walk& walk, day_number first, std::vector<std::int64_t>& units) {
  for (auto day = first; day < first + 7; ++day) {
    if (walk.matches(day))
      units.push_back(day * seconds_per_day);
  }
}

class weeks final : public period_kind {
public:
  explicit weeks(const rrule_parts& rule)
      : days_{rule}, origin_{(rule.week_start + 7 - weekday_of(0)) % 7} {}

  [[nodiscard]] std::int64_t cycle() const override { return 20871; }
  [[nodiscard]] std::int64_t number_of(day_number day) const override {
    return floor_div(day - origin_, 7);
  }
  [[nodiscard]] day_number first_day(std::int64_t number) const override {
    return number * 7 + origin_;
  }
  void add_days(std::int64_t number, std::vector<std::int64_t>& units) const override {
    rrule_day_walk walk{days_};
    add_week(walk, first_day(number), units);
  }

private:
  rrule_days days_;
  day_number origin_;  ///< The begin of week 0.
};

class months final : public period_kind {
public:
  explicit months(const rrule_parts& rule) : days_{rule} {}

  [[nodiscard]] std::int64_t cycle() const override { return 4800; }
  [[nodiscard]] std::int64_t number_of(day_number day) const override {
    const std::chrono::year_month_day date{std::chrono::local_days{std::chrono::days{day}}};
    return static_cast<int>(date.year()) * 12
           + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  }
  [[nodiscard]] day_number first_day(std::int64_t number) const override {
    return first_of_month(floor_div(number, 12), month_of(number));
  }
  void add_days(std::int64_t number, std::vector<std::int64_t>& units) const override {
    add_month(days_, floor_div(number, 12), month_of(number), first_day(number), units);
  }

private:
  static unsigned month_of(std::int64_t number) {
    return static_cast<unsigned>(floor_mod(number, 12)) + 1;
  }

  rrule_days days_;
};

class years final : public period_kind {
public:
  explicit years(const rrule_parts& rule) : days_{rule} {}

  [[nodiscard]] std::int64_t cycle() const override { return 400; }
  [[nodiscard]] std::int64_t number_of(day_number day) const override { return year_of(day); }
  [[nodiscard]] day_number first_day(std::int64_t number) const override {
    return first_of_year(number);
  }
  void add_days(std::int64_t number, std::vector<std::int64_t>& units) const override {
    for (unsigned month = 1; month <= 12; ++month)
      add_month(days_, number, month, first_of_month(number, month), units);
  }

private:
  rrule_days days_;
};

/// With BYWEEKNO the periods are the years of ISO 8601, made of whole weeks: only so does a week
/// that reaches over January 1 belong to one period, which INTERVAL and BYSETPOS need.
class week_years final : public period_kind {
public:
  explicit week_years(const rrule_parts& rule)
      : days_{rule}, numbers_{rule.by_week_no}, week_start_{rule.week_start} {}

  [[nodiscard]] std::int64_t cycle() const override { return 400; }
  [[nodiscard]] std::int64_t number_of(day_number day) const override {
    const auto year = year_of(day);
    if (day < first_day(year))
      return year - 1;
    return day < first_day(year + 1) ? year : year + 1;
  }
  /// Week 1 is the first with four days or more in the year: the one that holds January 4.
  [[nodiscard]] day_number first_day(std::int64_t number) const override {
    const auto fourth = first_of_year(number) + 3;
    return fourth - (weekday_of(fourth) + 7 - week_start_) % 7;
  }
  void add_days(std::int64_t number, std::vector<std::int64_t>& units) const override {
    const auto first = first_day(number);
    const auto count = (first_day(number + 1) - first) / 7;
    rrule_day_walk walk{days_};
    for (std::int64_t week = 1; week <= count; ++week) {
      if (has(week) || has(week - count - 1))
        add_week(walk, first + (week - 1) * 7, units);
    }
  }

private:
  [[nodiscard]] bool has(std::int64_t week) const {
    return std::binary_search(numbers_.begin(), numbers_.end(), static_cast<int>(week));
  }

  rrule_days days_;
  std::vector<int> numbers_;
  unsigned week_start_;
};

std::unique_ptr<const period_kind> kind_of(const rrule_parts& rule) {
  if (rule.frequency == rrule_frequency::weekly)
    return std::make_unique<weeks>(rule);
  if (rule.frequency == rrule_frequency::monthly)
    return std::make_unique<months>(rule);
  if (rule.by_week_no.empty())
    return std::make_unique<years>(rule);
  return std::make_unique<week_years>(rule);
}

class periods_of_days final : public rrule_periods {
public:
  periods_of_days(const rrule_parts& rule, local_seconds start)
      : kind_{kind_of(rule)},
        interval_{rule.interval},
        origin_{number_at(start.time_since_epoch().count())} {}

  bool first_from(std::int64_t second, rrule_period& found) const override {
    auto number = number_at(second);
    number += floor_mod(origin_ - number, interval_);
    const auto last = std::min(kind_->number_of(day_max), number + cycle() * interval_);
    for (; number <= last; number += interval_) {
      if (fill(number, found))
        return true;
    }
    return false;
  }

  bool last_until(std::int64_t second, rrule_period& found) const override {
    auto number = number_at(second);
    number -= floor_mod(number - origin_, interval_);
    for (; number >= origin_; number -= interval_) {
      if (fill(number, found))
        return true;
    }
    return false;
  }

  [[nodiscard]] std::int64_t cycle() const override { return kind_->cycle(); }

  std::int64_t pass_days(std::int64_t&, std::int64_t) const override { return 0; }

private:
  [[nodiscard]] std::int64_t number_at(std::int64_t second) const {
    return kind_->number_of(floor_div(second, seconds_per_day));
  }

  bool fill(std::int64_t number, rrule_period& found) const {
    found.units.clear();
    kind_->add_days(number, found.units);
    if (found.units.empty())
      return false;
    found.begin = kind_->first_day(number) * seconds_per_day;
    found.end = kind_->first_day(number + 1) * seconds_per_day;
    return true;
  }

  std::unique_ptr<const period_kind> kind_;
  std::int64_t interval_;
  std::int64_t origin_;
};

}  // namespace

std::unique_ptr<const rrule_periods> long_periods(const rrule_parts& rule, local_seconds start) {
  return std::make_unique<periods_of_days>(rule, start);
}

}  // namespace carillon
