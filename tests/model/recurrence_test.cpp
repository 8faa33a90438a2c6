#include "model/recurrence.hpp"

#include "tests/model/test_zones.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace carillon {

namespace {

using namespace std::chrono_literals;

using texts = std::vector<std::string>;

instant at(std::string_view text) {
  return *parse_instant(text);
}

expected<recurrence> compiled(const recurrence_spec& spec) {
  static const test_zones zones;
  return recurrence::compile(spec, zones, "body.schedule_expr", "body.timezone");
}

recurrence rule_of(const recurrence_spec& spec) {
  CAPTURE(spec.expr);
  auto rule = compiled(spec);
  if (!rule)
    FAIL(rule.error().detail);
  return *rule;
}

std::vector<fault> faults_of(const recurrence_spec& spec) {
  CAPTURE(spec.expr);
  const auto rule = compiled(spec);
  REQUIRE_FALSE(rule.has_value());
  CHECK(rule.error().kind == problem_kind::invalid);
  return rule.error().faults;
}

std::string text_of(const moment& found) {
  return format_instant(found.at) + (found.runs ? "" : " (recorded)");
}

/// The moments in (from, to), asked forwards and backwards; both must be the same.
texts moments(const recurrence& rule, std::string_view from, std::string_view to) {
  texts forwards;
  for (auto found = rule.next(at(from)); found && found->at < at(to); found = rule.next(found->at))
    forwards.push_back(text_of(*found));
  texts backwards;
  for (auto found = rule.previous(at(to)); found && found->at > at(from);
       found = rule.previous(found->at))
    backwards.push_back(text_of(*found));
  std::reverse(backwards.begin(), backwards.end());
  CHECK(forwards == backwards);
  return forwards;
}

recurrence_spec cron(std::string expr, std::string zone = "UTC", dst_rules dst = {}) {
  return {.kind = schedule_kind::cron,
          .expr = std::move(expr),
          .timezone = std::move(zone),
          .dst = dst,
          .anchor = at("2030-01-01T00:00:00Z")};
}

recurrence_spec once(std::string expr, std::string zone = "UTC", dst_rules dst = {}) {
  auto spec = cron(std::move(expr), std::move(zone), dst);
  spec.kind = schedule_kind::once;
  return spec;
}

recurrence_spec rrule(std::string expr, std::string zone) {
  auto spec = cron(std::move(expr), std::move(zone));
  spec.kind = schedule_kind::rrule;
  return spec;
}

/// What a cron rule does on 2030-05-01 in one of the odd zones.
texts odd_day(const std::string& expr, const std::string& zone, dst_rules dst = {}) {
  return moments(rule_of(cron(expr, zone, dst)), "2030-05-01T00:00:00Z", "2030-05-01T12:00:00Z");
}

}  // namespace

// -- the clock on the wall -----------------------------------------------------

TEST_CASE("a rule keeps its local time when the offset changes", "[recurrence]") {
  const auto rule = rule_of(cron("0 9 * * *", "Europe/Berlin"));
  CHECK(moments(rule, "2030-03-30T00:00:00Z", "2030-04-01T00:00:00Z")
        == texts{"2030-03-30T08:00:00Z", "2030-03-31T07:00:00Z"});
  CHECK(rule.where().name() == "Europe/Berlin");
}

TEST_CASE("a skipped local time fires at the first instant after the gap", "[recurrence]") {
  const auto day = [](const std::string& expr, dst_gap gap) {
    return moments(rule_of(cron(expr, "Europe/Berlin", {.gap = gap})), "2030-03-30T12:00:00Z",
                   "2030-03-31T12:00:00Z");
  };
  CHECK(day("30 2 * * *", dst_gap::after) == texts{"2030-03-31T01:00:00Z"});
  CHECK(day("0 2 * * *", dst_gap::after) == texts{"2030-03-31T01:00:00Z"});
  CHECK(day("30 2 * * *", dst_gap::skip) == texts{});
  // Several in one gap are one; the match at its end is the same instant.
  CHECK(day("10,20,50 2 * * *", dst_gap::after) == texts{"2030-03-31T01:00:00Z"});
  CHECK(day("0 2,3 * * *", dst_gap::after) == texts{"2030-03-31T01:00:00Z"});
  CHECK(day("0 3 * * *", dst_gap::skip) == texts{"2030-03-31T01:00:00Z"});
  CHECK(day("59 1 * * *", dst_gap::after) == texts{"2030-03-31T00:59:00Z"});
  CHECK(day("30 1-3 * * *", dst_gap::after)
        == texts{"2030-03-31T00:30:00Z", "2030-03-31T01:00:00Z", "2030-03-31T01:30:00Z"});
}

