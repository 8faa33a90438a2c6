#include "model/rule_words.hpp"

#include "tests/model/test_zones.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>
#include <vector>

namespace carillon {

namespace {

using texts = std::vector<std::string>;

instant at(std::string_view text) {
  return *parse_instant(text);
}

recurrence_spec spec_of(schedule_kind kind, std::string expr, std::string zone = "Europe/Berlin",
                        dst_rules dst = {}) {
  return {.kind = kind,
          .expr = std::move(expr),
          .timezone = std::move(zone),
          .dst = dst,
          .anchor = at("2030-01-01T00:00:00Z")};
}

std::string words(schedule_kind kind, const std::string& expr) {
  const test_zones zones;
  const auto spec = spec_of(kind, expr);
  const auto rule = recurrence::compile(spec, zones, "expr", "zone");
  if (!rule)
    FAIL(rule.error().detail);
  return rule_in_words(spec);
}

std::vector<rule_note> all_notes(const recurrence_spec& spec, std::string_view from,
                                 std::string_view to, std::size_t limit = 100) {
  const test_zones zones;
  const auto rule = recurrence::compile(spec, zones, "expr", "zone");
  if (!rule)
    FAIL(rule.error().detail);
  return notes_of(spec, *rule, at(from), at(to), limit);
}

texts told(const std::vector<rule_note>& notes) {
  texts lines;
  for (const auto& note : notes)
    lines.push_back(note.kind + " " + format_instant(note.at) + " " + note.message);
  return lines;
}

/// Of a year of a cron rule.
texts notes_of_2030(const std::string& expr, const std::string& zone = "Europe/Berlin",
                    dst_rules dst = {}) {
  return told(all_notes(spec_of(schedule_kind::cron, expr, zone, dst), "2030-01-01T00:00:00Z",
                        "2031-01-01T00:00:00Z"));
}

}  // namespace

// -- words -----------------------------------------------------------------------

TEST_CASE("a cron rule is told as a person would", "[rule_words]") {
  const auto [expr, told_as] = GENERATE(table<std::string, std::string>({
      {"0 9 * * *", "At 09:00 every day"},
      {"0 9 * * 1-5", "At 09:00, Monday to Friday"},
      {"30 0 9 * * *", "At 09:00:30 every day"},
      {"0 0,6,12 * * 0,6", "At 00:00, 06:00 and 12:00 on Saturday and Sunday"},
      {"*/5 * * * *", "Every 5 minutes"},
      {"* * * * *", "Every minute"},
      {"@hourly", "Every hour"},
      {"0 */2 * * *", "Every 2 hours"},
      {"15 */6 * * *", "Every 6 hours at minute 15"},
      {"*/10 * * * * *", "Every 10 seconds"},
      {"5 9-17 * * 1-5", "Every hour from 09:05 to 17:05, Monday to Friday"},
      {"*/5 9-17 * * 1-5", "Every 5 minutes from 09:00 to 17:59, Monday to Friday"},
      {"0 17 * * 5L", "At 17:00 on the last Friday of the month"},
      {"0 17 * * FRI#2", "At 17:00 on the 2nd Friday of the month"},
      {"0 9 * * 5L,1#1", "At 09:00 on the 1st Monday and the last Friday of the month"},
      {"0 0 1,15 * *", "At 00:00 on the 1st and 15th of the month"},
      {"17 3 1-7 * *", "At 03:17 on the 1st to 7th of the month"},
      {"0 0 L * *", "At 00:00 on the last day of the month"},
      {"0 0 L-2 * *", "At 00:00 on the 3rd last day of the month"},
      {"0 0 15W * *", "At 00:00 on the working day nearest to the 15th of the month"},
      {"0 0 LW * *", "At 00:00 on the working day nearest to the last day of the month"},
      {"@yearly", "At 00:00 on the 1st of January"},
      {"0 9 * 1-3 *", "At 09:00 every day in January to March"},
      {"* * * 1 *", "Every minute in January"},
  }));
  CHECK(words(schedule_kind::cron, expr) == told_as + ", in Europe/Berlin");
}

TEST_CASE("an unusual cron rule is told field by field", "[rule_words]") {
  const auto [expr, told_as] = GENERATE(table<std::string, std::string>({
      {"*/25 * * * *", "At minutes 0, 25 and 50 of every hour"},
      {"0,20 1,3,5,7 * * *", "At minutes 0 and 20 of the hours 1, 3, 5 and 7"},
      {"15,45 0,30 9-17 * * *", "At seconds 15 and 45 of minutes 0 and 30 from 09:00 to 17:59"},
      {"30 * * * * *", "At second 30 of every minute"},
      {"*/20 5 * * * *", "Every 20 seconds in minute 5 of every hour"},
      {"0 0 13 * 5", "At 00:00 on the 13th of the month or on Friday"},
      {"0 0 13 1 5", "At 00:00 on the 13th of January or on Friday in January"},
      {"0 0 */10 * 5,1",
       "At 00:00 on the 1st, 11th, 21st and 31st of the month, if it is Monday or Friday"},
      {"0 9 1-31 * 5", "At 09:00 every day"},
      {"0 9 1,L * *", "At 09:00 on the 1st and the last day of the month"},
  }));
  CHECK(words(schedule_kind::cron, expr) == told_as + ", in Europe/Berlin");
}

TEST_CASE("@every and unions are told", "[rule_words]") {
  const std::string counted = ", counted from 2030-01-01T00:00:00Z";
  CHECK(words(schedule_kind::cron, "@every 90s") == "Every 90 seconds" + counted);
  CHECK(words(schedule_kind::cron, "@every 1h30m") == "Every 90 minutes" + counted);
  CHECK(words(schedule_kind::cron, "@every 1m") == "Every minute" + counted);
  CHECK(words(schedule_kind::cron, "@every 1500ms") == "Every 1500 milliseconds" + counted);
  CHECK(words(schedule_kind::cron, "0 9 * * 1-5 | 30 10 * * 6,0 | @every 5m")
        == "At 09:00, Monday to Friday; and also at 10:30 on Saturday and Sunday; and also every "
           "5 minutes"
               + counted + ", in Europe/Berlin");
}

TEST_CASE("a recurrence rule is told as a person would", "[rule_words]") {
  const std::string anchor = ", from 2030-01-01T00:00:00Z on";
  const auto [expr, told_as] = GENERATE_COPY(table<std::string, std::string>({
      {"FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17;COUNT=10",
       "Every month on the last Friday at 17:00, 10 times" + anchor},
      {"FREQ=DAILY;BYHOUR=9", "Every day at 09:00"},
      {"FREQ=DAILY;COUNT=1", "Every day, once" + anchor},
      {"FREQ=WEEKLY;BYDAY=WE,MO;BYHOUR=9;BYMINUTE=30",
       "Every week on Monday and Wednesday at 09:30"},
      {"DTSTART:20300101T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2",
       "Every 2 weeks on Tuesday at 09:00, from 2030-01-01 09:00 on"},
      {"DTSTART:20300101T090000Z\nRRULE:FREQ=WEEKLY;UNTIL=20310101T000000Z",
       "Every week, until 2031-01-01T00:00:00Z, from 2030-01-01T09:00:00Z on"},
      {"FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;BYHOUR=2",
       "Every year in March on the last Sunday at 02:00"},
      {"FREQ=YEARLY;BYDAY=20MO;BYHOUR=2", "Every year on the 20th Monday of the year at 02:00"},
      {"FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;BYHOUR=13",
       "Every month on the 13th at 13:00, if it is Friday"},
      {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=9",
       "Every month on every Monday to Friday at 09:00, of these the last in each month"},
      {"FREQ=MONTHLY;BYMONTHDAY=1,-1;BYHOUR=9",
       "Every month on the 1st and last day of the month at 09:00"},
      {"DTSTART;TZID=Europe/Berlin:20300131T090000\nRRULE:FREQ=MONTHLY\n"
       "EXDATE:20300331T090000\nRDATE:20300402T090000",
       "Every month on the 31st at 09:00, from 2030-01-31 09:00 on, also at 2030-04-02 09:00, "
       "except at 2030-03-31 09:00"},
      {"FREQ=HOURLY;INTERVAL=2;BYDAY=MO,TU,WE", "Every 2 hours on Monday to Wednesday" + anchor},
      {"FREQ=MINUTELY;INTERVAL=15;BYHOUR=9,10", "Every 15 minutes in hours 9 and 10" + anchor},
      {"FREQ=YEARLY;BYYEARDAY=100,-1;BYHOUR=9",
       "Every year on the 100th and last day of the year at 09:00"},
      {"RDATE:20300402T090000,20300403T090000", "At 2030-04-02 09:00 and 2030-04-03 09:00"},
  }));
  CHECK(words(schedule_kind::rrule, expr) == told_as + ", in Europe/Berlin");
}

TEST_CASE("the other kinds are told", "[rule_words]") {
  CHECK(words(schedule_kind::once, "2030-12-25T09:00:00")
        == "Once, at 2030-12-25T09:00:00, in Europe/Berlin");
  CHECK(words(schedule_kind::once, "2030-12-25T09:00:00+01:00") == "Once, at 2030-12-25T08:00:00Z");
  CHECK(words(schedule_kind::event, "email.received")
        == "Whenever an event with the topic email.received is published");
  CHECK(words(schedule_kind::manual, "") == "Only when a call starts it");
}

// -- notes -----------------------------------------------------------------------

TEST_CASE("gaps, repeats and changes of the offset are noted", "[rule_words]") {
  CHECK(notes_of_2030("30 2 * * *")
        == texts{
            "gap 2030-03-31T01:00:00Z 2030-03-31 has no 02:30, since the clocks go forward from "
            "02:00 to 03:00: it runs at 03:00",
            "offset_change 2030-04-01T00:30:00Z From 2030-03-31 on the offset is +02:00: 02:30 is "
            "00:30Z",
            "repeat 2030-10-27T00:30:00Z 02:30 comes twice on 2030-10-27, since the clocks go back "
            "from 03:00 to 02:00: it runs at the first, 2030-10-27T00:30:00Z, and the second is "
            "only recorded",
            "offset_change 2030-10-28T01:30:00Z From 2030-10-27 on the offset is +01:00: 02:30 is "
            "01:30Z"});
}

TEST_CASE("notes say what the policy makes of the night", "[rule_words]") {
  const auto other =
      notes_of_2030("30 2 * * *", "Europe/Berlin", {dst_gap::skip, dst_repeat::second});
  REQUIRE(other.size() == 4);
  CHECK_THAT(other[0], Catch::EndsWith("to 03:00: it does not run then"));
  CHECK_THAT(other[2], Catch::StartsWith("repeat 2030-10-27T01:30:00Z"));
  CHECK_THAT(other[2], Catch::EndsWith("it runs at the second, 2030-10-27T01:30:00Z, and the first "
                                       "is only recorded"));
  const auto both = notes_of_2030("30 2 * * *", "Europe/Berlin", {.repeat = dst_repeat::both});
  REQUIRE(both.size() == 4);
  CHECK_THAT(both[2], Catch::EndsWith("it runs at both"));
}

TEST_CASE("a rule is told only what it meets", "[rule_words]") {
  CHECK(notes_of_2030("0 9 * * *")
        == texts{
            "offset_change 2030-03-31T07:00:00Z From 2030-03-31 on the offset is +02:00: 09:00 is "
            "07:00Z",
            "offset_change 2030-10-27T08:00:00Z From 2030-10-27 on the offset is +01:00: 09:00 is "
            "08:00Z"});
  CHECK(notes_of_2030("*/5 * * * *").empty());
  CHECK(notes_of_2030("@every 1h").empty());
  CHECK(notes_of_2030("0 9 * * *", "UTC").empty());
  // Always in winter.
  CHECK(notes_of_2030("0 9 * 1 *").empty());
}

TEST_CASE("rules of one schedule share the note of a change", "[rule_words]") {
  CHECK(notes_of_2030("0 9 * * * | 0 8 * * *", "America/New_York").size() == 2);
}

TEST_CASE("a day that is left out is noted with its dates", "[rule_words]") {
  CHECK(told(all_notes(spec_of(schedule_kind::cron, "0 9 * * *", "Pacific/Apia"),
                       "2011-12-01T00:00:00Z", "2012-02-01T00:00:00Z"))
        == texts{"gap 2011-12-30T10:00:00Z 2011-12-30 has no 09:00, since the clocks go forward "
                 "from 2011-12-30 00:00 to 2011-12-31 00:00: it runs at 00:00",
                 "offset_change 2011-12-30T19:00:00Z From 2011-12-31 on the offset is +14:00: "
                 "09:00 is 19:00Z"});
}

TEST_CASE("a single local time has its note", "[rule_words]") {
  const auto gap = all_notes(spec_of(schedule_kind::once, "2030-03-31T02:30:00"),
                             "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z");
  REQUIRE(gap.size() == 1);
  CHECK(gap[0].kind == "gap");
  CHECK(all_notes(spec_of(schedule_kind::once, "2030-03-31T02:30:00Z"), "2030-01-01T00:00:00Z",
                  "2031-01-01T00:00:00Z")
            .empty());
}

TEST_CASE("months that have no such day are noted", "[rule_words]") {
  const auto of_utc = [](schedule_kind kind, const std::string& expr, std::string_view to) {
    return told(all_notes(spec_of(kind, expr, "UTC"), "2030-01-01T00:00:00Z", to));
  };
  CHECK(of_utc(schedule_kind::cron, "0 9 31 * *", "2030-06-01T00:00:00Z")
        == texts{"short_month 2030-03-31T09:00:00Z February 2030 has no 31st: it is left out",
                 "short_month 2030-05-31T09:00:00Z April 2030 has no 31st: it is left out"});
  CHECK(of_utc(schedule_kind::cron, "0 9 29 2 *", "2032-12-01T00:00:00Z")
        == texts{"short_month 2032-02-29T09:00:00Z February 2030 has no 29th: it is left out",
                 "short_month 2032-02-29T09:00:00Z February 2031 has no 29th: it is left out"});
  CHECK(of_utc(schedule_kind::rrule, "DTSTART:20300130T090000\nRRULE:FREQ=MONTHLY",
               "2031-01-01T00:00:00Z")
        == texts{"short_month 2030-03-30T09:00:00Z February 2030 has no 30th: it is left out"});
  // The interval does not come to February before 2031.
  CHECK(of_utc(schedule_kind::rrule, "DTSTART:20300130T090000\nRRULE:FREQ=MONTHLY;INTERVAL=2",
               "2031-01-01T00:00:00Z")
            .empty());
  // Every second leap year is meant; 2030 and 2031 are none, but the years between do not count.
  CHECK(of_utc(schedule_kind::rrule, "DTSTART:20280229T090000\nRRULE:FREQ=YEARLY;INTERVAL=2",
               "2033-01-01T00:00:00Z")
        == texts{"short_month 2032-02-29T09:00:00Z February 2030 has no 29th: it is left out"});
  CHECK(of_utc(schedule_kind::cron, "0 9 1,31 * *", "2031-01-01T00:00:00Z").empty());
  CHECK(of_utc(schedule_kind::cron, "0 9 L * *", "2031-01-01T00:00:00Z").empty());
  CHECK(of_utc(schedule_kind::cron, "0 9 31 * 1", "2031-01-01T00:00:00Z").empty());
}

TEST_CASE("notes are the first of a stretch of time", "[rule_words]") {
  const auto spec = spec_of(schedule_kind::cron, "30 2 * * *");
  const auto few = all_notes(spec, "2030-01-01T00:00:00Z", "9000-01-01T00:00:00Z", 3);
  REQUIRE(few.size() == 3);
  CHECK(few[0].kind == "gap");
  CHECK(few[2].kind == "repeat");
  CHECK(all_notes(spec, "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z", 0).empty());
  // The end belongs to it, the begin does not.
  CHECK(all_notes(spec, "2030-03-31T00:59:59.999Z", "2030-03-31T01:00:00Z").size() == 1);
  CHECK(all_notes(spec, "2030-03-31T01:00:00Z", "2030-03-31T02:00:00Z").empty());
}

}  // namespace carillon
