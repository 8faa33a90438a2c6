#include "model/cron.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace carillon {

namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::year_month_day;

cron_expression read(const std::string& text) {
  CAPTURE(text);
  const auto rule = cron_expression::parse(text, "body.cron");
  if (!rule)
    FAIL(rule.error().detail);
  return *rule;
}

/// "2026-01-05 08:00" or "2026-01-05 08:00:30".
local_seconds local(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const auto found =
      std::sscanf(text.c_str(), "%d-%u-%u %d:%d:%d", &year, &month, &day, &hour, &minute, &second);
  REQUIRE(found >= 5);
  return local_days{std::chrono::year{year} / month / day} + hour * 1h + minute * 1min
         + second * 1s;
}

std::string show(local_seconds at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
  std::string shown = text;
  if (clock.seconds() != 0s) {
    std::snprintf(text, sizeof text, ":%02d", static_cast<int>(clock.seconds().count()));
    shown += text;
  }
  return shown;
}

using moments = std::vector<std::string>;

moments next_of(const std::string& text, const std::string& after, std::size_t count) {
  const auto rule = read(text);
  moments found;
  auto at = rule.next(local(after));
  for (; at && found.size() < count; at = rule.next(*at))
    found.push_back(show(*at));
  return found;
}

moments previous_of(const std::string& text, const std::string& before, std::size_t count) {
  const auto rule = read(text);
  moments found;
  auto at = rule.previous(local(before));
  for (; at && found.size() < count; at = rule.previous(*at))
    found.push_back(show(*at));
  return found;
}

/// The days of 2026, a year that begins on a Thursday, as "01-31".
moments days_of_2026(const std::string& text, std::size_t count) {
  auto found = next_of(text, "2025-12-31 23:59", count);
  for (auto& day : found)
    day = day.substr(5, 5);
  return found;
}

bool same_rule(const std::string& left, const std::string& right) {
  return next_of(left, "2023-12-31 23:59", 500) == next_of(right, "2023-12-31 23:59", 500);
}

}  // namespace

TEST_CASE("a cron expression gives its next moments", "[cron]") {
  const auto [text, after, expected] = GENERATE(table<std::string, std::string, moments>({
      {"* * * * *", "2026-01-01 00:00", {"2026-01-01 00:01", "2026-01-01 00:02"}},
      {"*/15 * * * *", "2026-05-04 10:07", {"2026-05-04 10:15", "2026-05-04 10:30"}},
      {"5/20 * * * *", "2026-05-04 10:07", {"2026-05-04 10:25", "2026-05-04 10:45"}},
      {"0 8 * * *", "2026-05-04 08:00", {"2026-05-05 08:00"}},
      {"0 8 * * *", "2026-05-04 07:59", {"2026-05-04 08:00"}},
      {"0 8 * * MON-FRI", "2026-05-01 09:00", {"2026-05-04 08:00", "2026-05-05 08:00"}},
      {"59 23 31 12 *", "2026-12-31 23:59", {"2027-12-31 23:59"}},
      {"30 9,17 1 * *", "2026-01-01 09:30", {"2026-01-01 17:30", "2026-02-01 09:30"}},
      {"0 0 29 2 *", "2026-01-01 00:00", {"2028-02-29 00:00", "2032-02-29 00:00"}},
      {"0 0 29 2 *", "1896-02-29 00:00", {"1904-02-29 00:00"}},
      {"0 0 31 * *", "2026-01-31 00:00", {"2026-03-31 00:00", "2026-05-31 00:00"}},
      {"0 22-2/2 * * *", "2026-01-01 12:00", {"2026-01-01 22:00", "2026-01-02 00:00"}},
      {"50-10/10 0 * * *", "2026-01-01 00:00", {"2026-01-01 00:10", "2026-01-01 00:50"}},
      {"*/60 */24 * * *", "2026-01-01 00:00", {"2026-01-02 00:00"}},
  }));
  CAPTURE(text, after);
  CHECK(next_of(text, after, expected.size()) == expected);
}

TEST_CASE("a sixth field in front is the second", "[cron]") {
  CHECK(next_of("*/25 30 8 * * *", "2026-01-01 00:00", 4)
        == moments{"2026-01-01 08:30", "2026-01-01 08:30:25", "2026-01-01 08:30:50",
                   "2026-01-02 08:30"});
  CHECK(next_of("30 8 * * *", "2026-01-01 08:29:59", 2)
        == moments{"2026-01-01 08:30", "2026-01-02 08:30"});
}