TEST_CASE("a repeated local time fires at the pass that is chosen", "[recurrence]") {
  const auto night = [](const std::string& expr, dst_repeat repeat) {
    return moments(rule_of(cron(expr, "Europe/Berlin", {.repeat = repeat})), "2030-10-26T12:00:00Z",
                   "2030-10-27T12:00:00Z");
  };
  CHECK(night("30 2 * * *", dst_repeat::first)
        == texts{"2030-10-27T00:30:00Z", "2030-10-27T01:30:00Z (recorded)"});
  CHECK(night("30 2 * * *", dst_repeat::second)
        == texts{"2030-10-27T00:30:00Z (recorded)", "2030-10-27T01:30:00Z"});
  CHECK(night("30 2 * * *", dst_repeat::both)
        == texts{"2030-10-27T00:30:00Z", "2030-10-27T01:30:00Z"});
  CHECK(night("0 2 * * *", dst_repeat::first)
        == texts{"2030-10-27T00:00:00Z", "2030-10-27T01:00:00Z (recorded)"});
  CHECK(night("0 3 * * *", dst_repeat::second) == texts{"2030-10-27T02:00:00Z"});
}

TEST_CASE("an interval follows real time through gaps and repeats", "[recurrence]") {
  const auto around = [](const std::string& expr, const std::string& day) {
    return moments(rule_of(cron(expr, "Europe/Berlin")), day + "T00:29:00Z", day + "T01:31:00Z");
  };
  CHECK(around("*/30 * * * *", "2030-03-31")
        == texts{"2030-03-31T00:30:00Z", "2030-03-31T01:00:00Z", "2030-03-31T01:30:00Z"});
  CHECK(around("*/30 * * * *", "2030-10-27")
        == texts{"2030-10-27T00:30:00Z", "2030-10-27T01:00:00Z", "2030-10-27T01:30:00Z"});
  CHECK(around("30 * * * *", "2030-10-27")
        == texts{"2030-10-27T00:30:00Z", "2030-10-27T01:30:00Z"});
  CHECK(around("*/30 2 * * *", "2030-03-31") == texts{});
}

TEST_CASE("a day that is left out falls to the start of the next", "[recurrence]") {
  const auto rule = rule_of(cron("0 9 * * *", "Pacific/Apia"));
  CHECK(moments(rule, "2011-12-29T00:00:00Z", "2012-01-01T00:00:00Z")
        == texts{"2011-12-29T19:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z",
                 "2011-12-31T19:00:00Z"});
}

TEST_CASE("changes of half an hour and at midnight", "[recurrence]") {
  const auto day = [](const std::string& expr, const std::string& zone, const std::string& from) {
    return moments(rule_of(cron(expr, zone)), from, format_instant(at(from) + 24h));
  };
  CHECK(day("15 2 * * *", "Australia/Lord_Howe", "2030-10-05T12:00:00Z")
        == texts{"2030-10-05T15:30:00Z"});
  CHECK(day("45 1 * * *", "Australia/Lord_Howe", "2030-04-06T12:00:00Z")
        == texts{"2030-04-06T14:45:00Z", "2030-04-06T15:15:00Z (recorded)"});
  CHECK(day("0 0 * * *", "America/Santiago", "2030-09-07T12:00:00Z")
        == texts{"2030-09-08T04:00:00Z"});
  CHECK(day("30 23 * * *", "America/Santiago", "2030-04-06T12:00:00Z")
        == texts{"2030-04-07T02:30:00Z", "2030-04-07T03:30:00Z (recorded)"});
  CHECK(day("0 0 * * *", "Asia/Beirut", "2030-03-30T12:00:00Z") == texts{"2030-03-30T22:00:00Z"});
}

TEST_CASE("an offset may have seconds", "[recurrence]") {
  const auto rule = rule_of(cron("0 0 * * *", "Old/Berlin"));
  CHECK(moments(rule, "1893-03-30T00:00:00Z", "1893-04-02T00:00:00Z")
        == texts{"1893-03-30T23:06:32Z", "1893-03-31T23:06:32Z", "1893-04-01T23:00:00Z"});
}

