#pragma once

#include "config/definitions_file.hpp"
#include "config/load_settings.hpp"
#include "tests/config/temporary_file.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace carillon::test {

/// What a file defines that must be right.
inline std::vector<definition> definitions_in(const temporary_file& file) {
  auto loaded = load_definitions(file.path());
  if (!loaded)
    FAIL(fault_lines(loaded.error()));
  return *loaded;
}

inline std::vector<schedule_spec> specs_in(std::string_view text) {
  const temporary_file file{text};
  std::vector<schedule_spec> specs;
  for (const auto& one : definitions_in(file))
    specs.push_back(*one.spec);
  return specs;
}

/// The only definition of a text.
inline schedule_spec spec_in(std::string_view text) {
  const auto specs = specs_in(text);
  REQUIRE(specs.size() == 1);
  return specs.front();
}

/// The lines of all faults, with the file's folder cut off.
inline std::string lines_of(const problem& cause, const temporary_file& file) {
  auto lines = fault_lines(cause);
  const auto folder = file.folder() + "/";
  for (auto at = lines.find(folder); at != std::string::npos; at = lines.find(folder))
    lines.erase(at, folder.size());
  return lines;
}

/// The lines of the faults that a text has.
inline std::string definition_faults(std::string_view text) {
  const temporary_file file{text};
  const auto loaded = load_definitions(file.path());
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().kind == problem_kind::invalid);
  return lines_of(loaded.error(), file);
}

}  // namespace carillon::test
