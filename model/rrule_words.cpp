#include "model/rrule_words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "model/english.hpp"
#include "model/rrule_parser.hpp"

namespace carillon {

namespace {

using std::chrono::seconds;

constexpr std::size_t dates_max = 3;  // More are only counted.

std::string_view unit_of(rrule_frequency frequency) {
  constexpr std::array<std::string_view, 7> units{"second", "minute", "hour", "day",
                                                  "week",   "month",  "year"};
  return units[static_cast<std::size_t>(frequency)];
}

std::vector<int> sorted(std::vector<int> numbers) {
  std::ranges::sort(numbers);
  const auto repeated = std::ranges::unique(numbers);
  numbers.erase(repeated.begin(), repeated.end());
  return numbers;
}

// -- days -----------------------------------------------------------------------------

/// The days of the week do not name days but choose among those that other parts name.
bool weekdays_limit(const rrule_parts& rule) {
  return !rule.by_day.empty() && (!rule.by_month_day.empty() || !rule.by_year_day.empty());
}

std::string told_weekdays(const rrule_parts& rule, std::string_view last_word) {
  const bool of_year = rule.frequency == rrule_frequency::yearly && rule.by_month.empty();
  std::vector<int> plain;
  std::vector<std::string> items;
  for (const auto& day : rule.by_day) {
    const auto weekday = static_cast<int>(day.weekday);
    if (day.ordinal == 0)
      plain.push_back(weekday);
    else
      items.push_back("the " + ordinal(day.ordinal) + " " + std::string{weekday_name(weekday)}
                      + (of_year ? " of the year" : ""));
  }
  if (!plain.empty()) {
    const bool several = rule.frequency >= rrule_frequency::monthly && !weekdays_limit(rule);
    items.insert(items.begin(),
                 (several ? "every " : "") + listed_weekdays(sorted(plain), last_word));
  }
  return listed(items, last_word);
}

std::string told_days(const rrule_parts& rule) {
  std::string text;
  if (!rule.by_month.empty())
    text += " in " + listed_months(sorted(rule.by_month));
  if (!rule.by_week_no.empty())
    text += " in the " + listed_ordinals(sorted(rule.by_week_no)) + " week";
  if (!rule.by_year_day.empty())
    text += " on the " + listed_ordinals(sorted(rule.by_year_day)) + " day of the year";
  if (!rule.by_month_day.empty()) {
    const bool plain =
        std::ranges::min(rule.by_month_day) > 0 && rule.frequency >= rrule_frequency::monthly;
    text += " on the " + listed_ordinals(sorted(rule.by_month_day))
            + (plain ? "" : " day of the month");
  }
  if (!rule.by_day.empty() && !weekdays_limit(rule))
    text += " on " + told_weekdays(rule, "and");
  return text;
}

// -- times ----------------------------------------------------------------------------

/// What is below the frequency's unit, and what limits the units above it.
std::string told_times(const rrule_parts& rule) {
  std::string text;
  const auto add = [&text](std::string_view before, std::string_view noun,
                           const std::vector<int>& numbers) {
    if (!numbers.empty())
      text.append(before).append(numbered(noun, sorted(numbers)));
  };
  const auto below = [&rule](rrule_frequency unit) { return rule.frequency > unit; };
  if (below(rrule_frequency::hourly)) {
    if (rule.by_hour.empty())
      return {};  // that of a start which is not known here
    return " "
           + told(
               clock_times{sorted(rule.by_hour), sorted(rule.by_minute), sorted(rule.by_second)});
  }
  if (rule.by_second != std::vector{0})
    add(below(rrule_frequency::secondly) ? " at " : " in ", "second", rule.by_second);
  add(below(rrule_frequency::minutely) ? " at " : " in ", "minute", rule.by_minute);
  add(" in ", "hour", rule.by_hour);
  return text;
}

/// "2030-01-01 09:00".
std::string told_date(local_seconds at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::hh_mm_ss time{at - day};
  const auto date = format_instant(instant{day.time_since_epoch()}).substr(0, 10);
  return date + " "
         + time_of_day(static_cast<int>(time.hours().count()),
                       static_cast<int>(time.minutes().count()),
                       static_cast<int>(time.seconds().count()));
}

std::string told_dates(const std::vector<local_seconds>& dates) {
  if (dates.size() > dates_max)
    return counted(static_cast<std::int64_t>(dates.size()), "given time");
  std::vector<std::string> items;
  for (const auto at : dates)
    items.push_back(told_date(at));
  return listed(items);
}

// -- the whole ------------------------------------------------------------------------

/// A text read in a place an hour from UTC as well: what differs was written in UTC.
struct reading {
  rrule_text here;
  rrule_text elsewhere;
};

std::string told_time(local_seconds here, local_seconds elsewhere) {
  return here == elsewhere ? told_date(here) : format_instant(instant{here.time_since_epoch()});
}

/// With what the start fills in, as far as it is known. A start in UTC has no local time here.
rrule_parts completed(const rrule_parts& rule, std::optional<local_seconds> start) {
  if (start)
    return with_defaults(rule, *start, false);
  auto round = with_defaults(rule, local_seconds{}, true);
  const auto hour_is_open = rule.frequency > rrule_frequency::hourly && rule.by_hour.empty();
  const auto minute_is_open = rule.frequency == rrule_frequency::hourly && rule.by_minute.empty();
  auto known = rule;
  if (!hour_is_open && !minute_is_open) {
    known.by_minute = round.by_minute;
    known.by_second = round.by_second;
  }
  return known;
}

/// Whether the rule means the same wherever it starts.
bool stands_alone(const rrule_parts& rule) {
  if (rule.frequency < rrule_frequency::daily || rule.interval != 1 || rule.count
      || rule.by_hour.empty())
    return false;
  return rule.frequency == rrule_frequency::daily || !rule.by_day.empty()
         || !rule.by_month_day.empty() || !rule.by_year_day.empty();
}

std::string told_rule(const rrule_parts& rule, const reading& text, instant anchor) {
  const auto& start = text.here.start;
  const bool start_is_local = start && start == text.elsewhere.start;
  const auto full = completed(rule, start_is_local ? start : std::nullopt);
  auto words = "every " + counted(rule.interval, unit_of(rule.frequency)) + told_days(full)
               + told_times(full);
  if (weekdays_limit(full))
    words += ", if it is " + told_weekdays(full, "or");
  if (!rule.by_set_pos.empty())
    words += ", of these the " + listed_ordinals(sorted(rule.by_set_pos)) + " in each "
             + std::string{unit_of(rule.frequency)};
  if (rule.count)
    words += *rule.count == 1 ? ", once" : ", " + std::to_string(*rule.count) + " times";
  if (rule.until)
    words += ", until " + told_time(*rule.until, *text.elsewhere.rule->until);
  if (start)
    return words + ", from " + told_time(*start, *text.elsewhere.start) + " on";
  return words + (stands_alone(rule) ? "" : ", from " + format_instant(anchor) + " on");
}

}  // namespace

std::string told_rrule(std::string_view text, const std::string& timezone, instant anchor) {
  const zone here{timezone, seconds{0}, {}, ""};
  const zone elsewhere{timezone, seconds{3600}, {}, ""};
  const auto first = read_rrule_text(text, here, "");
  const auto second = read_rrule_text(text, elsewhere, "");
  if (!first || !second)
    return std::string{text};
  const auto& rule = first->rule;
  auto words = rule ? told_rule(*rule, {*first, *second}, anchor) : std::string{};
  if (!first->added.empty())
    words += (rule ? ", also at " : "at ") + told_dates(first->added);
  if (!first->excluded.empty())
    words += ", except at " + told_dates(first->excluded);
  return words;
}

}  // namespace carillon