TEST_CASE("changes that lie close together", "[recurrence]") {
  // 02:45 is jumped over, yet comes a moment later; 02:15 never comes.
  CHECK(odd_day("45 2 * * *", "Odd/Hasty") == texts{"2030-05-01T02:45:00Z"});
  CHECK(odd_day("15 2 * * *", "Odd/Hasty") == texts{"2030-05-01T02:00:00Z"});
  CHECK(odd_day("15 3 * * *", "Odd/Hasty")
        == texts{"2030-05-01T02:15:00Z", "2030-05-01T03:15:00Z (recorded)"});

  // The end of the gap is the first pass of 03:00, which does not run; what fell into it does.
  CHECK(odd_day("0,15 2,3 * * *", "Odd/Hasty", {.repeat = dst_repeat::second})
        == texts{"2030-05-01T02:00:00Z", "2030-05-01T02:15:00Z (recorded)", "2030-05-01T03:00:00Z",
                 "2030-05-01T03:15:00Z"});

  CHECK(odd_day("30 2,3 * * *", "Odd/Eager")
        == texts{"2030-05-01T02:00:00Z", "2030-05-01T02:10:00Z"});

  const std::string a = "2030-05-01T00:15:00Z";
  const std::string b = "2030-05-01T01:15:00Z";
  const std::string c = "2030-05-01T01:45:00Z";
  const std::string recorded = " (recorded)";
  CHECK(odd_day("15 2 * * *", "Odd/Thrice") == texts{a, b + recorded, c + recorded});
  CHECK(odd_day("15 2 * * *", "Odd/Thrice", {.repeat = dst_repeat::second})
        == texts{a + recorded, b + recorded, c});
  CHECK(odd_day("15 2 * * *", "Odd/Thrice", {.repeat = dst_repeat::both}) == texts{a, b, c});

  CHECK(odd_day("45 2 * * *", "Odd/Undecided") == texts{"2030-05-01T01:45:00Z"});
  CHECK(odd_day("15 3 * * *", "Odd/Undecided") == texts{"2030-05-01T02:30:00Z"});

  CHECK(odd_day("30 2 * * *", "Odd/Twice") == texts{"2030-05-01T02:00:00Z"});
}

TEST_CASE("a rare rule is found across many changes of the offset", "[recurrence]") {
  const auto rule = rule_of(cron("0 12 29 2 1", "Europe/Berlin"));
  CHECK(format_instant(rule.next(at("2030-01-01T00:00:00Z"))->at) == "2030-02-04T11:00:00Z");
  const auto both = rule_of(cron("0 12 29 2 *", "Europe/Berlin"));
  CHECK(moments(both, "2092-03-01T00:00:00Z", "2108-12-31T00:00:00Z")
        == texts{"2096-02-29T11:00:00Z", "2104-02-29T11:00:00Z", "2108-02-29T11:00:00Z"});
  const auto west = rule_of(cron("0 12 29 2 *", "America/New_York"));
  CHECK(moments(west, "2092-03-01T00:00:00Z", "2104-12-31T00:00:00Z")
        == texts{"2096-02-29T17:00:00Z", "2104-02-29T17:00:00Z"});
  const auto summer = rule_of(cron("30 2 31 3 *", "Europe/Berlin"));
  CHECK(moments(summer, "2029-04-01T00:00:00Z", "2031-04-01T00:00:00Z")
        == texts{"2030-03-31T01:00:00Z", "2031-03-31T00:30:00Z"});
}

TEST_CASE("a question between two seconds neither loses nor doubles a moment", "[recurrence]") {
  const auto rule = rule_of(cron("* * * * * *", "Europe/Berlin"));
  const auto noon = at("2030-06-01T12:00:00Z");
  CHECK(rule.next(noon)->at == noon + 1s);
  CHECK(rule.next(noon - 1ms)->at == noon);
  CHECK(rule.next(noon + 1ms)->at == noon + 1s);
  CHECK(rule.next(noon + 999ms)->at == noon + 1s);
  CHECK(rule.previous(noon)->at == noon - 1s);
  CHECK(rule.previous(noon + 1ms)->at == noon);
  CHECK(rule.previous(noon - 1ms)->at == noon - 1s);
}

TEST_CASE("the years 0 to 9999 are all there is", "[recurrence]") {
  const auto rule = rule_of(cron("0 0 1 1 *"));
  CHECK(format_instant(rule.next(instant::min())->at) == "0000-01-01T00:00:00Z");
  CHECK(rule.next(instant_min)->at == at("0001-01-01T00:00:00Z"));
  CHECK_FALSE(rule.next(at("9999-01-01T00:00:00Z")));
  CHECK_FALSE(rule.next(instant::max()));
  CHECK(rule.previous(instant::max())->at == at("9999-01-01T00:00:00Z"));
  CHECK_FALSE(rule.previous(instant_min));
  CHECK_FALSE(rule.previous(instant::min()));
  const auto every = rule_of(cron("@every 36500d"));
  CHECK(every.previous(instant::max())->at > at("9899-01-01T00:00:00Z"));
  CHECK_FALSE(every.next(every.previous(instant::max())->at));
}

