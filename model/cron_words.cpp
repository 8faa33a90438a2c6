#include "model/cron_words.hpp"

#include <string_view>
#include <vector>

#include "model/english.hpp"

namespace carillon {

namespace {

constexpr cron_values all_months = 0x1FFE;
constexpr cron_values all_days = 0xFFFFFFFE;
constexpr cron_values all_weekdays = 0x7F;

std::vector<int> numbers_of(cron_values set) {
  std::vector<int> numbers;
  for (int number = 0; number < 64; ++number)
    if ((set >> static_cast<unsigned>(number) & 1U) != 0)
      numbers.push_back(number);
  return numbers;
}

/// "the 3rd last day" counts from 1, L-2 from 0.
std::string day_before_last(int before) {
  return "the " + ordinal(-1 - before) + " day";
}

/// What is not a plain day of the month needs "of the month" behind it.
std::string told_days_of_month(const cron_days_of_month& fields) {
  std::vector<std::string> items;
  if (fields.days != 0)
    items.push_back("the " + listed_ordinals(numbers_of(fields.days)));
  for (const auto day : numbers_of(fields.before_last))
    items.push_back(day_before_last(day));
  for (const auto day : numbers_of(fields.near_days))
    items.push_back("the working day nearest to the " + ordinal(day));
  for (const auto day : numbers_of(fields.near_before_last))
    items.push_back("the working day nearest to " + day_before_last(day));
  return listed(items);
}

struct weekday_words {
  std::string plain;     ///< "Monday to Friday"
  std::string of_month;  ///< "the last Friday and the 2nd Monday"

  [[nodiscard]] std::string alone() const {
    return plain + (plain.empty() || of_month.empty() ? "" : " or ") + of_month;
  }
};

weekday_words told_weekdays(const cron_days_of_week& fields, std::string_view last_word) {
  std::vector<std::string> items;
  const auto add = [&items](int nth, cron_values weekdays) {
    for (const auto weekday : numbers_of(weekdays))
      items.push_back("the " + ordinal(nth) + " " + std::string{weekday_name(weekday)});
  };
  for (std::size_t i = 0; i < fields.nth.size(); ++i)
    add(static_cast<int>(i) + 1, fields.nth[i]);
  add(-1, fields.last);
  return {listed_weekdays(numbers_of(fields.every), last_word), listed(items, last_word)};
}

/// "on the 13th of the month or on Friday", begins with a blank or a comma. Empty: every day.
std::string told_days(const cron_fields& fields) {
  const auto every_weekday = fields.days_of_week.every == all_weekdays;
  const auto every_day = fields.days_of_month.days == all_days;
  if (fields.both_days ? every_day && every_weekday : every_day || every_weekday)
    return {};
  const auto months = numbers_of(fields.months);
  const auto all_year = fields.months == all_months;
  const auto of_month = " of " + (all_year ? "the month" : listed_months(months));
  const auto in_months = all_year ? "" : " in " + listed_months(months);

  const auto by_month = told_days_of_month(fields.days_of_month) + of_month;
  if (fields.both_days && every_weekday)
    return " on " + by_month;
  if (fields.both_days && !every_day)
    return " on " + by_month + ", if it is " + told_weekdays(fields.days_of_week, "or").alone();

  const auto weekday = told_weekdays(fields.days_of_week, "and");
  std::vector<std::string> by_weekday;
  if (!weekday.plain.empty())
    by_weekday.push_back(weekday.plain + in_months);
  if (!weekday.of_month.empty())
    by_weekday.push_back(weekday.of_month + of_month);

  if (!fields.both_days)
    return " on " + by_month + " or on " + listed(by_weekday, "or on");
  const auto is_run = by_weekday.size() == 1 && weekday.plain.find(" to ") != std::string::npos;
  return (is_run ? ", " : " on ") + listed(by_weekday, "and on");
}

}  // namespace

std::string told(const cron_fields& fields) {
  const auto times = told(clock_times{numbers_of(fields.hours), numbers_of(fields.minutes),
                                      numbers_of(fields.seconds)});
  if (const auto days = told_days(fields); !days.empty())
    return times + days;
  // "At 09:00" alone might be told of a single day.
  const auto clock_time = times.starts_with("at ") && times[3] >= '0' && times[3] <= '9';
  const std::string every_day = clock_time ? " every day" : "";
  if (fields.months == all_months)
    return times + every_day;
  return times + every_day + " in " + listed_months(numbers_of(fields.months));
}

}  // namespace carillon
