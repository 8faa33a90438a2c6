#include "model/short_months.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "model/cron_parser.hpp"
#include "model/english.hpp"
#include "model/rrule_parser.hpp"
#include "model/rule_text.hpp"

namespace carillon {

namespace {

using std::chrono::months;
using std::chrono::seconds;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr int shortest_month = 28;

/// A rule for days near the end of a month, and in which months it looks for them.
struct late_days {
  int day;  ///< The first; some months have it not.
  std::vector<int> of_months;
  year_month start{std::chrono::year{0} / 1};
  std::int64_t interval = 1;  ///< From `start`, in months or in years.
  bool yearly = false;

  [[nodiscard]] bool leave_out(year_month month) const {
    const auto since = yearly ? (month.year() - start.year()).count() : (month - start).count();
    const auto number = static_cast<int>(static_cast<unsigned>(month.month()));
    const auto last = static_cast<unsigned>((month / std::chrono::last).day());
    return month >= start && since % interval == 0 && static_cast<int>(last) < day
           && std::ranges::find(of_months, number) != of_months.end();
  }
};

std::vector<int> numbers_of(cron_values set) {
  std::vector<int> numbers;
  for (int number = 1; number < 32; ++number)
    if ((set >> static_cast<unsigned>(number) & 1U) != 0)
      numbers.push_back(number);
  return numbers;
}

std::optional<late_days> late_days_of_cron(std::string_view part) {
  if (after_every(part))
    return std::nullopt;
  const auto fields = parse_cron_fields(part, "");
  if (!fields)
    return std::nullopt;
  const auto& days = fields->days_of_month;
  constexpr cron_values every_weekday = 0x7F;
  if ((days.before_last | days.near_days | days.near_before_last) != 0
      || fields->days_of_week.every != every_weekday || !fields->both_days)
    return std::nullopt;
  const auto numbers = numbers_of(days.days);
  if (numbers.front() <= shortest_month)
    return std::nullopt;
  return late_days{numbers.front(), numbers_of(fields->months)};
}

std::optional<late_days> late_days_of_rrule(const recurrence_spec& spec, const zone& where) {
  const auto text = read_rrule_text(spec.expr, where, "");
  if (!text || !text->rule || text->rule->frequency < rrule_frequency::monthly)
    return std::nullopt;
  const auto anchor = std::chrono::floor<seconds>(spec.anchor);
  const auto start = text->start.value_or(where.span_at(anchor).to_local(anchor));
  const auto rule = with_defaults(*text->rule, start, false);
  if (!rule.by_day.empty() || rule.by_month_day.empty() || !rule.by_year_day.empty()
      || !rule.by_week_no.empty())
    return std::nullopt;
  const year_month_day date{std::chrono::floor<std::chrono::days>(start)};
  late_days found{31, rule.by_month, date.year() / date.month(), rule.interval,
                  rule.frequency == rrule_frequency::yearly};
  for (const auto day : rule.by_month_day)
    found.day = std::min(found.day, std::abs(day));
  if (found.day <= shortest_month)
    return std::nullopt;
  if (found.of_months.empty())
    found.of_months = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  return found;
}

std::vector<late_days> late_days_of(const recurrence_spec& spec, const zone& where) {
  std::vector<late_days> all;
  const auto add = [&all](std::optional<late_days> one) {
    if (one)
      all.push_back(std::move(*one));
  };
  if (spec.kind == schedule_kind::rrule)
    add(late_days_of_rrule(spec, where));
  if (spec.kind == schedule_kind::cron)
    for (const auto part : union_parts(spec.expr))
      add(late_days_of_cron(part));
  return all;
}

year_month month_of(const zone& where, instant at) {
  const auto real = std::chrono::floor<seconds>(at);
  const auto day = std::chrono::floor<std::chrono::days>(where.span_at(real).to_local(real));
  const year_month_day date{day};
  return date.year() / date.month();
}

}  // namespace

std::vector<rule_note> notes_of_short_months(const recurrence_spec& spec, const recurrence& rule,
                                             instant from, instant to, std::size_t limit) {
  const auto rules = late_days_of(spec, rule.where());
  if (rules.empty())
    return {};
  std::vector<rule_note> notes;
  const auto last = month_of(rule.where(), to);
  for (auto month = month_of(rule.where(), from); month <= last; month += months{1}) {
    const auto found = std::ranges::find_if(
        rules, [month](const late_days& each) { return each.leave_out(month); });
    if (found == rules.end())
      continue;
    const std::chrono::local_days end{(month + months{1}) / 1};
    const auto next = rule.next(instant{to_real(rule.where(), end).first} - duration{1});
    if (notes.size() == limit || !next || next->at > to)
      break;
    notes.push_back({"short_month", next->at,
                     std::string{month_name(static_cast<int>(static_cast<unsigned>(month.month())))}
                         + " " + std::to_string(static_cast<int>(month.year())) + " has no "
                         + ordinal(found->day) + ": it is left out"});
  }
  return notes;
}

}  // namespace carillon
