#include "model/problem.hpp"

#include <stdexcept>
#include <utility>

namespace carillon {

std::string_view to_string(problem_kind kind) {
  switch (kind) {
    case problem_kind::malformed:
      return "malformed";
    case problem_kind::invalid:
      return "invalid";
    case problem_kind::not_found:
      return "not_found";
    case problem_kind::conflict:
      return "conflict";
    case problem_kind::unavailable:
      return "unavailable";
    case problem_kind::corrupt:
      return "corrupt";
    case problem_kind::too_many:
      return "too_many";
  }
  return "unknown";
}

void throw_exception_from_error(const problem& cause, const boost::source_location&) {
  throw std::logic_error("value of a problem: " + cause.detail);
}

std::string excerpt(std::string_view input) {
  if (input.size() <= fault_value_bytes_max)
    return std::string{input};
  auto end = fault_value_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(input[end]) & 0xC0U) == 0x80U)
    --end;
  return std::string{input.substr(0, end)};
}

void fault_list::add(std::string location, std::string message, std::string_view value) {
  faults_.push_back({std::move(location), std::move(message), excerpt(value)});
}

problem fault_list::to_problem() && {
  auto detail = faults_.size() == 1
                    ? faults_.front().location + ": " + faults_.front().message
                    : std::to_string(faults_.size()) + " things in the request are wrong";
  return {problem_kind::invalid, std::move(detail), std::move(faults_)};
}

}  // namespace carillon
