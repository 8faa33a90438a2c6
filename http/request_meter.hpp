#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/router.hpp"
#include "model/tally.hpp"

namespace carillon::http {

inline constexpr std::size_t status_class_count = 5;  ///< 1xx to 5xx

/// Counts the answers of each route. All routes are known from the start, so that counting takes no
/// lock. Any thread.
class request_meter {
public:
  /// The tables must outlive it.
  explicit request_meter(std::span<const std::span<const route>> tables);

  /// `row`: null for what no route was found for.
  void add(const route* row, int status, std::chrono::steady_clock::duration took);

  struct figures {
    std::string_view surface;
    std::string_view method;   ///< Empty: no route.
    std::string_view pattern;  ///< Empty: no route.
    std::array<std::uint64_t, status_class_count> answers;
    spread took;  ///< In seconds, until the answer began.
  };
  /// Of the routes that have answered.
  [[nodiscard]] std::vector<figures> read() const;

private:
  struct slot {
    std::array<tally, status_class_count> answers;
    /// In microseconds.
    distribution took{250,     500,       1'000,     2'500,      5'000,
                      10'000,  25'000,    50'000,    100'000,    250'000,
                      500'000, 1'000'000, 2'500'000, 10'000'000, 60'000'000};
  };

  std::unordered_map<const route*, std::unique_ptr<slot>> slots_;  ///< Never changes.
};

}  // namespace carillon::http