TEST_CASE("a cron expression gives its previous moments", "[cron]") {
  CHECK(previous_of("*/25 30 8 * * *", "2026-01-01 08:30:25", 2)
        == moments{"2026-01-01 08:30", "2025-12-31 08:30:50"});
  CHECK(previous_of("0 0 29 2 *", "2028-02-29 00:00", 2)
        == moments{"2024-02-29 00:00", "2020-02-29 00:00"});
  CHECK(previous_of("0 0 29 2 *", "1904-02-29 00:00", 1) == moments{"1896-02-29 00:00"});
  CHECK(previous_of("15 10 L * *", "2026-03-31 10:15", 2)
        == moments{"2026-02-28 10:15", "2026-01-31 10:15"});
  CHECK(previous_of("59 23 31 12 *", "2026-01-01 00:00", 1) == moments{"2025-12-31 23:59"});
}

TEST_CASE("days of the month count from the end and lean to a weekday", "[cron]") {
  // 31 January and 28 February 2026 are Saturdays, 1 February is a Sunday.
  const auto [day, expected] = GENERATE(table<std::string, moments>({
      {"L", {"01-31", "02-28", "03-31", "04-30"}},
      {"L-3", {"01-28", "02-25", "03-28", "04-27"}},
      {"L-0", {"01-31", "02-28", "03-31", "04-30"}},
      {"L-30", {"01-01", "03-01", "05-01", "07-01"}},
      {"LW", {"01-30", "02-27", "03-31", "04-30", "05-29"}},
      {"lw", {"01-30", "02-27", "03-31", "04-30", "05-29"}},
      {"L-1W", {"01-30", "02-27", "03-30", "04-29", "05-29"}},
      {"1W", {"01-01", "02-02", "03-02", "04-01", "05-01", "06-01", "07-01", "08-03"}},
      {"15W", {"01-15", "02-16", "03-16", "04-15", "05-15"}},
      {"30W", {"01-30", "03-30", "04-30", "05-29"}},
      {"31W", {"01-30", "03-31", "05-29"}},
      {"1,15W,L", {"01-01", "01-15", "01-31", "02-01", "02-16", "02-28"}},
      {"L-2,LW,1W", {"01-01", "01-29", "01-30", "02-02", "02-26", "02-27"}},
  }));
  CAPTURE(day);
  CHECK(days_of_2026("0 0 " + day + " * *", expected.size()) == expected);
}

TEST_CASE("days of the week may be the last or the n-th of the month", "[cron]") {
  const auto [day, expected] = GENERATE(table<std::string, moments>({
      {"5L", {"01-30", "02-27", "03-27"}},
      {"FRIL", {"01-30", "02-27", "03-27"}},
      {"7L", {"01-25", "02-22", "03-29"}},
      {"5#2", {"01-09", "02-13", "03-13"}},
      {"fri#2", {"01-09", "02-13", "03-13"}},
      {"0#1", {"01-04", "02-01", "03-01"}},
      {"7#1", {"01-04", "02-01", "03-01"}},
      {"FRI#5", {"01-30", "05-29", "07-31"}},
      {"MON#1,FRIL", {"01-05", "01-30", "02-02", "02-27"}},
      {"WED,SUN#1", {"01-04", "01-07", "01-14", "01-21", "01-28", "02-01"}},
  }));
  CAPTURE(day);
  CHECK(days_of_2026("0 0 * * " + day, expected.size()) == expected);
}

TEST_CASE("Sunday is 0, 7 and SUN, in ranges too", "[cron]") {
  const auto [day, meaning] = GENERATE(table<std::string, std::string>({
      {"7", "0"},
      {"Sun", "0"},
      {"5-7", "0,5,6"},
      {"6-0", "0,6"},
      {"SAT-SUN", "0,6"},
      {"MON-SUN", "0,1,2,3,4,5,6"},
      {"0-7", "0,1,2,3,4,5,6"},
      {"0-7/2", "0,2,4,6"},
      {"1-7/2", "0,1,3,5"},
      {"7-2", "0,1,2"},
      {"7-7", "0"},
      {"7-0", "0"},
      {"FRI-MON", "0,1,5,6"},
      {"FRI-MON/2", "0,5"},
      {"1/2", "1,3,5"},
      {"7/2", "0,2,4,6"},
      {"*/7", "0"},
  }));
  CAPTURE(day);
  CHECK(same_rule("0 0 * * " + day, "0 0 * * " + meaning));
}

