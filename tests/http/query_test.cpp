#include "http/query.hpp"

#include <catch2/catch.hpp>

namespace carillon::http {

namespace {

request asking(std::vector<std::pair<std::string, std::string>> query) {
  request made;
  made.query = std::move(query);
  return made;
}

constexpr std::string_view states[] = {"active", "paused"};

}  // namespace

TEST_CASE("parameters are read by their types", "[http][query]") {
  const auto asked = asking({{"limit", "7"},
                             {"status", "PAUSED"},
                             {"from", "2030-01-01T00:00:00Z"},
                             {"dry_run", "true"},
                             {"text", "backup"}});
  query_reader query{asked};
  CHECK(query.limit(50, 200) == 7);
  CHECK(query.offset() == 0);
  CHECK(query.one_of("status", states) == 1U);
  CHECK(query.moment("from") == parse_instant("2030-01-01T00:00:00Z").value());
  CHECK(query.flag("dry_run", false));
  CHECK(query.text("text") == "backup");
  CHECK_FALSE(query.text("absent"));
  CHECK(std::move(query).finish().has_value());
}

TEST_CASE("all faults of a query are told at once, with their places", "[http][query]") {
  const auto asked = asking({{"limit", "201"},
                             {"offset", "-1"},
                             {"status", "sleeping"},
                             {"from", "tomorrow"},
                             {"surprise", "1"},
                             {"text", ""}});
  query_reader query{asked};
  CHECK(query.limit(50, 200) == 50);
  CHECK(query.offset() == 0);
  CHECK_FALSE(query.one_of("status", states));
  CHECK_FALSE(query.moment("from"));
  CHECK_FALSE(query.text("text"));
  const auto wrong = std::move(query).finish().error();
  CHECK(wrong.kind == problem_kind::invalid);
  REQUIRE(wrong.faults.size() == 6);
  CHECK(wrong.faults[0] == fault{"query.limit", "an integer from 1 to 200", "201"});
  CHECK(wrong.faults[1] == fault{"query.offset", "an integer from 0", "-1"});
  CHECK(wrong.faults[2] == fault{"query.status", "one of active, paused", "sleeping"});
  CHECK(wrong.faults[3].location == "query.from");
  CHECK(wrong.faults[4].location == "query.text");
  CHECK(wrong.faults[5] == fault{"query.surprise", "no such parameter", "1"});
}

TEST_CASE("a limit is a whole number and not cut silently", "[http][query]") {
  for (const auto* wrong : {"", "0", "1.5", "1e2", "+1", " 1", "99999999999999999999"}) {
    const auto asked = asking({{"limit", wrong}});
    query_reader query{asked};
    CHECK(query.limit(50, 200) == 50);
    CHECK_FALSE(std::move(query).finish().has_value());
  }
}

TEST_CASE("a parameter that is given twice is refused", "[http][query]") {
  const auto asked = asking({{"limit", "1"}, {"limit", "2"}});
  query_reader query{asked};
  query.limit(50, 200);
  const auto wrong = std::move(query).finish().error();
  REQUIRE(wrong.faults.size() == 1);
  CHECK(wrong.faults[0] == fault{"query.limit", "given more than once", "2"});
}

}  // namespace carillon::http
