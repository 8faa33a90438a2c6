#pragma once

#include "model/json.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

/// What the tests of reading say.
namespace carillon::json::test {

inline value checked(std::string_view text) {
  CAPTURE(text);
  const auto root = read(text);
  if (!root)
    FAIL(root.error().detail);
  return *root;
}

inline std::string refusal(std::string_view text) {
  CAPTURE(text);
  const auto root = read(text);
  REQUIRE_FALSE(root.has_value());
  CHECK(root.error().kind == problem_kind::malformed);
  return root.error().detail;
}

inline std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t count = 0; count < times; ++count)
    text += part;
  return text;
}

}  // namespace carillon::json::test
