#include <random>
#include <utility>

#include "tests/model/rrule_reading.hpp"

namespace carillon::test {

namespace {

using std::chrono::seconds;

/// The messages of a refused text, one a line.
std::string faults_of(const std::string& text) {
  const auto rule = read(text);
  if (rule)
    return "accepted";
  CHECK(rule.error().kind == problem_kind::invalid);
  std::string told;
  for (const auto& fault : rule.error().faults) {
    CHECK(fault.location == "body.rule");
    told += (told.empty() ? "" : "\n") + fault.message;
    if (!fault.value.empty())
      told += " [" + fault.value + "]";
  }
  return told;
}

bool never_fires(const std::string& text) {
  const auto why = faults_of(text);
  CAPTURE(text, why);
  return why.find("can never fire") != std::string::npos;
}

}  // namespace

// -- what is refused ----------------------------------------------------------

TEST_CASE("a fault of a rule names the part, its place and why", "[rrule]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"", "needs an RRULE, such as RRULE:FREQ=DAILY, or an RDATE"},
      {"DTSTART:20300101T090000", "needs an RRULE, such as RRULE:FREQ=DAILY, or an RDATE"},
      {"INTERVAL=2", "FREQ at character 1: is missing"},
      {"FREQ=DAYLY",
       "FREQ at character 6: must be SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY "
       "[DAYLY]"},
      {"FREQ=DAILY;FREQ=DAILY", "FREQ at character 12: is given twice"},
      {"FREQ=DAILY;", "a part at character 12: must have the form NAME=VALUE"},
      {"FREQ=DAILY;FOO=1", "FOO at character 16: is not a part of RFC 5545's RRULE [FOO]"},
      {"FREQ=DAILY;INTERVAL=0",
       "INTERVAL at character 21: must be a whole number from 1 to 1000000000 [0]"},
      {"FREQ=DAILY;COUNT=1000001",
       "COUNT at character 18: must be a whole number from 1 to 1000000 [1000001]"},
      {"FREQ=DAILY;COUNT=3;UNTIL=20300101", "COUNT at character 12: may not be given with UNTIL"},
      {"FREQ=DAILY;UNTIL=20300230T000000",
       "UNTIL at character 18: must be a date such as 20300131, 20300131T090000 or "
       "20300131T090000Z [20300230T000000]"},
      {"FREQ=DAILY;BYHOUR=9,24", "BYHOUR at character 21: must be 0 to 23 [24]"},
      {"FREQ=DAILY;BYHOUR=", "BYHOUR at character 19: must be 0 to 23"},
      {"FREQ=DAILY;BYHOUR=-1", "BYHOUR at character 19: must be 0 to 23 [-1]"},
      {"FREQ=DAILY;BYSECOND=61", "BYSECOND at character 21: must be 0 to 60 [61]"},
      {"FREQ=DAILY;BYMONTHDAY=0",
       "BYMONTHDAY at character 23: must be 1 to 31, or -1 to -31 from the end [0]"},
      {"FREQ=YEARLY;BYYEARDAY=-367",
       "BYYEARDAY at character 23: must be 1 to 366, or -1 to -366 from the end [-367]"},
      {"FREQ=DAILY;WKST=MON", "WKST at character 17: must be SU, MO, TU, WE, TH, FR or SA [MON]"},
      {"FREQ=MONTHLY;BYDAY=0MO",
       "BYDAY at character 20: must be SU, MO, TU, WE, TH, FR or SA, after a number from 1 to 53 "
       "or "
       "-1 to -53 where only the n-th is meant [0MO]"},
      {"FREQ=WEEKLY;BYDAY=1MO",
       "BYDAY at character 13: may have numbers only with FREQ=MONTHLY or YEARLY"},
      {"FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO",
       "BYDAY at character 24: may have no numbers with BYWEEKNO"},
      {"FREQ=MONTHLY;BYWEEKNO=3", "BYWEEKNO at character 14: may only be given with FREQ=YEARLY"},
      {"FREQ=DAILY;BYYEARDAY=3",
       "BYYEARDAY at character 12: may not be given with FREQ=DAILY, WEEKLY or MONTHLY"},
      {"FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY at character 13: may not be given with FREQ=WEEKLY"},
      {"FREQ=DAILY;BYSETPOS=1", "BYSETPOS at character 12: needs another BY part to choose from"},
  }));
  CAPTURE(text);
  CHECK(faults_of(text) == expected);
}

