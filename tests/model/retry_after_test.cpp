#include "model/retry_after.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;

namespace {

constexpr instant noon = std::chrono::sys_days{std::chrono::year{2030} / 8 / 1} + 12h;

}  // namespace

TEST_CASE("seconds are counted from now", "[retry_after]") {
  CHECK(parse_retry_after("120", noon) == noon + 120s);
  CHECK(parse_retry_after("0", noon) == noon);
  CHECK(parse_retry_after("007", noon) == noon + 7s);
  CHECK(parse_retry_after(" 5\t", noon) == noon + 5s);
  CHECK(parse_retry_after("1", noon + 250ms) == noon + 1250ms);
}

TEST_CASE("dates in the three forms of HTTP mean the same", "[retry_after]") {
  const auto* const text = GENERATE("Thu, 01 Aug 2030 12:34:56 GMT",
                                    "Thursday, 01-Aug-30 12:34:56 GMT", "Thu Aug  1 12:34:56 2030",
                                    "Thu Aug 01 12:34:56 2030", "  Thu, 01 Aug 2030 12:34:56 GMT ");
  CAPTURE(text);
  CHECK(parse_retry_after(text, noon) == noon + 34min + 56s);
}

TEST_CASE("a date in the past means now", "[retry_after]") {
  const auto* const text =
      GENERATE("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
               "Sun Nov  6 08:49:37 1994", "Thu, 01 Aug 2030 11:59:59 GMT");
  CAPTURE(text);
  CHECK(parse_retry_after(text, noon) == noon);
}

TEST_CASE("nothing is put off for longer than a day", "[retry_after]") {
  const auto* const text =
      GENERATE("86400", "86401", "99999999999999999999999", "2147483648",
               "Sat, 03 Aug 2030 12:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT");
  CAPTURE(text);
  CHECK(parse_retry_after(text, noon) == noon + 24h);
}

TEST_CASE("a year of two digits is at most fifty years ahead", "[retry_after]") {
  CHECK(parse_retry_after("Monday, 01-Aug-80 12:00:00 GMT", noon) == noon + 24h);  // 2080
  CHECK(parse_retry_after("Monday, 01-Aug-81 12:00:00 GMT", noon) == noon);        // 1981
}

TEST_CASE("a date on a leap second is the second after it", "[retry_after]") {
  CHECK(parse_retry_after("Thu, 01 Aug 2030 12:00:60 GMT", noon) == noon + 60s);
}

TEST_CASE("what is neither seconds nor a date is nothing", "[retry_after]") {
  const auto* const text = GENERATE(
      "", " ", "soon", "-1", "+1", "1.5", "1s", "0x10", "1 2", "Thu", "Thu,",
      "2030-08-01T12:00:00Z", "Thu, 01 Aug 2030 12:34:56", "Thu, 01 Aug 2030 12:34:56 UTC",
      "Thu, 01 Aug 2030 12:34:56 GMT+1", "Thu, 1 Aug 2030 12:34:56 GMT",
      "Thx, 01 Aug 2030 12:34:56 GMT", "Thu, 01 Agu 2030 12:34:56 GMT",
      "Thu, 31 Feb 2030 12:34:56 GMT", "Thu, 00 Aug 2030 12:34:56 GMT",
      "Thu, 01 Aug 2030 24:00:00 GMT", "Thu, 01 Aug 2030 12:60:00 GMT",
      "Thu, 01 Aug 2030 12:00:61 GMT", "Thu, 01 Aug 30 12:34:56 GMT", "Thu, 01-Aug-30 12:34:56 GMT",
      "Thu Aug 1 12:34:56 2030", "Thu Aug  1 12:34:56 2030 GMT", "Thu, 01 Aug 2030 -1:00:00 GMT");
  CAPTURE(text);
  CHECK_FALSE(parse_retry_after(text, noon));
}
