#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/local_command.hpp"

/// What the system writes into a log itself.
namespace carillon::storage {

/// Output that was not kept.
struct log_amount {
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;  ///< Counted by their ends.
};

/// How many lines end in `bytes`.
std::uint64_t lines_ended_in(std::string_view bytes);

/// "[output beyond log_max_size (1KiB) is dropped]"
std::string full_marker(const log_rules& rules);
/// "[3 bytes in 1 line were dropped: log_max_size is 1KiB]"
std::string dropped_marker(log_amount dropped, const log_rules& rules);
/// "[3 bytes in 1 line were lost: the disk was full or broken]"
std::string lost_marker(log_amount lost);
/// "[2 earlier lines were dropped: log_max_size is 1KiB]"
std::string overwritten_marker(std::uint64_t lines, const log_rules& rules);

}  // namespace carillon::storage
