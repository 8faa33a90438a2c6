#include "model/cron.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

// Goal: next() and previous() find every match and nothing else.
// Method: random expressions from a fixed seed; a plain reading of the text, written apart from the
// engine, is asked for every day, minute or second of a span.

namespace carillon {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month_day;

// -- the plain reading --------------------------------------------------------

using words = std::vector<std::string>;

words split(const std::string& text, char separator) {
  words parts{""};
  for (const char byte : text) {
    if (byte == separator)
      parts.emplace_back();
    else
      parts.back() += byte;
  }
  return parts;
}

const words names_of_months{"",    "JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                            "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
const words names_of_weekdays{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

int number(const std::string& text, const words& names = {}) {
  const auto name = std::find(names.begin(), names.end(), text);
  return name != names.end() ? static_cast<int>(name - names.begin()) : std::stoi(text);
}

/// Of each value: whether a field holds it.
using table = std::vector<char>;

struct naive_field {
  int first;
  int count;
  words names = {};

  /// Of one item of a list.
  [[nodiscard]] bool holds(const std::string& item, int value) const {
    const auto stepped = split(item, '/');
    const auto range = split(stepped[0], '-');
    auto from = first;
    auto to = first + count - 1;
    if (range[0] != "*") {
      from = number(range[0], names);
      to = range.size() == 2 ? number(range[1], names) : stepped.size() == 2 ? to : from;
    }
    if (to < from)
      to += count;
    const auto step = stepped.size() == 2 ? number(stepped[1]) : 1;
    const auto reached = [&](int at) { return from <= at && at <= to && (at - from) % step == 0; };
    return reached(value) || reached(value + count);
  }

  [[nodiscard]] table table_of(const std::string& text) const {
    table held(static_cast<std::size_t>(first + count));
    for (int value = first; value < first + count; ++value)
      for (const auto& item : split(text, ','))
        if (holds(item, value))
          held[value] = 1;
    return held;
  }
};

struct naive_day {
  int year;
  int month;
  int day;
  int length;
  int weekday;

  explicit naive_day(local_days at)
      : year{static_cast<int>(year_month_day{at}.year())},
        month{static_cast<int>(static_cast<unsigned>(year_month_day{at}.month()))},
        day{static_cast<int>(static_cast<unsigned>(year_month_day{at}.day()))},
        length{std::array{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month - 1]},
        weekday{static_cast<int>(std::chrono::weekday{at}.c_encoding())} {
    if (month == 2 && (year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)))
      ++length;
  }

  [[nodiscard]] bool is_working(int other) const {
    const auto of_other = ((weekday + other - day) % 7 + 7) % 7;
    return 1 <= other && other <= length && of_other != 0 && of_other != 6;
  }

  /// This day is the working day nearest to `wanted`.
  [[nodiscard]] bool is_nearest_to(int wanted) const {
    for (int distance = 0; distance < 3; ++distance)
      for (const int candidate : {wanted - distance, wanted + distance})
        if (1 <= wanted && wanted <= length && is_working(candidate))
          return candidate == day;
    return false;
  }
};

bool date_item_holds(std::string item, const naive_day& at) {
  const bool working = item.back() == 'W';
  if (working)
    item.pop_back();
  if (item.front() == 'L') {
    const auto wanted = at.length - (item.size() > 2 ? number(item.substr(2)) : 0);
    return working ? at.is_nearest_to(wanted) : at.day == wanted;
  }
  return working ? at.is_nearest_to(number(item)) : naive_field{1, 31}.holds(item, at.day);
}

bool weekday_item_holds(const std::string& item, const naive_day& at) {
  const auto counted = split(item, '#');
  if (counted.size() == 2)
    return number(counted[0], names_of_weekdays) % 7 == at.weekday
           && number(counted[1]) == (at.day + 6) / 7;
  if (item.back() == 'L')
    return number(item.substr(0, item.size() - 1), names_of_weekdays) % 7 == at.weekday
           && at.day > at.length - 7;
  return naive_field{0, 7, names_of_weekdays}.holds(item, at.weekday);
}

class naive_cron {
public:
  explicit naive_cron(const std::string& text) {
    auto fields = split(text, ' ');
    if (fields.size() == 5)
      fields.insert(fields.begin(), "0");
    seconds_ = naive_field{0, 60}.table_of(fields[0]);
    minutes_ = naive_field{0, 60}.table_of(fields[1]);
    hours_ = naive_field{0, 24}.table_of(fields[2]);
    dates_ = split(fields[3], ',');
    months_ = naive_field{1, 12, names_of_months}.table_of(fields[4]);
    weekdays_ = split(fields[5], ',');
    both_ = fields[3][0] == '*' || fields[5][0] == '*';
  }

  [[nodiscard]] bool matches_day(local_days day) const {
    const naive_day at{day};
    if (months_[at.month] == 0)
      return false;
    bool date = false;
    bool weekday = false;
    for (const auto& item : dates_)
      date = date || date_item_holds(item, at);
    for (const auto& item : weekdays_)
      weekday = weekday || weekday_item_holds(item, at);
    return both_ ? date && weekday : date || weekday;
  }

  [[nodiscard]] bool matches_time(std::chrono::seconds time) const {
    const auto second = time.count();
    return seconds_[second % 60] != 0 && minutes_[second / 60 % 60] != 0
           && hours_[second / 3600] != 0;
  }

  /// All in [begin, begin + span), tried one step after the other.
  [[nodiscard]] std::vector<local_seconds> all(local_days begin, days span,
                                               std::chrono::seconds step) const {
    std::vector<std::chrono::seconds> times;
    for (auto time = 0s; time < 24h; time += step)
      if (matches_time(time))
        times.push_back(time);
    std::vector<local_seconds> found;
    for (auto day = begin; day < begin + span; day += days{1})
      if (matches_day(day))
        for (const auto time : times)
          found.push_back(day + time);
    return found;
  }

private:
  table seconds_;
  table minutes_;
  table hours_;
  table months_;
  words dates_;
  words weekdays_;
  bool both_;
};

// -- random expressions -------------------------------------------------------

class expressions {
public:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::string time_field(int count) {
    return list(count, [&] { return item(0, count - 1, true); });
  }

  std::string date() {
    return list(31, [&] {
      switch (below(8)) {
        case 0:
          return std::string{"L"};
        case 1:
          return "L-" + std::to_string(below(31));
        case 2:
          return std::string{"LW"};
        case 3:
          return "L-" + std::to_string(below(31)) + "W";
        case 4:
          return std::to_string(1 + below(31)) + "W";
        default:
          return item(1, 31, false);
      }
    });
  }

  std::string month() {
    return list(12, [&] {
      return below(4) == 0 ? names_of_months[static_cast<std::size_t>(1 + below(12))] + "-"
                                 + names_of_months[static_cast<std::size_t>(1 + below(12))]
                           : item(1, 12, true);
    });
  }

  std::string weekday() {
    return list(7, [&] {
      switch (below(6)) {
        case 0:
          return one_weekday() + "#" + std::to_string(1 + below(5));
        case 1:
          return one_weekday() + "L";
        case 2:
          return one_weekday() + "-" + one_weekday();
        default:
          return item(0, 7, true, 7);
      }
    });
  }

  local_days some_day() {
    return local_days{std::chrono::year{1890 + below(250)} / 1 / 1} + days{below(365)};
  }

private:
  std::string one_weekday() {
    return below(2) == 0 ? std::to_string(below(8))
                         : names_of_weekdays[static_cast<std::size_t>(below(7))];
  }

  /// A star, a starred step, or one to three items.
  template <class Item>
  std::string list(int count, const Item& make) {
    if (below(4) == 0)
      return "*";
    if (below(4) == 0)
      return "*/" + std::to_string(1 + below(count));
    std::string text = make();
    while (below(3) == 0)
      text += "," + make();
    return text;
  }

  std::string item(int first, int last, bool wraps, int steps = 0) {
    const auto value = [&] { return first + below(last - first + 1); };
    const auto step = [&] {
      return "/" + std::to_string(1 + below(steps > 0 ? steps : last - first + 1));
    };
    auto from = value();
    if (below(2) == 0)
      return std::to_string(from) + (below(4) == 0 ? step() : "");
    auto to = value();
    if (!wraps && to < from)
      std::swap(from, to);
    return std::to_string(from) + "-" + std::to_string(to) + (below(3) == 0 ? step() : "");
  }

  std::mt19937 random_{20260101};
};

// -- the engine's answers -----------------------------------------------------

std::vector<local_seconds> by_next(const cron_expression& rule, local_seconds begin,
                                   local_seconds end) {
  std::vector<local_seconds> found;
  for (auto at = rule.next(begin - 1s); at && *at < end; at = rule.next(*at))
    found.push_back(*at);
  return found;
}

std::vector<local_seconds> by_previous(const cron_expression& rule, local_seconds begin,
                                       local_seconds end) {
  std::vector<local_seconds> found;
  for (auto at = rule.previous(end); at && *at >= begin; at = rule.previous(*at))
    found.push_back(*at);
  std::reverse(found.begin(), found.end());
  return found;
}

void check_span(const std::string& text, local_days begin, days span, std::chrono::seconds step) {
  CAPTURE(text, begin);
  const auto expected = naive_cron{text}.all(begin, span, step);
  const auto rule = cron_expression::parse(text, "body.cron");
  if (!rule) {
    CHECK(rule.error().detail == "body.cron: never comes: its months have no such day");
    CHECK(expected.empty());
    return;
  }
  CHECK(by_next(*rule, begin, begin + span) == expected);
  CHECK(by_previous(*rule, begin, begin + span) == expected);
}

}  // namespace

TEST_CASE("days of random cron expressions are those of a search day by day", "[cron]") {
  expressions random;
  for (int round = 0; round < 1000; ++round) {
    const auto text = "0 0 " + random.date() + " " + random.month() + " " + random.weekday();
    check_span(text, random.some_day(), days{400}, 24h);
  }
}

TEST_CASE("minutes of random cron expressions are those of a search by minutes", "[cron]") {
  expressions random;
  for (int round = 0; round < 500; ++round) {
    const auto text = random.time_field(60) + " " + random.time_field(24) + " * * "
                      + (round % 2 == 0 ? "*" : random.weekday());
    check_span(text, random.some_day(), days{2}, 1min);
  }
}

TEST_CASE("seconds of random cron expressions are those of a search by seconds", "[cron]") {
  expressions random;
  for (int round = 0; round < 20; ++round) {
    const auto text = random.time_field(60) + " " + random.time_field(60) + " "
                      + random.time_field(24) + " * * *";
    check_span(text, random.some_day(), days{1}, 1s);
  }
}

TEST_CASE("the next moment of cron is the one whose previous ones came before", "[cron]") {
  expressions random;
  for (int round = 0; round < 2000; ++round) {
    const auto text = random.time_field(60) + " " + random.time_field(60) + " "
                      + random.time_field(24) + " " + random.date() + " " + random.month() + " "
                      + random.weekday();
    const auto rule = cron_expression::parse(text, "body.cron");
    const local_seconds now = random.some_day() + std::chrono::seconds{random.below(86400)};
    CAPTURE(text, now);
    if (!rule)
      continue;
    const auto next = rule->next(now);
    const auto previous = rule->previous(now);
    REQUIRE((next && previous));
    REQUIRE((*previous < now && now < *next));
    REQUIRE((rule->next(*next - 1s) == next && rule->previous(*previous + 1s) == previous));
    // Between the two there may be `now` itself and nothing else.
    const auto between = rule->next(*previous);
    REQUIRE((between == next || between == now));
    REQUIRE(rule->previous(*next) == (between == now ? between : previous));

    const naive_cron naive{text};
    const auto day = std::chrono::floor<days>(*next);
    REQUIRE((naive.matches_day(day) && naive.matches_time(*next - day)));
  }
}

}  // namespace carillon
