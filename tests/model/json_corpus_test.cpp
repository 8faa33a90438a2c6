#include "model/json.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

// The rows of JSONTestSuite and its like, from a folder that is not part of the repository: what a
// reader has to accept, has to refuse, or may decide for itself.

namespace carillon::json {

namespace {

std::filesystem::path corpus() {
  const auto* const told = std::getenv("CARILLON_CORPORA");
  const std::filesystem::path folder =
      told != nullptr ? told : PROJECT_SOURCE_DIR "/../shared/corpora";
  return folder / "json_test_parsing.jsonl";
}

std::string decode_base64(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char letter : text.substr(0, text.find('='))) {
    bits = (bits << 6U) | static_cast<unsigned>(alphabet.find(letter));
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xFFU);
    }
  }
  return bytes;
}

struct row {
  std::string name;
  std::string expectation;
  std::string body;
};

row decode(std::string_view line) {
  row decoded;
  const auto root = read(line);
  REQUIRE(root.has_value());
  for (const auto& [key, field] : members(*root)) {
    if (key == "name")
      decoded.name = *as_string(field);
    else if (key == "expect")
      decoded.expectation = *as_string(field);
    else if (key == "body_b64")
      decoded.body = decode_base64(*as_string(field));
  }
  return decoded;
}

/// RFC 8259 leaves these open, and we refuse them: see json.hpp.
bool has_duplicate_keys(const row& tested) {
  return tested.name.find("object_duplicated_key") != std::string::npos;
}

}  // namespace

TEST_CASE("the corpus of JSON texts is read as it should be", "[json][corpus]") {
  std::ifstream lines{corpus()};
  if (!lines) {
    WARN("skipped: there is no " << corpus());
    return;
  }
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    const auto tested = decode(line);
    const auto root = read(tested.body);
    CAPTURE(tested.name, tested.expectation);
    if (has_duplicate_keys(tested)) {
      REQUIRE_FALSE(root.has_value());
      CHECK_THAT(root.error().detail, Catch::Contains("stands twice"));
    } else if (tested.expectation == "accept") {
      CHECK(root.has_value());
    } else if (tested.expectation == "reject") {
      CHECK_FALSE(root.has_value());
    } else if (tested.name.starts_with("i_number_")) {
      CHECK(root.has_value());  // of any size
    } else {
      CHECK_FALSE(root.has_value());  // broken UTF-8, half pairs of surrogates, 500 levels, byte
                                      // order marks
    }
  }
  CHECK(rows > 0);
}

}  // namespace carillon::json
