#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "http/run_output.hpp"

namespace carillon::http {

/// Sums over rows of /runs.
class run_stats {
public:
  void add(const run_row& row);

  /// Adds its members to an object.
  void write(json::writer& out) const;

private:
  std::array<std::int64_t, task_status_count> by_status_{};
  std::int64_t successful_ = 0;
  std::int64_t failed_ = 0;  ///< Every attempt that ended otherwise.
  duration busy_{0};         ///< The sum of what attempts that ended took.
  std::optional<instant> last_;
};

}  // namespace carillon::http
