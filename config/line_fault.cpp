#include "config/line_fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carillon {

std::string place_in_file(std::string_view path, unsigned line, std::string_view key) {
  return fmt::format("{}:{}: {}", path, line, key);
}

problem configuration_problem(std::vector<line_fault> faults) {
  std::ranges::stable_sort(faults, {}, &line_fault::line);
  problem all{problem_kind::invalid, fmt::format("the configuration has {} fault{}", faults.size(),
                                                 faults.size() == 1 ? "" : "s")};
  for (auto& [line, what] : faults)
    all.faults.push_back(std::move(what));
  return all;
}

}  // namespace carillon
