#include <cstdio>
#include <iostream>
#include <string>

#include "model/rrule.hpp"

// Answers lines "DTSTART|RULE|from|n" with the first n moments from `from` on, or, where n is
// negative, with the last n up to it and the latest first; "! why" when the rule is refused. Dates
// are written as in RFC 5545, everything is UTC. For rrule_compare.py.

namespace {

using carillon::local_seconds;
using std::chrono::days;
using std::chrono::seconds;

std::string take_field(std::string& line) {
  const auto end = line.find('|');
  auto field = line.substr(0, end);
  line.erase(0, end == std::string::npos ? end : end + 1);
  return field;
}

local_seconds read_date(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::sscanf(text.c_str(), "%4d%2u%2uT%2d%2d%2d", &year, &month, &day, &hour, &minute, &second);
  const std::chrono::local_days date{std::chrono::year{year} / std::chrono::month{month}
                                     / std::chrono::day{day}};
  return date + std::chrono::hours{hour} + std::chrono::minutes{minute} + seconds{second};
}

std::string write_date(local_seconds at) {
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  char text[32];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

std::string answer(std::string line) {
  const auto start = take_field(line);
  const auto text = "DTSTART:" + start + "\nRRULE:" + take_field(line);
  const auto from = read_date(take_field(line));
  const auto count = std::stoi(line);
  const auto utc = carillon::utc_zone();
  const auto rule = carillon::rrule_set::parse(text, {utc.get(), {}}, "rule");
  if (!rule)
    return "! " + rule.error().detail;
  std::string moments;
  auto at = count > 0 ? rule->next(from - seconds{1}) : rule->previous(from + seconds{1});
  for (int left = std::abs(count); at && left > 0; --left) {
    moments += (moments.empty() ? "" : " ") + write_date(*at);
    at = count > 0 ? rule->next(*at) : rule->previous(*at);
  }
  return moments;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(line) << '\n';
}
