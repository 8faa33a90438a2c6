#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "model/english.hpp"
#include "model/rule_text.hpp"
#include "model/rule_words.hpp"
#include "model/short_months.hpp"
#include "model/single_rule.hpp"

namespace carillon {

namespace {

using std::chrono::days;
using std::chrono::seconds;

// -- texts ------------------------------------------------------------------------------

std::string clock_text(seconds of_day) {
  const std::chrono::hh_mm_ss time{of_day};
  return time_of_day(static_cast<int>(time.hours().count()),
                     static_cast<int>(time.minutes().count()),
                     static_cast<int>(time.seconds().count()));
}

std::string clock_text(local_seconds at) {
  return clock_text(at - std::chrono::floor<days>(at));
}

std::string date_text(local_seconds at) {
  return format_instant(instant{at.time_since_epoch()}).substr(0, 10);
}

/// "+02:00".
std::string offset_text(const zone& where, sys_seconds at) {
  const auto text = format_local(where, at);
  return text.substr(text.size() - 6);
}

/// "from 02:00 to 03:00", with dates when midnights lie between them.
std::string change_text(const zone_span& left, const zone_span& right) {
  const auto old_time = left.to_local(left.end);
  const auto new_time = right.to_local(right.begin);
  const auto text = [same_day = date_text(old_time) == date_text(new_time)](local_seconds at) {
    return (same_day ? "" : date_text(at) + " ") + clock_text(at);
  };
  return "from " + text(old_time) + " to " + text(new_time);
}

// -- changes of the offset --------------------------------------------------------------

/// Asks rules of the clock on the wall about changes of one zone.
class change_notes {
public:
  /// Neither is owned; both outlive the object.
  change_notes(const std::vector<wall_rule>& rules, const zone& where)
      : rules_{rules}, where_{where} {}

  [[nodiscard]] std::vector<rule_note> at(const zone_span& left, const zone_span& right) const {
    std::vector<rule_note> notes;
    for (const auto& rule : rules_)
      if (auto note =
              right.offset > left.offset ? gap(rule, left, right) : repeat(rule, left, right))
        notes.push_back(std::move(*note));
    if (auto note = offset_change(left, right))
      notes.push_back(std::move(*note));
    return notes;
  }

private:
  static std::optional<local_seconds> first_match(const wall_rule& rule, local_seconds from) {
    const auto after = from - seconds{1};
    return std::visit([after](const auto& local) { return local.next(after); }, rule.local);
  }

  [[nodiscard]] std::optional<rule_note> gap(const wall_rule& rule, const zone_span& left,
                                             const zone_span& right) const {
    const auto local = first_match(rule, left.to_local(left.end));
    if (!local || *local >= right.to_local(right.begin)
        || to_real(where_, *local).what != real_times::kind::gap)
      return std::nullopt;
    const auto outcome = rule.dst.gap == dst_gap::skip
                             ? "it does not run then"
                             : "it runs at " + clock_text(right.to_local(right.begin));
    return rule_note{"gap", right.begin,
                     date_text(*local) + " has no " + clock_text(*local)
                         + ", since the clocks go forward " + change_text(left, right) + ": "
                         + outcome};
  }

  [[nodiscard]] static std::optional<rule_note> repeat(const wall_rule& rule, const zone_span& left,
                                                       const zone_span& right) {
    const auto local = first_match(rule, right.to_local(right.begin));
    if (!local || *local >= left.to_local(left.end))
      return std::nullopt;
    const instant first = left.to_real(*local);
    const instant second = right.to_real(*local);
    auto text = clock_text(*local) + " comes twice on " + date_text(*local)
                + ", since the clocks go back " + change_text(left, right) + ": ";
    switch (rule.dst.repeat) {
      case dst_repeat::first:
        return rule_note{"repeat", first,
                         text + "it runs at the first, " + format_instant(first)
                             + ", and the second is only recorded"};
      case dst_repeat::second:
        return rule_note{"repeat", second,
                         text + "it runs at the second, " + format_instant(second)
                             + ", and the first is only recorded"};
      case dst_repeat::both:
        break;
    }
    return rule_note{"repeat", first, text + "it runs at both"};
  }

