#include "model/rrule_parts.hpp"

#include <utility>

namespace carillon {

namespace {

void default_days(rrule_parts& rule, std::chrono::local_days start) {
  if (!rule.by_day.empty() || !rule.by_month_day.empty() || !rule.by_year_day.empty())
    return;
  const std::chrono::year_month_day date{start};
  const auto weekday = std::chrono::weekday{start}.c_encoding();
  if (rule.frequency == rrule_frequency::weekly || !rule.by_week_no.empty()) {
    rule.by_day = {{0, weekday}};
  } else if (rule.frequency >= rrule_frequency::monthly) {
    rule.by_month_day = {static_cast<int>(static_cast<unsigned>(date.day()))};
    if (rule.frequency == rrule_frequency::yearly && rule.by_month.empty())
      rule.by_month = {static_cast<int>(static_cast<unsigned>(date.month()))};
  }
}

}  // namespace

rrule_parts with_defaults(rrule_parts rule, local_seconds start, bool round_times) {
  const auto day = std::chrono::floor<std::chrono::days>(start);
  default_days(rule, day);

  const std::chrono::hh_mm_ss time{start - day};
  const bool round_minute = round_times && !rule.by_hour.empty();
  const bool round_second = round_minute || (round_times && !rule.by_minute.empty());
  if (rule.by_hour.empty() && rule.frequency >= rrule_frequency::daily)
    rule.by_hour = {static_cast<int>(time.hours().count())};
  if (rule.by_minute.empty() && rule.frequency >= rrule_frequency::hourly)
    rule.by_minute = {round_minute ? 0 : static_cast<int>(time.minutes().count())};
  if (rule.by_second.empty() && rule.frequency >= rrule_frequency::minutely)
    rule.by_second = {round_second ? 0 : static_cast<int>(time.seconds().count())};
  return rule;
}

}  // namespace carillon
