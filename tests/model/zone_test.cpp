#include "model/zone.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>
#include <utility>

#include "model/posix_tz.hpp"

namespace carillon {

namespace {

using namespace std::chrono_literals;
using std::chrono::floor;
using std::chrono::seconds;

constexpr auto never = sys_seconds::max();
constexpr auto always = sys_seconds::min();

sys_seconds real(std::string_view text) {
  CAPTURE(text);
  return floor<seconds>(parse_instant(text).value());
}

local_seconds local(std::string_view text) {
  return local_seconds{real(std::string{text} + "Z").time_since_epoch()};
}

/// A zone that is a rule and nothing else.
zone ruled(std::string_view tail) {
  return {"Test/Ruled", 0s, {}, tail};
}

/// Berlin's last two changes by decree, then its rule.
zone berlin() {
  return {"Europe/Berlin",
          3208s,
          {{real("1893-03-31T23:06:32Z"), 1h},
           {real("1980-04-06T01:00:00Z"), 2h},
           {real("1980-09-28T01:00:00Z"), 1h}},
          "CET-1CEST,M3.5.0,M10.5.0/3"};
}

}  // namespace

TEST_CASE("a zone without changes is one span", "[zone]") {
  const zone_span whole{always, never, 0s};
  const auto utc = utc_zone();
  CHECK(utc->name() == "UTC");
  for (const auto at : {always, sys_seconds{}, never})
    CHECK(utc->span_at(at) == whole);
  CHECK(ruled("<+0330>-3:30").span_at(sys_seconds{}) == zone_span{always, never, 210min});
}

TEST_CASE("spans follow the table, and then the rule", "[zone]") {
  const auto where = berlin();
  const auto lmt_end = real("1893-03-31T23:06:32Z");
  const auto summer_1980 = real("1980-04-06T01:00:00Z");
  const auto winter_1980 = real("1980-09-28T01:00:00Z");
  const auto summer_1981 = real("1981-03-29T01:00:00Z");
  const auto winter_1981 = real("1981-10-25T01:00:00Z");

  CHECK(where.span_at(always) == zone_span{always, lmt_end, 3208s});
  CHECK(where.span_at(lmt_end - 1s) == zone_span{always, lmt_end, 3208s});
  CHECK(where.span_at(lmt_end) == zone_span{lmt_end, summer_1980, 1h});
  CHECK(where.span_at(winter_1980 - 1s) == zone_span{summer_1980, winter_1980, 2h});
  CHECK(where.span_at(winter_1980) == zone_span{winter_1980, summer_1981, 1h});
  CHECK(where.span_at(summer_1981) == zone_span{summer_1981, winter_1981, 2h});
  CHECK(where.span_at(never).end == never);
}

TEST_CASE("a rule that denies the last change of the table takes over at its own next", "[zone]") {
  const auto last = real("1990-07-01T00:00:00Z");  // the rule has summer, the table winter
  const zone where{"Test/Odd", 2h, {{last, 1h}}, "CET-1CEST,M3.5.0,M10.5.0/3"};
  const auto summer_1991 = real("1991-03-31T01:00:00Z");
  CHECK(where.span_at(last) == zone_span{last, summer_1991, 1h});
  CHECK(where.span_at(summer_1991 - 1s) == zone_span{last, summer_1991, 1h});
  CHECK(where.span_at(summer_1991).offset == 2h);
}

TEST_CASE("the rule holds in any year", "[zone][posix]") {
  // Each changes at `first` from `before` to `after`, and back at `second`.
  const auto [rule, first, second, before,
              after] = GENERATE(table<std::string, std::string, std::string, seconds, seconds>({
      {"EST5EDT,M3.2.0,M11.1.0", "2050-03-13T07:00:00Z", "2050-11-06T06:00:00Z", -5h, -4h},
      {"EST5EDT,M3.2.0,M11.1.0", "2399-03-14T07:00:00Z", "2399-11-07T06:00:00Z", -5h, -4h},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "9998-03-29T01:00:00Z", "9998-10-25T01:00:00Z", 1h, 2h},
      // the southern half
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2050-04-02T16:00:00Z", "2050-10-01T16:00:00Z", 11h, 10h},
      {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-04-02T15:00:00Z", "2050-10-01T15:30:00Z", 11h,
       630min},
      {"<-04>4<-03>,M9.1.6/24,M4.1.6/24", "2050-04-03T03:00:00Z", "2050-09-04T04:00:00Z", -3h, -4h},
      // Dublin: winter is the exception
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2050-03-27T01:00:00Z", "2050-10-30T01:00:00Z", 0h, 1h},
      // Nuuk: a time before midnight of the day
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T01:00:00Z", "2050-10-30T01:00:00Z", -2h, -1h},
      // Gaza: more than two days after midnight
      {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2100-03-27T00:00:00Z", "2100-10-29T23:00:00Z", 2h, 3h},
      // Troll: two hours
      {"<+00>0<+02>-2,M3.5.0/1,M10.5.0/3", "2050-03-27T01:00:00Z", "2050-10-30T01:00:00Z", 0h, 2h},
      // Jn never counts 29 February, n does
      {"AAA0BBB,J60/0,J300/0", "2048-03-01T00:00:00Z", "2048-10-26T23:00:00Z", 0h, 1h},
      {"AAA0BBB,J60/0,J300/0", "2049-03-01T00:00:00Z", "2049-10-26T23:00:00Z", 0h, 1h},
      {"AAA0BBB,J59/0,59/0", "2048-02-28T00:00:00Z", "2048-02-28T23:00:00Z", 0h, 1h},
      {"AAA0BBB,J59/0,59/0", "2049-02-28T00:00:00Z", "2049-02-28T23:00:00Z", 0h, 1h},
      {"AAA0BBB,59/0,60/0", "2048-02-29T00:00:00Z", "2048-02-29T23:00:00Z", 0h, 1h},
      {"AAA0BBB,0/0,365/0", "2048-01-01T00:00:00Z", "2048-12-30T23:00:00Z", 0h, 1h},
  }));
  CAPTURE(rule, first);
  const auto where = ruled(rule);
  const auto middle = where.span_at(real(first));
  CHECK(middle == zone_span{real(first), real(second), after});
  CHECK(where.span_at(real(second) - 1s) == middle);
  CHECK(where.span_at(real(first) - 1s).offset == before);
  CHECK(where.span_at(real(first) - 1s).end == real(first));
  CHECK(where.span_at(real(second)).offset == before);
  CHECK(where.span_at(real(second)).begin == real(second));
}

TEST_CASE("summer time of the whole year is one span without an end", "[zone][posix]") {
  const auto rule = GENERATE(as<std::string>(), "EST5EDT,0/0,J365/25", "EST5EDT,0/0,J365/26",
                             "<-04>4", "<-04>4<-04>4,M3.2.0,M11.1.0", "<-04>4EDT,M3.2.0,M3.2.0/3");
  CAPTURE(rule);
  const auto read = posix_tz::parse(rule);
  REQUIRE(read);
  for (const auto at : {always, real("2050-06-01T00:00:00Z"), never})
    CHECK(read->span_at(at) == zone_span{always, never, -4h});
  CHECK(ruled(rule).same_rules(ruled("<-04>4")));
}

TEST_CASE("summer time may begin in the year before, by the clock of UTC", "[zone][posix]") {
  const auto where = ruled("<+10>-10<+11>,0/0,J31/0");
  const auto begin = real("2049-12-31T14:00:00Z");
  const auto end = real("2050-01-30T13:00:00Z");
  CHECK(where.span_at(begin) == zone_span{begin, end, 11h});
  CHECK(where.span_at(end - 1s) == zone_span{begin, end, 11h});
  CHECK(where.span_at(begin - 1s).offset == 10h);
  CHECK(where.span_at(end) == zone_span{end, real("2050-12-31T14:00:00Z"), 10h});
}

TEST_CASE("spans tile the time without a seam", "[zone][posix]") {
  const auto where =
      ruled(GENERATE(as<std::string>(), "AEST-10AEDT,M10.1.0,M4.1.0/3", "AAA0BBB,J1/0,365/0",
                     "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "AAA0BBB,J60/-167,59/167"));
  auto before = where.span_at(real("1500-01-01T00:00:00Z"));
  int years = 0;
  for (; before.end < real("2501-01-01T00:00:00Z"); ++years) {
    const auto next = where.span_at(before.end);
    REQUIRE(next.begin == before.end);
    REQUIRE(next.begin < next.end);
    REQUIRE(next.offset != before.offset);
    REQUIRE(where.span_at(next.end - 1s) == next);
    before = next;
  }
  CHECK(years > 500);
}

TEST_CASE("what is no rule is refused", "[zone][posix]") {
  const auto text = GENERATE(
      as<std::string>(), "", "UTC", "UT0", "<+3>-3", "<+03-3", "+03-3", "UTC0 ", " UTC0", "UTC25",
      "UTC-25", "UTC0:60", "UTC0:0:60", "UTC0:", "UTC0:0:", "EST5EDT", "EST5EDT,M3.2.0",
      "EST5EDT,M3.2.0,", "EST5EDT,M3.2.0,M11.1.0,", "EST5EDT,M13.2.0,M11.1.0",
      "EST5EDT,M0.2.0,M11.1.0", "EST5EDT,M3.0.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
      "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2,M11.1.0", "EST5EDT,J0,M11.1.0",
      "EST5EDT,J366,M11.1.0", "EST5EDT,366,M11.1.0", "EST5EDT,M3.2.0/,M11.1.0",
      "EST5EDT,M3.2.0/168,M11.1.0", "EST5EDT,M3.2.0/--1,M11.1.0", "EST5EDT4,", "EST5ED4,J1,J2",
      "EST99999999999999999999", "Europe/Berlin", ":EST5");
  CAPTURE(text);
  CHECK_FALSE(posix_tz::parse(text));
}

TEST_CASE("zones are the same when their rules are, not their names", "[zone]") {
  const auto where = berlin();
  CHECK(where.same_rules(berlin()));
  CHECK(ruled("EST5EDT,M3.2.0,M11.1.0").same_rules(ruled("<-05>5<-04>,M3.2.0/2,M11.1.0/2:00")));
  CHECK(utc_zone()->same_rules(ruled("GMT0")));

  CHECK_FALSE(where.same_rules(ruled("CET-1CEST,M3.5.0,M10.5.0/3")));
  CHECK_FALSE(ruled("EST5EDT,M3.2.0,M11.1.0").same_rules(ruled("EST5EDT,M3.2.0,M11.1.0/3")));
  CHECK_FALSE(ruled("EST5").same_rules(ruled("EST5EDT,M3.2.0,M11.1.0")));
  CHECK_FALSE(zone("A", 0s, {{sys_seconds{}, 1h}}, "").same_rules(*utc_zone()));
  CHECK_FALSE(zone("A", 1h, {}, "").same_rules(*utc_zone()));
}

TEST_CASE("a local time has one real time, or two, or none", "[zone]") {
  using kind = real_times::kind;
  const auto where = berlin();
  const auto check = [&](std::string_view at, kind what, std::string_view first,
                         std::string_view second) {
    CAPTURE(at);
    const auto times = to_real(where, local(at));
    CHECK(times.what == what);
    CHECK(times.first == real(first));
    CHECK(times.second == real(second));
  };
  const auto unique = [&](std::string_view at, std::string_view expected) {
    check(at, kind::unique, expected, expected);
  };
  const auto gap = "2030-03-31T01:00:00Z";
  unique("2030-07-01T09:00:00", "2030-07-01T07:00:00Z");
  unique("2030-01-01T09:00:00", "2030-01-01T08:00:00Z");

  unique("2030-03-31T01:59:59", "2030-03-31T00:59:59Z");
  check("2030-03-31T02:00:00", kind::gap, gap, gap);
  check("2030-03-31T02:59:59", kind::gap, gap, gap);
  unique("2030-03-31T03:00:00", gap);

  unique("2030-10-27T01:59:59", "2030-10-26T23:59:59Z");
  check("2030-10-27T02:00:00", kind::repeated, "2030-10-27T00:00:00Z", "2030-10-27T01:00:00Z");
  check("2030-10-27T02:59:59", kind::repeated, "2030-10-27T00:59:59Z", "2030-10-27T01:59:59Z");
  unique("2030-10-27T03:00:00", "2030-10-27T02:00:00Z");

  // the end of local mean time
  unique("1893-03-31T23:59:59", "1893-03-31T23:06:31Z");
  check("1893-04-01T00:00:00", kind::gap, "1893-03-31T23:06:32Z", "1893-03-31T23:06:32Z");
}

TEST_CASE("a whole day may be skipped or come twice", "[zone]") {
  const auto change = real("2011-12-30T10:00:00Z");  // Apia changed the side of the date line
  const zone apia{"Pacific/Apia", -10h, {{change, 14h}}, ""};
  const auto skipped = to_real(apia, local("2011-12-30T12:00:00"));
  CHECK(skipped.what == real_times::kind::gap);
  CHECK(skipped.first == change);
  CHECK(to_real(apia, local("2011-12-29T23:59:59")).first == change - 1s);
  CHECK(to_real(apia, local("2011-12-31T00:00:00")).first == change);

  const zone back{"Test/Back", 14h, {{change, -10h}}, ""};
  const auto twice = to_real(back, local("2011-12-30T12:00:00"));
  CHECK(twice.what == real_times::kind::repeated);
  CHECK(twice.first == change - 12h);
  CHECK(twice.second == change + 12h);
}

TEST_CASE("a local time that two quick changes skip and then show has its real time", "[zone]") {
  const auto change = real("2030-01-01T00:00:00Z");
  const zone where{"Test/Quick", 0s, {{change, 1h}, {change + 10min, 0s}}, ""};
  const auto times = to_real(where, local("2030-01-01T00:30:00"));
  CHECK(times.what == real_times::kind::unique);
  CHECK(times.first == change + 30min);
}

TEST_CASE("a gap ends at its own change, however soon the next one comes", "[zone]") {
  const auto change = real("2030-01-01T00:00:00Z");
  const zone where{"Test/Quick", 0s, {{change, 2h}, {change + 10h, 3h}}, ""};
  const auto times = to_real(where, local("2030-01-01T01:00:00"));
  CHECK(times.what == real_times::kind::gap);
  CHECK(times.first == change);
}

TEST_CASE("far beyond the calendar nothing changes any more", "[zone][posix]") {
  const auto rule = posix_tz::parse("EST5EDT,M3.2.0,M11.1.0");
  const auto first = rule->span_at(always);
  const auto last = rule->span_at(never);
  CHECK(first.begin == always);
  CHECK(first.end < real("0000-01-01T00:00:00Z"));
  CHECK(rule->span_at(first.end - 1s) == first);
  CHECK(last.begin > real("9999-12-31T23:59:59Z"));
  CHECK(last.end == never);
  CHECK(rule->span_at(last.begin) == last);
}

TEST_CASE("the ends of time do no harm", "[zone]") {
  for (const auto* rule : {"<+2459>-24:59", "<-2459>24:59", "EST5EDT,M3.2.0,M11.1.0"}) {
    const auto where = ruled(rule);
    for (const auto at : {always, always + 1s, never - 1s, never}) {
      const auto span = where.span_at(at);
      CHECK(span.begin <= at);
      CHECK((at < span.end || at == never));
      const auto shown = span.to_local(at);
      CHECK_NOTHROW(to_real(where, shown));
      CHECK_NOTHROW(span.to_real(shown));
    }
    CHECK_NOTHROW(to_real(where, local_seconds::min()));
    CHECK_NOTHROW(to_real(where, local_seconds::max()));
    CHECK_NOTHROW(format_local(where, instant::min()));
    CHECK_NOTHROW(format_local(where, instant::max()));
  }
  const zone_span ahead{always, never, 2h};
  const zone_span behind{always, never, -2h};
  CHECK(ahead.to_local(never) == local_seconds::max());
  CHECK(behind.to_local(always) == local_seconds::min());
  CHECK(behind.to_real(local_seconds::max()) == never);
  CHECK(ahead.to_real(local_seconds::min()) == always);
}

TEST_CASE("a local time is written with its offset", "[zone]") {
  const auto check = [](const zone& where, std::string_view at, std::string_view expected) {
    CHECK(format_local(where, parse_instant(at).value()) == expected);
  };
  check(berlin(), "2030-07-01T07:00:00Z", "2030-07-01T09:00:00+02:00");
  check(berlin(), "2030-01-01T08:00:00.250Z", "2030-01-01T09:00:00.250+01:00");
  check(berlin(), "1969-12-31T23:59:59.999Z", "1970-01-01T00:59:59.999+01:00");
  check(*utc_zone(), "2030-07-01T07:00:00Z", "2030-07-01T07:00:00+00:00");
  check(ruled("<-0930>9:30"), "2030-07-01T07:00:00Z", "2030-06-30T21:30:00-09:30");
  check(ruled("<-0030>0:30"), "2030-07-01T07:00:00Z", "2030-07-01T06:30:00-00:30");
}

TEST_CASE("where RFC 3339 cannot write the local time, the instant stays right", "[zone]") {
  // Local mean time, 53 min 28 s: the nearest minute.
  CHECK(format_local(berlin(), parse_instant("1890-01-01T00:00:00Z").value())
        == "1890-01-01T00:53:00+00:53");
  CHECK(format_local(ruled("<+14>-14"), instant_max) == "9999-12-31T23:59:59.999+00:00");
  CHECK(format_local(ruled("<-10>10"), instant_min) == "0000-01-01T00:00:00+00:00");
}

}  // namespace carillon