TEST_CASE("a fault of a line names the property, its place and why", "[rrule]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY",
       "RRULE at character 24: a second rule; only one is allowed"},
      {"RRULE;X=1:FREQ=DAILY", "RRULE at character 7: has no parameters here [X=1]"},
      {"DTSTART:20300101T090000\nDTSTART:20300101T090000\nFREQ=DAILY",
       "DTSTART at character 33: is given twice"},
      {"DTSTART;TZID=Europe/Berlin:20300101T090000\nFREQ=DAILY",
       "DTSTART at character 9: TZID must be the schedule's timezone, which is America/New_York "
       "[Europe/Berlin]"},
      {"EXDATE;TZID=America/New_York:20300101T090000Z\nFREQ=DAILY",
       "EXDATE at character 30: is in UTC by its Z, and has a TZID [20300101T090000Z]"},
      {"RDATE;VALUE=PERIOD:20300101T090000",
       "RDATE at character 7: only the parameters TZID, VALUE=DATE and VALUE=DATE-TIME are read "
       "here [VALUE=PERIOD]"},
      {"RDATE;VALUE=DATE:20300101T090000",
       "RDATE at character 18: has a time, VALUE says DATE [20300101T090000]"},
      {"RDATE:20300101T090000,",
       "RDATE at character 23: must be a date such as 20300131, "
       "20300131T090000 or 20300131T090000Z"},
      {"EXRULE:FREQ=DAILY",
       "EXRULE at character 8: is not one of DTSTART, RRULE, RDATE, EXDATE "
       "[EXRULE]"},
      {" FREQ=DAILY", "white space at character 1: a line that goes on needs one before it"},
  }));
  CAPTURE(text);
  CHECK(faults_of(text) == expected);
}

TEST_CASE("all faults of a rule are told at once", "[rrule]") {
  CHECK(faults_of("RDATE:x\nRRULE:FREQ=WEEKLY;BYHOUR=24,25;BYDAY=XX;BYMONTHDAY=1")
        == "RDATE at character 7: must be a date such as 20300131, 20300131T090000 or "
           "20300131T090000Z [x]\n"
           "BYHOUR at character 34: must be 0 to 23 [24]\n"
           "BYHOUR at character 37: must be 0 to 23 [25]\n"
           "BYDAY at character 46: must be SU, MO, TU, WE, TH, FR or SA, after a number from 1 to "
           "53 or -1 to -53 where only the n-th is meant [XX]\n"
           "BYMONTHDAY at character 49: may not be given with FREQ=WEEKLY");
}

TEST_CASE("a text over 8 KiB is refused unread, and no text has over 50 faults", "[rrule]") {
  CHECK(faults_of("FREQ=DAILY" + std::string(8192, '\n')) == "must be at most 8192 bytes long");

  std::string hours = "FREQ=DAILY;BYHOUR=99";
  for (int i = 0; i < 1000; ++i)
    hours += ",99";
  CHECK(read(hours).error().faults.size() == 50);
}

TEST_CASE("an RRULE that can never fire is refused", "[rrule]") {
  const auto text =
      GENERATE(as<std::string>{}, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "FREQ=MONTHLY;BYDAY=6MO",
               "FREQ=DAILY;BYSECOND=60", "FREQ=SECONDLY;BYSECOND=60",
               "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31", "FREQ=HOURLY;BYYEARDAY=60;BYMONTH=4",
               "DTSTART:20250902T090000\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO",
               "DTSTART:20230101T090000\nRRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
               "DTSTART:20250902T090000\nRRULE:FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
               "DTSTART:20250902T090000\nRRULE:FREQ=HOURLY;INTERVAL=4;BYHOUR=6",
               "DTSTART:20250902T090000\nRRULE:FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3;BYMINUTE=7",
               "DTSTART:20250902T090000\nRRULE:FREQ=SECONDLY;INTERVAL=86400;BYSECOND=1",
               "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "FREQ=SECONDLY;BYMONTH=1;BYSETPOS=2",
               "FREQ=HOURLY;BYMINUTE=1,2;BYSETPOS=-3", "FREQ=DAILY;UNTIL=20250902T093014",
               "FREQ=DAILY;COUNT=2\nEXDATE:20250902T093015,20250903T093015");
  CHECK(never_fires(text));
}

