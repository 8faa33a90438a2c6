#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tools/bench/connection.hpp"
#include "tools/bench/histogram.hpp"
#include "tools/bench/report.hpp"
#include "tools/bench/stage.hpp"

namespace carillon::bench {

/// A number of requests that differ in their path only.
struct many_requests {
  std::string_view method;
  std::uint64_t count;
  std::function<std::string(std::uint64_t number)> path;
  int status;  ///< Any other answer is a failure.
  std::function<void(std::uint64_t number, std::string_view body)> on_answer = {};
};

/// Asks all of them over 8 keep-alive connections (--connections), each of which sends its next
/// request when the last is answered, and returns how long the answers took. Faults go to `out`.
histogram ask_many(stage& on, const many_requests& wanted, run_report& out);

}  // namespace carillon::bench
