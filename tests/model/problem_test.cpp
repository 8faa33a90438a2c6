#include "model/problem.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace carillon {

TEST_CASE("every kind of problem has its own name", "[problem]") {
  CHECK(to_string(problem_kind::malformed) == "malformed");
  CHECK(to_string(problem_kind::invalid) == "invalid");
  CHECK(to_string(problem_kind::not_found) == "not_found");
  CHECK(to_string(problem_kind::conflict) == "conflict");
  CHECK(to_string(problem_kind::unavailable) == "unavailable");
  CHECK(to_string(problem_kind::corrupt) == "corrupt");
}

TEST_CASE("taking the value of a problem is a programming error that names it", "[problem]") {
  const expected<int> outcome = problem{problem_kind::conflict, "it has ended"};
  CHECK_FALSE(outcome.has_value());
  CHECK_THROWS_AS(outcome.value(), std::logic_error);
  CHECK_THROWS_WITH(outcome.value(), Catch::Contains("it has ended"));
}

TEST_CASE("an excerpt is the input itself up to the limit", "[problem]") {
  CHECK(excerpt("").empty());
  CHECK(excerpt("tomorrow") == "tomorrow");
  const std::string longest(fault_value_bytes_max, 'a');
  CHECK(excerpt(longest) == longest);
  CHECK(excerpt(longest + "b") == longest);
}

TEST_CASE("an excerpt does not cut a character in two", "[problem]") {
  const std::string euro = "\xE2\x82\xAC";
  for (std::size_t before = 1; before <= 3; ++before) {
    const std::string fits(fault_value_bytes_max - before, 'a');
    CAPTURE(before);
    CHECK(excerpt(fits + euro + "tail") == (before == 3 ? fits + euro : fits));
  }
}

TEST_CASE("one fault is told in the problem, several are counted", "[problem]") {
  fault_list faults;
  CHECK(faults.empty());
  faults.add("body.delay", "must be a duration", "soon");
  CHECK_FALSE(faults.empty());

  SECTION("one") {
    const auto told = std::move(faults).to_problem();
    CHECK(told.kind == problem_kind::invalid);
    CHECK(told.detail == "body.delay: must be a duration");
    CHECK(told.faults == std::vector<fault>{{"body.delay", "must be a duration", "soon"}});
  }
  SECTION("several, in their order, with short values") {
    faults.add("query.limit", "must be a number", std::string(10'000, 'x'));
    const auto told = std::move(faults).to_problem();
    CHECK(told.detail == "2 things in the request are wrong");
    REQUIRE(told.faults.size() == 2);
    CHECK(told.faults[0].location == "body.delay");
    CHECK(told.faults[1].value.size() == fault_value_bytes_max);
  }
}

}  // namespace carillon
