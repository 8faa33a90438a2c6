#include "model/instant.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>

namespace carillon {

namespace {

using namespace std::chrono_literals;
using std::chrono::January;
using std::chrono::sys_days;

constexpr instant epoch{};

instant read(std::string_view text) {
  CAPTURE(text);
  const auto moment = parse_instant(text);
  if (!moment)
    FAIL(moment.error().detail);
  return *moment;
}

std::string refusal(std::string_view text) {
  CAPTURE(text);
  const auto moment = parse_instant(text);
  REQUIRE_FALSE(moment.has_value());
  CHECK(moment.error().kind == problem_kind::invalid);
  return moment.error().detail;
}

}  // namespace

TEST_CASE("a timestamp is read in any form of RFC 3339", "[instant]") {
  const auto [text, since_epoch] = GENERATE(table<std::string, duration>({
      {"1970-01-01T00:00:00Z", 0ms},
      {"1970-01-01t00:00:00z", 0ms},
      {"1970-01-01 00:00:01Z", 1s},
      {"1970-01-01T00:00:00+00:00", 0ms},
      {"1970-01-01T00:00:00-00:00", 0ms},
      {"1969-12-31T23:59:59.999Z", -1ms},
      {"2030-08-01T00:00:00Z", 1911772800s},
      {"2030-08-01T02:00:00+02:00", 1911772800s},
      {"2030-07-31T18:15:00-05:45", 1911772800s},
      {"1985-04-12T23:20:50.52Z", 482196050520ms},
      {"1996-12-19T16:39:57-08:00", 851042397s},
  }));
  CAPTURE(text);
  CHECK(read(text) - epoch == since_epoch);
}

TEST_CASE("an offset may cross a day, a year and a leap day", "[instant]") {
  CHECK(read("2030-01-01T00:30:00+01:00") == read("2029-12-31T23:30:00Z"));
  CHECK(read("2029-12-31T23:30:00-01:00") == read("2030-01-01T00:30:00Z"));
  CHECK(read("2028-03-01T00:00:00+00:01") == read("2028-02-29T23:59:00Z"));
  CHECK(read("2027-03-01T00:00:00+00:01") == read("2027-02-28T23:59:00Z"));
  CHECK(read("2030-06-15T00:00:00+23:59") == read("2030-06-14T00:01:00Z"));
  CHECK(read("2030-06-15T23:59:00-23:59") == read("2030-06-16T23:58:00Z"));
}

TEST_CASE("digits below a millisecond are rounded up", "[instant]") {
  const auto second = read("2030-08-01T00:00:00Z");
  CHECK(read("2030-08-01T00:00:00.1Z") == second + 100ms);
  CHECK(read("2030-08-01T00:00:00.12Z") == second + 120ms);
  CHECK(read("2030-08-01T00:00:00.123Z") == second + 123ms);
  CHECK(read("2030-08-01T00:00:00.123000000000000Z") == second + 123ms);
  CHECK(read("2030-08-01T00:00:00.1230001Z") == second + 124ms);
  CHECK(read("2030-08-01T00:00:00.000000000000000000000000000001Z") == second + 1ms);
  CHECK(read("2030-08-01T00:00:00.9999Z") == second + 1s);
  CHECK(read("2030-08-01T00:00:00." + std::string(100'000, '0') + "1Z") == second + 1ms);
}

TEST_CASE("a leap second is the second after it", "[instant]") {
  CHECK(read("2016-12-31T23:59:60Z") == read("2017-01-01T00:00:00Z"));
  CHECK(read("1990-12-31T15:59:60-08:00") == read("1991-01-01T00:00:00Z"));
  CHECK(read("2030-08-01T12:34:60.5Z") == read("2030-08-01T12:35:00.5Z"));
  CHECK(refusal("2016-12-31T23:59:61Z")
        == "must be a timestamp such as 2030-08-01T00:00:00Z: there is no such time of day");
}

TEST_CASE("leap years follow the Gregorian calendar", "[instant]") {
  CHECK(read("2028-02-29T00:00:00Z") + 24h == read("2028-03-01T00:00:00Z"));
  CHECK(read("2000-02-29T00:00:00Z") + 24h == read("2000-03-01T00:00:00Z"));
  CHECK(read("0000-02-29T00:00:00Z") + 24h == read("0000-03-01T00:00:00Z"));
  for (const auto* day : {"2027-02-29", "2100-02-29", "1900-02-29", "2028-02-30"})
    CHECK(refusal(day + std::string{"T00:00:00Z"})
          == "must be a timestamp such as 2030-08-01T00:00:00Z: there is no such day");
}

TEST_CASE("the far ends of time are read and written without wrapping", "[instant]") {
  const auto text = GENERATE(as<std::string>(), "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
                             "1582-10-15T00:00:00Z", "1901-12-13T20:45:51Z", "2038-01-19T03:14:07Z",
                             "2038-01-19T03:14:08Z", "2106-02-07T06:28:16Z", "2262-04-11T23:47:17Z",
                             "2262-04-12T00:00:00Z", "9999-12-31T23:59:59.999Z");
  CAPTURE(text);
  CHECK(format_instant(read(text)) == text);
}

TEST_CASE("the years end at 0000 and 9999, also behind an offset", "[instant]") {
  CHECK(read("0000-01-01T00:00:00Z") == instant_min);
  CHECK(read("9999-12-31T23:59:59.999Z") == instant_max);
  CHECK(instant_min == sys_days{std::chrono::year{0} / January / 1});
  CHECK(instant_max + 1ms == sys_days{std::chrono::year{10000} / January / 1});

  const auto outside =
      "must be a timestamp such as 2030-08-01T00:00:00Z: it is outside the years "
      "0000 to 9999";
  CHECK(refusal("0000-01-01T00:00:00+00:01") == outside);
  CHECK(refusal("9999-12-31T23:59:00-00:01") == outside);
  CHECK(refusal("9999-12-31T23:59:60Z") == outside);
}

TEST_CASE("the usual ways to write never are the last instant", "[instant]") {
  CHECK(read("9999-12-31T23:59:59.999999Z") == instant_max);
  CHECK(read("9999-12-31T23:59:59.9999999Z") == instant_max);
}

TEST_CASE("what is not a timestamp is refused with an example", "[instant]") {
  const auto text = GENERATE(
      as<std::string>(), "", " ", "tomorrow", "2030", "2030-08-01", "2030-08-01T", "1911772800",
      "2030-8-1T00:00:00Z", "30-08-01T00:00:00Z", "+2030-08-01T00:00:00Z", "-2030-08-01T00:00:00Z",
      "12030-08-01T00:00:00Z", "20300801T000000Z", "2030/08/01T00:00:00Z", "2030-08-01_00:00:00Z",
      "2030-08-01  00:00:00Z", "2030-08-01T00:00Z", "2030-08-01T00Z", "2030-08-01T00:00:0Z",
      "2030-08-01T00:00:00.Z", "2030-08-01T00:00:00,5Z", "2030-08-01T00:00:00.5.5Z",
      "2030-08-01T00:00:00 Z", "2030-08-01T00:00:00ZZ", "2030-08-01T00:00:00Z ",
      " 2030-08-01T00:00:00Z", "2030-08-01T00:00:00UTC", "2030-08-01T00:00:00+1",
      "2030-08-01T00:00:00+01", "2030-08-01T00:00:00+0100", "2030-08-01T00:00:00+01:0",
      "2030-08-01T00:00:00+01:00:00", "2030-08-01T00:00:00 +01:00", "2030-W31-4T00:00:00Z",
      "2030-213T00:00:00Z", "2030-08-01T-1:00:00Z", "2030-08-01T0 :00:00Z", "Thu, 01 Aug 2030",
      "2030-08-0\xC2\xB2T00:00:00Z");
  CHECK(refusal(text) == "must be a timestamp such as 2030-08-01T00:00:00Z");
}

TEST_CASE("a refusal says what cannot be", "[instant]") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"2030-02-30T00:00:00Z", ": there is no such day"},
      {"2030-04-31T00:00:00Z", ": there is no such day"},
      {"2030-00-01T00:00:00Z", ": there is no such day"},
      {"2030-13-01T00:00:00Z", ": there is no such day"},
      {"2030-01-00T00:00:00Z", ": there is no such day"},
      {"2030-01-32T00:00:00Z", ": there is no such day"},
      {"2030-08-01T24:00:00Z", ": there is no such time of day"},
      {"2030-08-01T00:60:00Z", ": there is no such time of day"},
      {"2030-08-01T00:00:00", ": Z or an offset such as +02:00 is missing"},
      {"2030-08-01T00:00:00.5", ": Z or an offset such as +02:00 is missing"},
      {"2030-08-01T00:00:00+24:00", ": there is no such offset"},
      {"2030-08-01T00:00:00-00:60", ": there is no such offset"},
  }));
  CAPTURE(text);
  CHECK(refusal(text) == "must be a timestamp such as 2030-08-01T00:00:00Z" + reason);
}