// -- what is read -------------------------------------------------------------

TEST_CASE("a rule may come in any case, with a prefix or without, folded, with CRLF", "[rrule]") {
  const auto text = GENERATE(
      as<std::string>{}, "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=3", "COUNT=3;BYDAY=MO,FR;FREQ=WEEKLY",
      "rrule:freq=weekly;byday=mo,fr;count=3", "RRULE:FREQ=WEEKLY;BYDAY=FR,MO,MO;COUNT=003",
      "RRULE:FREQ=WEE\r\n KLY;BYDAY=M\r\n\tO,FR;COUNT=3\r\n\r\n");
  CHECK(moments(valid(text), 9) == "20250905T093015 20250908T093015 20250912T093015");
}

TEST_CASE("a fault in a folded line is placed where it stands in the text", "[rrule]") {
  CHECK(faults_of("FREQ=DAILY;BY\r\n HOUR=9,2\r\n 4")
        == "BYHOUR at character 24: must be 0 to 23 [24]");
}

TEST_CASE("without DTSTART a rule begins at its anchor, and BYHOUR means the round hour",
          "[rrule]") {
  const auto [rule, expected] = GENERATE(table<std::string, std::string>({
      {"FREQ=DAILY", "20250902T093015 20250903T093015"},
      {"FREQ=DAILY;BYHOUR=11", "20250902T110000 20250903T110000"},
      {"FREQ=DAILY;BYHOUR=9", "20250903T090000 20250904T090000"},
      {"FREQ=DAILY;BYHOUR=11;BYMINUTE=5", "20250902T110500 20250903T110500"},
      {"FREQ=DAILY;BYMINUTE=45", "20250902T094500 20250903T094500"},
      {"FREQ=DAILY;BYHOUR=11;BYSECOND=7", "20250902T110007 20250903T110007"},
      {"FREQ=HOURLY;BYHOUR=11,12", "20250902T110000 20250902T120000"},
      {"FREQ=MINUTELY;BYHOUR=11", "20250902T110000 20250902T110100"},
      {"FREQ=WEEKLY;BYDAY=FR", "20250905T093015 20250912T093015"},
      {"FREQ=MONTHLY", "20250902T093015 20251002T093015"},
      {"FREQ=YEARLY", "20250902T093015 20260902T093015"},
  }));
  CAPTURE(rule);
  CHECK(moments(valid(rule), 2) == expected);
}

TEST_CASE("with DTSTART what a rule leaves open is taken from there", "[rrule]") {
  const auto [rule, expected] = GENERATE(table<std::string, std::string>({
      {"FREQ=DAILY;BYHOUR=11", "20300131T112030 20300201T112030"},
      {"FREQ=HOURLY;BYHOUR=11", "20300131T112030 20300201T112030"},
      {"FREQ=MONTHLY", "20300131T102030 20300331T102030"},
      {"FREQ=YEARLY;BYMONTH=3,4,5", "20300331T102030 20300531T102030"},
      {"FREQ=YEARLY;BYMONTHDAY=5", "20300205T102030 20300305T102030"},
      {"FREQ=YEARLY;BYWEEKNO=20", "20300516T102030 20310515T102030"},
      {"FREQ=WEEKLY", "20300131T102030 20300207T102030"},
  }));
  CAPTURE(rule);
  CHECK(moments(valid("DTSTART:20300131T102030\nRRULE:" + rule), 2) == expected);
}

TEST_CASE("values in UTC become what a clock in the zone shows", "[rrule]") {
  CHECK(moments(valid("DTSTART:20300101T020000Z\nRRULE:FREQ=DAILY;UNTIL=20300103T020000Z"), 9)
        == "20291231T210000 20300101T210000 20300102T210000");
  CHECK(moments(valid("RDATE:20300101T020000Z,20300101T020000"), 9)
        == "20291231T210000 20300101T020000");
}