TEST_CASE("names, macros, wrapped months and blanks have a plain meaning", "[cron]") {
  const auto [text, meaning] = GENERATE(table<std::string, std::string>({
      {"@hourly", "0 * * * *"},
      {"@daily", "0 0 * * *"},
      {"@midnight", "0 0 * * *"},
      {"@weekly", "0 0 * * 0"},
      {"@monthly", "0 0 1 * *"},
      {"@yearly", "0 0 1 1 *"},
      {"@annually", "0 0 1 1 *"},
      {" @Daily\t", "0 0 * * *"},
      {"0 0 1 NOV-FEB *", "0 0 1 11,12,1,2 *"},
      {"0 0 1 nov-Feb/2 *", "0 0 1 11,1 *"},
      {"0 0 1 10/1 *", "0 0 1 10,11,12 *"},
      {" \t0   0\t1 1 * ", "0 0 1 1 *"},
      {"00 08 01 01 *", "0 8 1 1 *"},
      {"0 0 ? * MON", "0 0 * * MON"},
      {"0 0 1 * ?", "0 0 1 * *"},
      {"0 0 ? * ?", "0 0 * * *"},
      {"0 5 0 * * *", "5 0 * * *"},
  }));
  CAPTURE(text, meaning);
  CHECK(same_rule(text, meaning));
}

TEST_CASE("either day field is enough, unless one begins with a star", "[cron]") {
  const auto [days, expected] = GENERATE(table<std::string, moments>({
      {"13 * FRI", {"01-02", "01-09", "01-13", "01-16"}},
      {"L * FRI#1", {"01-02", "01-31", "02-06", "02-28"}},
      {"* * FRI", {"01-02", "01-09", "01-16"}},
      {"*/2 * MON", {"01-05", "01-19", "02-09"}},
      {"13 * */5", {"02-13", "03-13", "09-13"}},
      {"1-31 * MON", {"01-01", "01-02", "01-03"}},
      {"30 2 MON", {"02-02", "02-09", "02-16"}},
  }));
  CAPTURE(days);
  CHECK(days_of_2026("0 0 " + days, expected.size()) == expected);
}

TEST_CASE("a star before the minute or the hour makes an interval", "[cron]") {
  const auto [text, interval] = GENERATE(table<std::string, bool>({
      {"* * * * *", true},
      {"*/5 * * * *", true},
      {"*/5 8 * * *", true},
      {"30 * * * *", true},
      {"30 */2 * * *", true},
      {"0 30 */2 * * *", true},
      {"@hourly", true},
      {"30 2 * * *", false},
      {"0-59 0-23 * * *", false},
      {"0/5 2 * * *", false},
      {"0,* 2 * * *", false},
      {"* 30 2 * * *", false},
      {"@daily", false},
  }));
  CAPTURE(text);
  CHECK(read(text).is_interval() == interval);
}

TEST_CASE("moments end with the years 0 and 9999", "[cron]") {
  const auto hourly = read("@hourly");
  CHECK(hourly.next(local("9999-12-31 22:59")) == local("9999-12-31 23:00"));
  CHECK(hourly.next(local("9999-12-31 23:00")) == std::nullopt);
  CHECK(hourly.previous(local("0000-01-01 00:30")) == local("0000-01-01 00:00"));
  CHECK(hourly.previous(local("0000-01-01 00:00")) == std::nullopt);
  CHECK(read("0 0 29 2 *").next(local("9996-02-29 00:00")) == std::nullopt);
  CHECK(read("0 0 31 12 *").previous(local("0000-12-31 00:00")) == std::nullopt);

  CHECK(hourly.next(local_seconds::min()) == local("0000-01-01 00:00"));
  CHECK(hourly.next(local_seconds::max()) == std::nullopt);
  CHECK(hourly.previous(local_seconds::max()) == local("9999-12-31 23:00"));
  CHECK(hourly.previous(local_seconds::min()) == std::nullopt);
}

}  // namespace carillon
