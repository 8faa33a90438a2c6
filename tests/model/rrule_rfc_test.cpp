#include <algorithm>
#include <sstream>

#include "tests/model/rrule_reading.hpp"

// The examples of RFC 5545, 3.8.5.3, with the dates that stand there. All begin in New York.

namespace carillon::test {

namespace {

bool is_number(const std::string& word) {
  return word.find_first_not_of("0123456789-,") == std::string::npos;
}

void add_days(std::string& out, const std::string& month, const std::string& list,
              const std::string& time) {
  std::istringstream days{list};
  for (std::string range; std::getline(days, range, ',');) {
    const auto dash = range.find('-');
    const auto last = std::stoi(dash == std::string::npos ? range : range.substr(dash + 1));
    for (auto day = std::stoi(range); day <= last; ++day)
      out += (out.empty() ? "" : " ") + month + (day < 10 ? "0" : "") + std::to_string(day) + time;
  }
}

/// "1997 Sep 2,9 Oct 7-9 1998 Jan 5" at nine in the morning, as moments() shows it.
std::string dates(const std::string& text) {
  const std::string months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::istringstream words{text};
  std::string year;
  std::string month;
  std::string shown;
  for (std::string word; words >> word;) {
    if (is_number(word) && word.size() == 4 && word.find(',') == std::string::npos
        && word.find('-') == std::string::npos) {
      year = word;
    } else if (is_number(word)) {
      add_days(shown, year + month, word, "T090000");
    } else {
      const auto number = months.find(word) / 3 + 1;
      month = (number < 10 ? "0" : "") + std::to_string(number);
    }
  }
  return shown;
}

/// The times of one day: "0900 0920".
std::string times(const std::string& day, const std::string& text) {
  std::istringstream words{text};
  std::string shown;
  for (std::string word; words >> word;)
    shown += (shown.empty() ? "" : " ") + day + "T" + word + "00";
  return shown;
}

std::string text_of(const std::string& start, const std::string& rule) {
  return "DTSTART;TZID=America/New_York:" + start + "\nRRULE:" + rule;
}

std::size_t words_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')) + 1;
}

struct example {
  std::string start;
  std::string rule;
  std::string expected;

  /// It goes on for ever; `expected` is how it begins.
  void check_endless() const {
    CAPTURE(rule);
    const auto read = valid(text_of(start, rule));
    CHECK(moments(read, words_in(expected)) == expected);
  }
  void check_whole() const {
    CAPTURE(rule);
    const auto read = valid(text_of(start, rule));
    CHECK(moments(read, words_in(expected) + 10) == expected);
  }
};

const std::string september_2 = "19970902T090000";

}  // namespace

TEST_CASE("the daily examples of RFC 5545", "[rrule][rfc5545]") {
  example{september_2, "FREQ=DAILY;COUNT=10", dates("1997 Sep 2-11")}.check_whole();
  example{september_2, "FREQ=DAILY;UNTIL=19971224T000000Z",
          dates("1997 Sep 2-30 Oct 1-31 Nov 1-30 Dec 1-23")}
      .check_whole();
  example{september_2, "FREQ=DAILY;INTERVAL=2",
          dates("1997 Sep 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 "
                "Oct 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 Nov 1,3,5")}
      .check_endless();
  example{september_2, "FREQ=DAILY;INTERVAL=10;COUNT=5", dates("1997 Sep 2,12,22 Oct 2,12")}
      .check_whole();

  const auto januaries = dates("1998 Jan 1-31 1999 Jan 1-31 2000 Jan 1-31");
  example{"19980101T090000",
          "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", januaries}
      .check_whole();
  example{"19980101T090000", "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", januaries}
      .check_whole();
}

TEST_CASE("the weekly examples of RFC 5545", "[rrule][rfc5545]") {
  example{september_2, "FREQ=WEEKLY;COUNT=10", dates("1997 Sep 2,9,16,23,30 Oct 7,14,21,28 Nov 4")}
      .check_whole();
  example{september_2, "FREQ=WEEKLY;UNTIL=19971224T000000Z",
          dates("1997 Sep 2,9,16,23,30 Oct 7,14,21,28 Nov 4,11,18,25 Dec 2,9,16,23")}
      .check_whole();
  example{september_2, "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
          dates("1997 Sep 2,16,30 Oct 14,28 Nov 11,25 Dec 9,23 1998 Jan 6,20 Feb 3,17")}
      .check_endless();

  const auto five_weeks = dates("1997 Sep 2,4,9,11,16,18,23,25,30 Oct 2");
  example{september_2, "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", five_weeks}
      .check_whole();
  example{september_2, "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", five_weeks}.check_whole();

  example{"19970901T090000", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
          dates("1997 Sep 1,3,5,15,17,19,29 Oct 1,3,13,15,17,27,29,31 Nov 10,12,14,24,26,28 "
                "Dec 8,10,12,22")}
      .check_whole();
  example{september_2, "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
          dates("1997 Sep 2,4,16,18,30 Oct 2,14,16")}
      .check_whole();
  example{"19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
          dates("1997 Aug 5,10,19,24")}
      .check_whole();
  example{"19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
          dates("1997 Aug 5,17,19,31")}
      .check_whole();
}