TEST_CASE("a DATE means midnight, also in UNTIL and EXDATE", "[rrule]") {
  CHECK(moments(valid("DTSTART;VALUE=DATE:20300101\nRRULE:FREQ=DAILY;UNTIL=20300103"), 9)
        == "20300101T000000 20300102T000000 20300103T000000");
  CHECK(moments(valid("DTSTART:20300101T000000\nRRULE:FREQ=HOURLY;INTERVAL=12;COUNT=4\n"
                      "EXDATE;VALUE=DATE:20300102"),
                9)
        == "20300101T000000 20300101T120000 20300102T120000");
}

TEST_CASE("EXDATE takes away, RDATE adds, each moment comes once", "[rrule]") {
  const auto rule = valid(
      "DTSTART:20300101T090000\nRRULE:FREQ=DAILY;COUNT=3\nRDATE:20300102T090000,20291231T080000\n"
      "RDATE:20300109T090000,20300110T090000\nEXDATE:20300101T090000\nEXDATE:20300110T090000");
  CHECK(moments(rule, 9) == "20291231T080000 20300102T090000 20300103T090000 20300109T090000");
  CHECK(rule.previous(local("20300110T090000")) == local("20300109T090000"));
  CHECK(rule.previous(local("20300102T090000")) == local("20291231T080000"));
  CHECK_FALSE(rule.previous(local("20291231T080000")));
}

TEST_CASE("DTSTART that the rule does not match is no moment", "[rrule]") {
  CHECK(moments(valid("DTSTART:20300101T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=13;COUNT=2"), 9)
        == "20300113T090000 20300213T090000");
}

// -- details of the calendar --------------------------------------------------

TEST_CASE("days with a number and days without one add up", "[rrule]") {
  CHECK(moments(valid("DTSTART:20300101T090000\nRRULE:FREQ=MONTHLY;BYDAY=MO,1FR"), 5)
        == "20300104T090000 20300107T090000 20300114T090000 20300121T090000 20300128T090000");
}

TEST_CASE("a week over New Year belongs to one year", "[rrule]") {
  CHECK(
      moments(valid("DTSTART:20180101T090000\nRRULE:FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO"), 3)
      == "20180101T090000 20191230T090000 20220103T090000");
  CHECK(moments(valid("DTSTART:20180101T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU"), 4)
        == "20181230T090000 20191229T090000 20210103T090000 20220102T090000");
  CHECK(moments(valid("DTSTART:20180101T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA"), 2)
        == "20210102T090000 20270102T090000");
}

TEST_CASE("BYSETPOS chooses from the whole period, then DTSTART cuts it", "[rrule]") {
  CHECK(moments(valid("DTSTART:20300116T000000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=10,20,30;BYSETPOS=2"),
                2)
        == "20300120T000000 20300220T000000");
  CHECK(moments(valid("DTSTART:20300103T000000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1"), 2)
        == "20300107T000000 20300114T000000");
}

TEST_CASE("a position that is chosen from both ends comes once", "[rrule]") {
  CHECK(moments(valid("DTSTART:20300101T000000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,2;"
                      "BYSETPOS=1,-1,-2,5"),
                3)
        == "20300101T000000 20300102T000000 20300201T000000");
}

TEST_CASE("February 29 skips the year 2100", "[rrule]") {
  CHECK(moments(valid("DTSTART:20960229T000000\nRRULE:FREQ=YEARLY"), 2)
        == "20960229T000000 21040229T000000");
}

TEST_CASE("the calendar ends with the year 9999", "[rrule]") {
  const auto rule = valid("DTSTART:99991230T235959\nRRULE:FREQ=DAILY");
  CHECK(moments(rule, 9) == "99991230T235959 99991231T235959");
  CHECK(rule.previous(local_seconds::max()) == local("99991231T235959"));
  CHECK_FALSE(rule.next(local_seconds::max()));
  CHECK_FALSE(rule.previous(local_seconds::min()));
}

// -- COUNT --------------------------------------------------------------------

TEST_CASE("COUNT is counted before EXDATE and without RDATE", "[rrule]") {
  const auto rule = valid(
      "DTSTART:20300101T090000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20300103T090000\n"
      "RDATE:20300102T100000");
  CHECK(rule.counted_last() == local("20300103T090000"));
  CHECK(moments(rule, 9) == "20300101T090000 20300102T090000 20300102T100000");
}