// -- @every, unions --------------------------------------------------------------

TEST_CASE("@every counts from the anchor in real time", "[recurrence]") {
  auto spec = cron("@every 90s", "Europe/Berlin");
  spec.anchor = at("2030-10-27T00:59:00.250Z");
  const auto rule = rule_of(spec);
  CHECK(
      moments(rule, "2030-10-26T00:00:00Z", "2030-10-27T01:04:00Z")
      == texts{"2030-10-27T01:00:30.250Z", "2030-10-27T01:02:00.250Z", "2030-10-27T01:03:30.250Z"});
  CHECK(rule.next(spec.anchor)->at == spec.anchor + 90s);
  CHECK_FALSE(rule.previous(spec.anchor + 90s));
  CHECK(rule.previous(spec.anchor + 90s + 1ms)->at == spec.anchor + 90s);
  CHECK(rule.next(spec.anchor + 90s - 1ms)->at == spec.anchor + 90s);
  CHECK(rule_of(cron("@EVERY PT1S")).next(at("2030-01-01T00:00:00Z"))->at
        == at("2030-01-01T00:00:01Z"));
}

TEST_CASE("several expressions are a union without doubles", "[recurrence]") {
  const auto rule = rule_of(cron("0 9 * * * | 0 9,17 * * *|@every 12h"));
  CHECK(moments(rule, "2030-06-01T00:30:00Z", "2030-06-02T00:30:00Z")
        == texts{"2030-06-01T09:00:00Z", "2030-06-01T12:00:00Z", "2030-06-01T17:00:00Z",
                 "2030-06-02T00:00:00Z"});
}

TEST_CASE("rules that meet run when one of them runs", "[recurrence]") {
  // The second pass of 02:30 is only recorded for the daily rule, and runs for the interval.
  const auto rule = rule_of(cron("30 2 * * * | 30 * * * *", "Europe/Berlin"));
  CHECK(moments(rule, "2030-10-27T00:00:00Z", "2030-10-27T02:00:00Z")
        == texts{"2030-10-27T00:30:00Z", "2030-10-27T01:30:00Z"});
}

// -- recurrence rules --------------------------------------------------------------

