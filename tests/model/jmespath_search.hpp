#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/jmespath.hpp"

/// What the tests of JMESPath say.
namespace carillon::test {

/// An expression and the JSON text that it makes.
struct jmespath_row {
  std::string expression;
  std::string result;
};

inline jmespath compiled(const std::string& expression) {
  CAPTURE(expression);
  auto made = jmespath::compile(expression);
  if (!made)
    FAIL(made.error().detail);
  return *std::move(made);
}

inline std::string found(const std::string& expression, const std::string& document) {
  CAPTURE(expression, document);
  auto result = compiled(expression).evaluate(document);
  if (!result)
    FAIL(result.error().detail);
  return *std::move(result);
}

inline void check_all(const std::string& document, const std::vector<jmespath_row>& rows) {
  for (const auto& [expression, result] : rows) {
    CAPTURE(expression);
    CHECK(found(expression, document) == result);
  }
}

/// The detail of the problem of compiling or, if that goes well, of searching.
inline std::string refused(const std::string& expression, const std::string& document = "null") {
  CAPTURE(expression, document);
  const auto made = jmespath::compile(expression);
  if (!made) {
    CHECK(made.error().kind == problem_kind::invalid);
    return made.error().detail;
  }
  const auto result = made->evaluate(document);
  if (result)
    FAIL("found " + *result);
  CHECK(result.error().kind == problem_kind::invalid);
  return result.error().detail;
}

inline std::string repeated(const std::string& part, std::size_t times) {
  std::string text;
  for (std::size_t count = 0; count < times; ++count)
    text += part;
  return text;
}

}  // namespace carillon::test
