#pragma once

#include "model/problem.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace carillon {

/// A fault of a configuration file, or of what is told after it.
struct line_fault {
  static constexpr unsigned after_all = ~0U;  ///< Of another source than the file.

  unsigned line;  ///< 0: of the file as a whole.
  fault what;
};

/// "carillon.toml:12: http.io_threads"
std::string place_in_file(std::string_view path, unsigned line, std::string_view key);

/// All of them in the order of the lines; of one line in the order given.
problem configuration_problem(std::vector<line_fault> faults);

}  // namespace carillon