  /// Of the first moment with the new offset, when the one before it had another.
  [[nodiscard]] std::optional<rule_note> offset_change(const zone_span& left,
                                                       const zone_span& right) const {
    std::optional<sys_seconds> first;
    for (const auto& rule : rules_) {
      const auto before = previous_moment(rule.local, where_, rule.dst, right.begin);
      const auto local =
          first_match(rule, std::max(left.to_local(left.end), right.to_local(right.begin)));
      if (!before || where_.span_at(before->at).offset == right.offset || !local
          || right.to_real(*local) >= right.end)
        continue;
      const auto at = right.to_real(*local);
      first = first ? std::min(*first, at) : at;
    }
    if (!first)
      return std::nullopt;
    const auto of_day = *first - std::chrono::floor<days>(*first);
    return rule_note{"offset_change", *first,
                     "From " + date_text(right.to_local(right.begin)) + " on the offset is "
                         + offset_text(where_, *first) + ": " + clock_text(right.to_local(*first))
                         + " is " + clock_text(of_day) + "Z"};
  }

  const std::vector<wall_rule>& rules_;
  const zone& where_;
};

/// Those that keep the time of the clock on the wall.
std::vector<wall_rule> wall_rules(const recurrence_spec& spec, const recurrence& rule) {
  if (spec.kind == schedule_kind::once) {
    const auto text = read_once_text(spec.expr);
    if (!text || !text->is_local)
      return {};
    const auto local = std::chrono::floor<seconds>(text->at).time_since_epoch();
    return {wall_rule{single_time{local_seconds{local}}, spec.dst}};
  }
  auto counted = spec;
  counted.counted_last = rule.counted_last();
  fault_list faults;
  std::vector<wall_rule> found;
  for (auto& each : read_rules(counted, rule.where(), "", faults))
    if (auto* wall = std::get_if<wall_rule>(&each))
      if (const auto* cron = std::get_if<cron_expression>(&wall->local);
          cron == nullptr || !cron->is_interval())
        found.push_back(std::move(*wall));
  return found;
}

std::vector<rule_note> notes_of_changes(const recurrence_spec& spec, const recurrence& rule,
                                        instant from, instant to, std::size_t limit) {
  // No note of a later change is farther before it.
  constexpr days reach{3};
  const auto rules = wall_rules(spec, rule);
  if (rules.empty())
    return {};
  const change_notes changes{rules, rule.where()};
  std::vector<rule_note> notes;
  auto latest = std::chrono::floor<seconds>(from);
  const auto last = std::chrono::floor<seconds>(to);
  auto left = rule.where().span_at(latest);
  while (left.end <= last && (notes.size() < limit || left.end < latest + reach)) {
    const auto right = rule.where().span_at(left.end);
    for (auto& note : changes.at(left, right))
      if (note.at > from && note.at <= to) {
        latest = std::max(latest, std::chrono::floor<seconds>(note.at));
        notes.push_back(std::move(note));
      }
    left = right;
  }
  return notes;
}

}  // namespace

std::vector<rule_note> notes_of(const recurrence_spec& spec, const recurrence& rule, instant from,
                                instant to, std::size_t limit) {
  from = std::max(from, instant_min - duration{1});
  to = std::min(to, instant_max);
  auto notes = notes_of_changes(spec, rule, from, to, limit);
  for (auto& note : notes_of_short_months(spec, rule, from, to, limit))
    notes.push_back(std::move(note));
  std::ranges::stable_sort(notes, {}, &rule_note::at);
  notes.resize(std::min(notes.size(), limit));
  return notes;
}

}  // namespace carillon
