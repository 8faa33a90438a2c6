#pragma once

#include <cstdint>
#include <optional>

namespace carillon::http {

/// What the system says of this process.
struct process_figures {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  ///< Since 1970.
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;
  std::uint64_t threads = 0;
};

/// Reads /proc; empty when it is not there.
std::optional<process_figures> look_at_process();

}  // namespace carillon::http