TEST_CASE("the monthly examples of RFC 5545: days of the week", "[rrule][rfc5545]") {
  example{"19970905T090000", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
          dates("1997 Sep 5 Oct 3 Nov 7 Dec 5 1998 Jan 2 Feb 6 Mar 6 Apr 3 May 1 Jun 5")}
      .check_whole();
  example{"19970905T090000", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
          dates("1997 Sep 5 Oct 3 Nov 7 Dec 5")}
      .check_whole();
  example{"19970907T090000", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
          dates("1997 Sep 7,28 Nov 2,30 1998 Jan 4,25 Mar 1,29 May 3,31")}
      .check_whole();
  example{"19970922T090000", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
          dates("1997 Sep 22 Oct 20 Nov 17 Dec 22 1998 Jan 19 Feb 16")}
      .check_whole();
  example{september_2, "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
          dates("1997 Sep 2,9,16,23,30 Nov 4,11,18,25 1998 Jan 6,13,20,27 Mar 3,10,17,24,31")}
      .check_endless();
  example{"19970913T090000", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
          dates("1997 Sep 13 Oct 11 Nov 8 Dec 13 1998 Jan 10 Feb 7 Mar 7 Apr 11 May 9 Jun 13")}
      .check_endless();
  example{"19970904T090000", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
          dates("1997 Sep 4 Oct 7 Nov 6")}
      .check_whole();
  example{"19970929T090000", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
          dates("1997 Sep 29 Oct 30 Nov 27 Dec 30 1998 Jan 29 Feb 26 Mar 30")}
      .check_endless();

  const auto friday_13 = valid(text_of(september_2, "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13")
                               + "\nEXDATE;TZID=America/New_York:19970902T090000");
  CHECK(moments(friday_13, 5) == dates("1998 Feb 13 Mar 13 Nov 13 1999 Aug 13 2000 Oct 13"));
}

TEST_CASE("the monthly examples of RFC 5545: days of the month", "[rrule][rfc5545]") {
  example{"19970928T090000", "FREQ=MONTHLY;BYMONTHDAY=-3",
          dates("1997 Sep 28 Oct 29 Nov 28 Dec 29 1998 Jan 29 Feb 26")}
      .check_endless();
  example{september_2, "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
          dates("1997 Sep 2,15 Oct 2,15 Nov 2,15 Dec 2,15 1998 Jan 2,15")}
      .check_whole();
  example{"19970930T090000", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
          dates("1997 Sep 30 Oct 1,31 Nov 1,30 Dec 1,31 1998 Jan 1,31 Feb 1")}
      .check_whole();
  example{"19970910T090000", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
          dates("1997 Sep 10-15 1999 Mar 10-13")}
      .check_whole();
  example{"20070115T090000", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
          dates("2007 Jan 15,30 Feb 15 Mar 15,30")}
      .check_whole();
}

TEST_CASE("the yearly examples of RFC 5545", "[rrule][rfc5545]") {
  example{"19970610T090000", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
          dates("1997 Jun 10 Jul 10 1998 Jun 10 Jul 10 1999 Jun 10 Jul 10 2000 Jun 10 Jul 10 "
                "2001 Jun 10 Jul 10")}
      .check_whole();
  example{"19970310T090000", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
          dates("1997 Mar 10 1999 Jan 10 Feb 10 Mar 10 2001 Jan 10 Feb 10 Mar 10 "
                "2003 Jan 10 Feb 10 Mar 10")}
      .check_whole();
  example{"19970101T090000", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
          dates("1997 Jan 1 Apr 10 Jul 19 2000 Jan 1 Apr 9 Jul 18 2003 Jan 1 Apr 10 Jul 19 "
                "2006 Jan 1")}
      .check_whole();
  example{"19970519T090000", "FREQ=YEARLY;BYDAY=20MO", dates("1997 May 19 1998 May 18 1999 May 17")}
      .check_endless();
  example{"19970512T090000", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
          dates("1997 May 12 1998 May 11 1999 May 17")}
      .check_endless();
  example{"19970313T090000", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
          dates("1997 Mar 13,20,27 1998 Mar 5,12,19,26 1999 Mar 4,11,18,25")}
      .check_endless();
  example{"19970605T090000", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
          dates("1997 Jun 5,12,19,26 Jul 3,10,17,24,31 Aug 7,14,21,28 "
                "1998 Jun 4,11,18,25 Jul 2,9,16,23,30 Aug 6,13,20,27 "
                "1999 Jun 3,10,17,24 Jul 1,8,15,22,29 Aug 5,12,19,26")}
      .check_endless();
  example{"19961105T090000", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
          dates("1996 Nov 5 2000 Nov 7 2004 Nov 2")}
      .check_endless();
}

TEST_CASE("the examples of RFC 5545 within a day", "[rrule][rfc5545]") {
  // The RFC writes 170000Z and means 17:00 in New York (erratum 3883).
  example{september_2, "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T220000Z",
          times("19970902", "0900 1200 1500")}
      .check_whole();
  example{september_2, "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
          times("19970902", "0900 0915 0930 0945 1000 1015")}
      .check_whole();
  example{september_2, "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
          times("19970902", "0900 1030 1200 1330")}
      .check_whole();

  const std::string every_20_minutes =
      "0900 0920 0940 1000 1020 1040 1100 1120 1140 1200 1220 1240 1300 1320 1340 1400 1420 1440 "
      "1500 1520 1540 1600 1620 1640";
  const auto two_days =
      times("19970902", every_20_minutes) + " " + times("19970903", every_20_minutes);
  example{september_2, "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", two_days}
      .check_endless();
  example{september_2, "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", two_days}
      .check_endless();
}

}  // namespace carillon::test