TEST_CASE("what COUNT ended with is taken as told", "[rrule]") {
  const auto rule = rrule_set::parse(
      "FREQ=DAILY;COUNT=3", {&new_york(), local(default_anchor), local("20250906T093015")}, "rule");
  REQUIRE(rule.has_value());
  CHECK(rule->counted_last() == local("20250906T093015"));
  CHECK(rule->previous(local_seconds::max()) == local("20250906T093015"));
}

TEST_CASE("counting a large COUNT ends where going there ends", "[rrule]") {
  const auto rule =
      GENERATE(as<std::string>{}, "FREQ=SECONDLY;INTERVAL=7;BYHOUR=9,10;BYSECOND=3,4,5",
               "FREQ=MINUTELY;INTERVAL=11;BYSECOND=3,4,5,6;BYSETPOS=1,-1",
               "FREQ=HOURLY;BYMINUTE=1,2,3;BYDAY=MO,TU", "FREQ=DAILY;INTERVAL=3;BYHOUR=1,2,3",
               "FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=1,2,-1", "FREQ=YEARLY;BYWEEKNO=1,53,20");
  const auto count = GENERATE(1, 2, 100, 2000);
  CAPTURE(rule, count);
  const auto endless = valid(rule);
  auto last = *endless.next(local_seconds::min());
  for (int i = 1; i < count; ++i)
    last = *endless.next(last);
  CHECK(valid(rule + ";COUNT=" + std::to_string(count)).counted_last() == last);
}

TEST_CASE("a COUNT that the calendar cannot hold ends with the calendar", "[rrule]") {
  CHECK(valid("DTSTART:99990101T000000\nRRULE:FREQ=MONTHLY;COUNT=1000").counted_last()
        == local("99991201T000000"));
}

// -- properties ---------------------------------------------------------------

namespace {

const std::vector<std::string> frequencies{"SECONDLY", "MINUTELY", "HOURLY", "DAILY",
                                           "WEEKLY",   "MONTHLY",  "YEARLY"};

class rule_maker {
public:
  explicit rule_maker(unsigned seed) : random_{seed} {}

  std::string make() {
    const auto frequency = frequencies.at(static_cast<std::size_t>(below(7)));
    std::string rule = "FREQ=" + frequency;
    if (below(2) == 0)
      rule += ";INTERVAL=" + std::to_string(1 + below(below(2) == 0 ? 9 : 500));
    add(rule, "BYMONTH", 1, 12);
    if (frequency != "WEEKLY")
      add(rule, "BYMONTHDAY", 1, 31);
    if (frequency == "YEARLY")
      add(rule, "BYWEEKNO", 1, 53);
    if (below(3) == 0)
      rule += below(2) == 0 ? ";BYDAY=MO,WE,SU" : ";BYDAY=TU,TH";
    add(rule, "BYHOUR", 0, 23);
    add(rule, "BYMINUTE", 0, 59);
    add(rule, "BYSECOND", 0, 59);
    if (rule.find(";BY") != std::string::npos && below(4) == 0)
      rule += below(2) == 0 ? ";BYSETPOS=1,2" : ";BYSETPOS=-1,1";
    return rule;
  }

  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

private:
  void add(std::string& rule, const std::string& part, int min, int max) {
    if (below(4) != 0)
      return;
    rule += ";" + part + "=" + std::to_string(min + below(max - min + 1));
    for (int more = below(4); more > 0; --more)
      rule += "," + std::to_string(min + below(max - min + 1));
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("previous undoes next, and every point between two moments finds both", "[rrule]") {
  rule_maker maker{20250902};
  int checked = 0;
  for (int round = 0; round < 400; ++round) {
    const auto text = maker.make();
    const auto rule = read(text);
    if (!rule) {
      REQUIRE(never_fires(text));
      continue;
    }
    CAPTURE(text);
    auto at = rule->next(local_seconds::min());
    REQUIRE_FALSE(rule->previous(*at));
    for (int step = 0; step < 20; ++step) {
      const auto next = rule->next(*at);
      if (!next)
        break;
      REQUIRE(*next > *at);
      REQUIRE(rule->previous(*next) == *at);
      const auto between = *at + (*next - *at) * maker.below(1000) / 1000;
      REQUIRE(rule->next(between) == *next);
      REQUIRE(rule->previous(between + seconds{1}) == *at);
      at = next;
      ++checked;
    }
  }
  CHECK(checked > 5000);
}

}  // namespace carillon::test
