#include "model/cron.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

// What cron refuses, and how it says so.

namespace carillon {

namespace {

using messages = std::vector<std::string>;

const std::string fields_expected =
    ": 5 are expected (minute, hour, day of month, month, day of week), or 6 with the second "
    "before "
    "them";

problem refusal(const std::string& text) {
  CAPTURE(text);
  const auto rule = cron_expression::parse(text, "body.cron");
  REQUIRE_FALSE(rule.has_value());
  CHECK(rule.error().kind == problem_kind::invalid);
  return rule.error();
}

messages faults(const std::string& text) {
  messages found;
  for (const auto& fault : refusal(text).faults) {
    CHECK(fault.location == "body.cron");
    found.push_back(fault.message);
  }
  return found;
}

/// The only fault.
std::string fault_of(const std::string& text) {
  const auto found = faults(text);
  REQUIRE(found.size() == 1);
  return found.front();
}

}  // namespace

TEST_CASE("a fault of a cron expression names the field and what is wrong", "[cron]") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"60 * * * *", "field 1 (minute): 60 is not between 0 and 59"},
      {"0 25 * * *", "field 2 (hour): 25 is not between 0 and 23"},
      {"0 0 25 * * *", "field 3 (hour): 25 is not between 0 and 23"},
      {"60 0 0 * * *", "field 1 (second): 60 is not between 0 and 59"},
      {"0 0 0 * *", "field 3 (day of month): 0 is not between 1 and 31"},
      {"0 0 32W * *", "field 3 (day of month): 32 is not between 1 and 31"},
      {"0 0 1 13 *", "field 4 (month): 13 is not between 1 and 12"},
      {"0 0 1 0 *", "field 4 (month): 0 is not between 1 and 12"},
      {"0 0 * * 8", "field 5 (day of week): 8 is not between 0 and 7"},
      {"0 0 * * MON#6", "field 5 (day of week): 6 is not between 1 and 5"},
      {"0 0 * * 6#0", "field 5 (day of week): 0 is not between 1 and 5"},
      {"0 0 * * 8#1", "field 5 (day of week): 8 is not between 0 and 7"},
      {"0 0 * * FRI#", R"(field 5 (day of week): "" after # is not a number from 1 to 5)"},
      {"0 0 * * #1", "field 5 (day of week): a value is missing"},
      {"0 0 * * L", "field 5 (day of week): L needs a day before it, such as FRIL"},
      {"-5 * * * *", R"(field 1 (minute): "-5" is not a number from 0 to 59)"},
      {"5- * * * *", "field 1 (minute): a value is missing"},
      {"/5 * * * *", "field 1 (minute): a value is missing"},
      {"1-2-3 * * * *", R"(field 1 (minute): "2-3" is not a number from 0 to 59)"},
      {"1.5 * * * *", R"(field 1 (minute): "1.5" is not a number from 0 to 59)"},
      {"+5 * * * *", R"(field 1 (minute): "+5" is not a number from 0 to 59)"},
      {"** * * * *", R"(field 1 (minute): "**" is not a number from 0 to 59)"},
      {"? * * * *", R"(field 1 (minute): "?" is not a number from 0 to 59)"},
      {"0 L * * *", R"(field 2 (hour): "L" is not a number from 0 to 23)"},
      {"0 15W * * *", R"(field 2 (hour): "15W" is not a number from 0 to 23)"},
      {"0 0 ?,1 * *", R"(field 3 (day of month): "?" is not a number from 1 to 31)"},
      {"0 0 MON * *", R"(field 3 (day of month): "MON" is not a number from 1 to 31)"},
      {"0 0 1 L *",
       R"(field 4 (month): "L" is not a number from 1 to 12 or a name from JAN to DEC)"},
      {"0 0 1 MAY-MON *",
       R"(field 4 (month): "MON" is not a number from 1 to 12 or a name from JAN to DEC)"},
      {"0 0 * * FRIDAY",
       R"(field 5 (day of week): "FRIDAY" is not a number from 0 to 7 or a name from SUN to SAT)"},
      {"0 0 28-3 * *", R"(field 3 (day of month): "28-3" runs backwards)"},
      {"0 0 L-31 * *", "field 3 (day of month): 31 is not between 0 and 30"},
      {"0 0 LL * *",
       R"(field 3 (day of month): "LL" is not a form of L: it may be L, L-3, LW or L-3W)"},
      {"0 0 L/2 * *",
       R"(field 3 (day of month): "L/2" is not a form of L: it may be L, L-3, LW or L-3W)"},
      {"0 0 L- * *",
       R"(field 3 (day of month): "L-" is not a form of L: it may be L, L-3, LW or L-3W)"},
      {"0 0 1-5W * *", R"(field 3 (day of month): "1-5" is not a number from 1 to 31)"},
      {"0 0 W * *", "field 3 (day of month): a value is missing"},
      {"*/0 * * * *", "field 1 (minute): the step 0 is not between 1 and 60"},
      {"*/61 * * * *", "field 1 (minute): the step 61 is not between 1 and 60"},
      {"0 */25 * * *", "field 2 (hour): the step 25 is not between 1 and 24"},
      {"*/ * * * *", R"(field 1 (minute): the step "" is not a number)"},
      {"*/-2 * * * *", R"(field 1 (minute): the step "-2" is not a number)"},
      {"*/2/3 * * * *", R"(field 1 (minute): the step "2/3" is not a number)"},
      {"1,,2 * * * *", "field 1 (minute): an item of the list is empty"},
      {",1 * * * *", "field 1 (minute): an item of the list is empty"},
      {"1, * * * *", "field 1 (minute): an item of the list is empty"},
      {"99999999999999999999 * * * *",
       "field 1 (minute): 99999999999999999999 is not between 0 and 59"},
      {"*/4294967297 * * * *", "field 1 (minute): the step 4294967297 is not between 1 and 60"},
  }));
  CHECK(fault_of(text) == message);
}