TEST_CASE("a recurrence rule always keeps the time of the clock on the wall", "[recurrence]") {
  const auto rule = rule_of(rrule("FREQ=MINUTELY;INTERVAL=30", "Europe/Berlin"));
  CHECK(moments(rule, "2030-10-27T00:29:00Z", "2030-10-27T02:01:00Z")
        == texts{"2030-10-27T00:30:00Z", "2030-10-27T01:00:00Z (recorded)",
                 "2030-10-27T01:30:00Z (recorded)", "2030-10-27T02:00:00Z"});
  const auto daily = rule_of(rrule("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "Europe/Berlin"));
  CHECK(moments(daily, "2030-03-30T12:00:00Z", "2030-04-01T12:00:00Z")
        == texts{"2030-03-31T01:00:00Z", "2030-04-01T00:30:00Z"});
}

TEST_CASE("a recurrence rule without a start begins at the anchor", "[recurrence]") {
  auto spec = rrule("FREQ=DAILY;COUNT=3", "Europe/Berlin");
  spec.anchor = at("2030-03-30T08:00:00.250Z");
  const auto rule = rule_of(spec);
  const texts wanted{"2030-03-30T08:00:00Z", "2030-03-31T07:00:00Z", "2030-04-01T07:00:00Z"};
  CHECK(moments(rule, "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z") == wanted);
  // The count is kept with the text.
  REQUIRE(rule.counted_last());
  CHECK(format_instant(instant{rule.counted_last()->time_since_epoch()}) == "2030-04-01T09:00:00Z");
  spec.counted_last = rule.counted_last();
  CHECK(moments(rule_of(spec), "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z") == wanted);
  CHECK_FALSE(rule_of(cron("@daily")).counted_last());
}

// -- once, event, manual ---------------------------------------------------------

TEST_CASE("once is an instant, or a local time in the zone", "[recurrence]") {
  const auto all = [](const recurrence_spec& spec) {
    return moments(rule_of(spec), "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
  };
  CHECK(all(once("2030-12-25T09:00:00.250+01:00", "Asia/Beirut"))
        == texts{"2030-12-25T08:00:00.250Z"});
  CHECK(all(once("2030-12-25T09:00:00", "Europe/Berlin")) == texts{"2030-12-25T08:00:00Z"});
  CHECK(all(once(" 2030-12-25T09:00:00.250 ", "Europe/Berlin"))
        == texts{"2030-12-25T08:00:00.250Z"});
  CHECK(all(once("2030-03-31T02:30:00.500", "Europe/Berlin")) == texts{"2030-03-31T01:00:00Z"});
  CHECK(all(once("2030-10-27T02:30:00", "Europe/Berlin"))
        == texts{"2030-10-27T00:30:00Z", "2030-10-27T01:30:00Z (recorded)"});
  CHECK(all(once("2030-10-27T02:30:00", "Europe/Berlin", {.repeat = dst_repeat::second}))
        == texts{"2030-10-27T00:30:00Z (recorded)", "2030-10-27T01:30:00Z"});
  CHECK(all(once("2011-12-30T09:00:00", "Pacific/Apia")) == texts{"2011-12-30T10:00:00Z"});
  CHECK(all(once("2001-01-01T00:00:00Z")) == texts{"2001-01-01T00:00:00Z"});  // past the anchor
}

TEST_CASE("topics and calls have no moments", "[recurrence]") {
  const auto topic = GENERATE(as<std::string>{}, "email.received", std::string(200, 'x'), "größe");
  auto spec = cron(topic);
  spec.kind = schedule_kind::event;
  CHECK_FALSE(rule_of(spec).next(instant::min()));
  CHECK_FALSE(rule_of(spec).previous(instant::max()));
  spec.kind = schedule_kind::manual;
  spec.expr = "";
  CHECK_FALSE(rule_of(spec).next(instant::min()));
}

TEST_CASE("kinds have words", "[recurrence]") {
  const auto kind = GENERATE(schedule_kind::cron, schedule_kind::rrule, schedule_kind::once,
                             schedule_kind::event, schedule_kind::manual);
  CHECK(parse_schedule_kind(to_string(kind)) == kind);
  CHECK(parse_schedule_kind("hourly") == std::nullopt);
}

// -- what is refused ---------------------------------------------------------------

TEST_CASE("a bad expression is refused at its place", "[recurrence]") {
  const auto message = [](const recurrence_spec& spec) {
    const auto faults = faults_of(spec);
    REQUIRE(faults.size() == 1);
    CHECK(faults.front().location == "body.schedule_expr");
    return faults.front().message;
  };
  CHECK(message(cron("@every 999ms")) == "@every must be at least 1s");
  CHECK(message(cron("@every soon"))
        == "what follows @every must be a duration such as 30s, 1h30m or PT30S");
  CHECK_THAT(message(cron("0 9 * * * | 0 25 * * *")), Catch::StartsWith("expression 2: "));
  CHECK_THAT(message(cron("0 9 * * * |")), Catch::StartsWith("expression 2: "));
  std::string many = "@hourly";
  for (int i = 1; i < 33; ++i)
    many += "|@hourly";
  CHECK(message(cron(many)) == "must be at most 32 expressions joined by |");
  CHECK(compiled(cron(many.substr(8))).has_value());
  CHECK(message(once("tomorrow"))
        == "must be an instant such as 2030-12-25T09:00:00Z, or a local time such as "
           "2030-12-25T09:00:00");
  auto spec = cron("");
  spec.kind = schedule_kind::event;
  CHECK(compiled(spec).has_value());  // it listens to nothing until it has a topic
  spec.expr = "a\nb";
  CHECK(message(spec) == "must be a topic of at most 200 printable characters");
  spec.kind = schedule_kind::manual;
  CHECK(message(spec) == "must be empty: only calls start it");
}

TEST_CASE("all faults are told at once", "[recurrence]") {
  const auto faults = faults_of(cron("0 25 * * * | 0 26 * * *", "Mars/Olympus"));
  REQUIRE(faults.size() == 3);
  CHECK(
      faults[0]
      == fault{"body.timezone", "must be an IANA time zone such as Europe/Berlin", "Mars/Olympus"});
  CHECK_THAT(faults[1].message, Catch::StartsWith("expression 1: "));
  CHECK_THAT(faults[2].message, Catch::StartsWith("expression 2: "));
}

TEST_CASE("a rule that can never fire is refused", "[recurrence]") {
  const auto message = [](const recurrence_spec& spec) { return faults_of(spec).at(0).message; };
  // 02:30 on the second Sunday of March lies in the gap of every year.
  CHECK(message(cron("30 2 * 3 0#2", "America/New_York", {.gap = dst_gap::skip}))
        == "must be able to fire, but never does in America/New_York");
  CHECK(compiled(cron("30 2 * 3 0#2", "America/New_York")).has_value());
  CHECK(message(once("2030-03-31T02:30:00", "Europe/Berlin", {.gap = dst_gap::skip}))
        == "must be able to fire, but never does in Europe/Berlin");
}

}  // namespace carillon
