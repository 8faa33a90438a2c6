#include "tests/model/jmespath_search.hpp"

#include <fstream>

// Random expressions against the answers of the reference implementation; make_jmespath_fixture.mjs
// tells which.

namespace carillon {

TEST_CASE("every expression finds what the reference finds", "[jmespath]") {
  std::ifstream file{PROJECT_SOURCE_DIR "/tests/model/jmespath_fixture.jsonl"};
  REQUIRE(file);
  jmespath_value document;
  std::size_t compared = 0;
  for (std::string line; std::getline(file, line);) {
    CAPTURE(line);
    const auto row = jmespath_value::read(line);
    REQUIRE(row.has_value());
    if (const auto* const next = row->find("document")) {
      document = *next;
      continue;
    }
    ++compared;
    const auto expression = jmespath::compile(row->find("expression")->as_string());
    const auto result = expression ? expression->search(document) : expression.error();
    const auto* const wanted = row->find("result");
    if (wanted == nullptr) {
      CHECK_FALSE(result.has_value());
    } else if (!result) {
      FAIL_CHECK(result.error().detail);
    } else if (!(*result == *wanted)) {
      FAIL_CHECK("found " + result->to_json());
    }
  }
  CHECK(compared == 5'200);
}

}  // namespace carillon
