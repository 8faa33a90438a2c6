#pragma once

#include <catch2/catch.hpp>

#include <cstdio>
#include <string>
#include <vector>

#include "model/rrule.hpp"

namespace carillon::test {

/// "19970902T090000".
inline local_seconds local(const std::string& text) {
  using namespace std::chrono_literals;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  REQUIRE(
      std::sscanf(text.c_str(), "%4d%2u%2uT%2d%2d%2d", &year, &month, &day, &hour, &minute, &second)
      == 6);
  return std::chrono::local_days{std::chrono::year{year} / month / day} + hour * 1h + minute * 1min
         + second * 1s;
}

inline std::string show(local_seconds at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  char text[32];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

/// New York's winter time all year: the text's own times are local, so that only UTC shows it.
inline const zone& new_york() {
  static const zone made{"America/New_York", std::chrono::hours{-5}, {}, ""};
  return made;
}

/// A Tuesday.
inline const std::string default_anchor = "20250902T093015";

inline expected<rrule_set> read(const std::string& text, std::string anchor = default_anchor) {
  return rrule_set::parse(text, {&new_york(), local(anchor)}, "body.rule");
}

inline rrule_set valid(const std::string& text, std::string anchor = default_anchor) {
  CAPTURE(text);
  auto rule = read(text, std::move(anchor));
  if (!rule)
    FAIL(rule.error().detail);
  return *rule;
}

/// At most `count` moments after `after`, separated by spaces.
inline std::string moments(const rrule_set& rule, std::size_t count,
                           local_seconds after = local_seconds::min()) {
  std::string shown;
  for (auto at = rule.next(after); at && count > 0; at = rule.next(*at), --count)
    shown += (shown.empty() ? "" : " ") + show(*at);
  return shown;
}

}  // namespace carillon::test
