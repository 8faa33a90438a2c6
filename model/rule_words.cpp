#include "model/rule_words.hpp"

#include <array>
#include <string_view>

#include "model/cron_words.hpp"
#include "model/duration.hpp"
#include "model/english.hpp"
#include "model/rrule_words.hpp"
#include "model/rule_text.hpp"

namespace carillon {

namespace {

/// "every 90 seconds", "every 1 hour and 30 minutes", "every minute".
std::string told_every(duration length, instant anchor) {
  struct unit {
    duration size;
    std::string_view noun;
  };
  constexpr std::array units{
      unit{std::chrono::days{1}, "day"},       unit{std::chrono::hours{1}, "hour"},
      unit{std::chrono::minutes{1}, "minute"}, unit{std::chrono::seconds{1}, "second"},
      unit{duration{1}, "millisecond"},
  };
  std::string text;
  for (const auto& each : units) {
    if (length % each.size != duration{0})
      continue;
    text = counted(length / each.size, each.noun);
    break;
  }
  return "every " + text + ", counted from " + format_instant(anchor);
}

struct told_part {
  std::string words;
  bool is_local;  ///< Depends on the zone.
};

told_part told_cron(std::string_view part, instant anchor) {
  if (const auto text = after_every(part)) {
    const auto length = parse_duration(*text);
    return {length ? told_every(*length, anchor) : std::string{part}, false};
  }
  const auto fields = parse_cron_fields(part, "");
  return {fields ? told(*fields) : std::string{part}, true};
}

told_part told_union(const recurrence_spec& spec) {
  told_part all{"", false};
  for (const auto part : union_parts(spec.expr)) {
    const auto one = told_cron(part, spec.anchor);
    all.words += (all.words.empty() ? "" : "; and also ") + one.words;
    all.is_local = all.is_local || one.is_local;
  }
  return all;
}

told_part told_once(std::string_view expr) {
  const auto text = read_once_text(expr);
  if (!text)
    return {std::string{expr}, true};
  auto at = format_instant(text->at);
  if (text->is_local)
    at.pop_back();  // Z
  return {"once, at " + at, text->is_local};
}

told_part told(const recurrence_spec& spec) {
  switch (spec.kind) {
    case schedule_kind::cron:
      return told_union(spec);
    case schedule_kind::rrule:
      return {told_rrule(spec.expr, spec.timezone, spec.anchor), true};
    case schedule_kind::once:
      return told_once(spec.expr);
    case schedule_kind::event:
      return {"whenever an event with the topic " + spec.expr + " is published", false};
    case schedule_kind::service:
      return {"always on", false};
    case schedule_kind::manual:
      break;
  }
  return {"only when a call starts it", false};
}

char capital(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
}

}  // namespace

std::string rule_in_words(const recurrence_spec& spec) {
  auto [words, is_local] = told(spec);
  if (is_local)
    words += ", in " + spec.timezone;
  words.front() = capital(words.front());
  return words;
}

}  // namespace carillon
