#pragma once

#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tools/cli/arguments.hpp"

namespace carillon::cli::test {

/// "tasks list --limit 3", cut at spaces.
inline std::vector<std::string> words(const std::string& line) {
  std::istringstream in{line};
  std::vector<std::string> all;
  for (std::string word; in >> word;)
    all.push_back(word);
  return all;
}

inline invocation called(const std::vector<std::string>& all) {
  auto read = read_arguments(all);
  if (const auto* other = std::get_if<said>(&read))
    FAIL(other->text);
  return std::get<invocation>(read);
}
inline invocation called(const std::string& line) {
  return called(words(line));
}

inline said refused(const std::string& line) {
  auto read = read_arguments(words(line));
  REQUIRE(std::holds_alternative<said>(read));
  return std::get<said>(read);
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace carillon::cli::test