TEST_CASE("every timestamp that is cut short is refused", "[instant]") {
  const std::string text = "2030-08-01T00:00:00.123+02:00";
  REQUIRE(parse_instant(text).has_value());
  for (std::size_t size = 0; size < text.size(); ++size)
    refusal(text.substr(0, size));
}

TEST_CASE("an instant is written in UTC, with milliseconds where they matter", "[instant]") {
  const auto second = read("2030-08-01T23:59:58Z");
  CHECK(format_instant(second) == "2030-08-01T23:59:58Z");
  CHECK(format_instant(second + 250ms) == "2030-08-01T23:59:58.250Z");
  CHECK(format_instant(second + 7ms) == "2030-08-01T23:59:58.007Z");
  CHECK(format_instant(second, fraction::always) == "2030-08-01T23:59:58.000Z");
  CHECK(format_instant(epoch - 1ms, fraction::always) == "1969-12-31T23:59:59.999Z");

  std::string line = "at ";
  append_instant(line, second);
  CHECK(line == "at 2030-08-01T23:59:58Z");
}

TEST_CASE("instants without a text form are written as the nearest that has one", "[instant]") {
  CHECK(format_instant(instant_max + 1ms) == "9999-12-31T23:59:59.999Z");
  CHECK(format_instant(instant::max()) == "9999-12-31T23:59:59.999Z");
  CHECK(format_instant(instant_min - 1ms) == "0000-01-01T00:00:00Z");
  CHECK(format_instant(instant::min()) == "0000-01-01T00:00:00Z");
}

TEST_CASE("what is written is read back as the same instant", "[instant]") {
  constexpr duration step{7'777'777'777'777 / 11};  // about 22 years, and never a round number
  for (auto moment = instant_min; moment <= instant_max; moment += step) {
    const auto digits =
        moment.time_since_epoch().count() % 2 == 0 ? fraction::always : fraction::when_needed;
    REQUIRE(read(format_instant(moment, digits)) == moment);
  }
}

}  // namespace carillon