TEST_CASE("all faults of a cron expression are told at once, each with its item", "[cron]") {
  const auto wrong = refusal("0 24,25 1 x 5,8");
  CHECK(wrong.faults
        == std::vector<fault>{
            {"body.cron", "field 2 (hour): 24 is not between 0 and 23", "24"},
            {"body.cron", "field 2 (hour): 25 is not between 0 and 23", "25"},
            {"body.cron",
             R"(field 4 (month): "x" is not a number from 1 to 12 or a name from JAN to DEC)", "x"},
            {"body.cron", "field 5 (day of week): 8 is not between 0 and 7", "8"},
        });
}

TEST_CASE("a cron expression has five or six fields", "[cron]") {
  CHECK(fault_of("") == "has 0 fields" + fields_expected);
  CHECK(fault_of(" \t ") == "has 0 fields" + fields_expected);
  CHECK(fault_of("bad") == "has 1 field" + fields_expected);
  CHECK(fault_of("0 0 * *") == "has 4 fields" + fields_expected);
  CHECK(fault_of("0 0 0 1 1 ? 2030") == "has 7 fields" + fields_expected);
  CHECK(fault_of("@daily 5") == "has 2 fields" + fields_expected);
}

TEST_CASE("unknown macros of cron are refused", "[cron]") {
  const auto text = GENERATE(as<std::string>{}, "@", "@reboot", "@dailyy", "@day", "@every");
  CHECK(fault_of(text)
        == "is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually");
}

TEST_CASE("control characters and long texts are no cron expressions", "[cron]") {
  using namespace std::string_literals;
  const auto text = GENERATE(as<std::string>{}, "0 0 * * *\n"s, "0 0\r* * *"s, "0 0 * * *\0"s,
                             "0 0 * * \x7F"s, "0 0 * * \x1B"s);
  CHECK(fault_of(text) == "has a control character in it");

  const std::string rule = "0 0 * * *";
  CHECK(
      cron_expression::parse(rule + std::string(512 - rule.size(), ' '), "body.cron").has_value());
  CHECK(fault_of(rule + std::string(513 - rule.size(), ' ')) == "is longer than 512 bytes");
}

TEST_CASE("a cron expression that can never match is refused", "[cron]") {
  const auto text = GENERATE(as<std::string>{}, "0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 31W 2 *",
                             "0 0 L-29 2 *", "0 0 L-30 4 *", "0 0 */31 * FRI#2");
  CHECK(fault_of(text) == "never comes: its months have no such day");
}

TEST_CASE("a cron expression that matches once in decades is accepted", "[cron]") {
  const auto text = GENERATE(as<std::string>{}, "0 0 29 2 *", "0 0 * 2 MON#5", "0 0 29W 2 *",
                             "0 0 */28 2 MON#5", "0 0 L-28 2 *", "0 0 30 2 MON");
  CAPTURE(text);
  CHECK(cron_expression::parse(text, "body.cron").has_value());
}

TEST_CASE("any text is either a rule with a moment or has a fault", "[cron]") {
  const std::string alphabet = "0123456789*/-,LW#?@ JANFRI";
  const std::vector<std::string> originals{"0 0 15W,L * MON#1,5-7", "*/5 2-10 L-3 NOV-FEB ?",
                                           "1,30 0/5 8 1 * FRIL"};
  std::mt19937 random{11};
  int accepted = 0;
  for (int round = 0; round < 5000; ++round) {
    auto text = originals[random() % originals.size()];
    for (auto changes = 1 + random() % 2; changes > 0; --changes)
      text[random() % text.size()] = alphabet[random() % alphabet.size()];
    CAPTURE(text);
    const auto rule = cron_expression::parse(text, "body.cron");
    accepted += rule.has_value() ? 1 : 0;
    if (rule)
      REQUIRE(rule->next(local_seconds{}).has_value());
    else
      REQUIRE_FALSE(rule.error().faults.empty());
  }
  CHECK(accepted > 500);
  CHECK(accepted < 4500);
}

}  // namespace carillon
