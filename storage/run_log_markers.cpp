#include "storage/run_log_markers.hpp"

#include <algorithm>
#include <array>

namespace carillon::storage {
namespace {

/// "1KiB", "100MiB", "1500B"
std::string size_text(std::uint64_t bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  while (bytes > 0 && bytes % 1024 == 0 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + units[unit];
}

/// "1 line", "2 lines"
std::string counted(std::uint64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string were(std::uint64_t count) {
  return count == 1 ? " was " : " were ";
}

std::string text_of(log_amount amount) {
  return counted(amount.bytes, "byte") + " in " + counted(amount.lines, "line")
         + were(amount.bytes);
}

}  // namespace

std::uint64_t lines_ended_in(std::string_view bytes) {
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

std::string full_marker(const log_rules& rules) {
  return "[output beyond log_max_size (" + size_text(rules.bytes_max) + ") is dropped]";
}

std::string dropped_marker(log_amount dropped, const log_rules& rules) {
  return "[" + text_of(dropped) + "dropped: log_max_size is " + size_text(rules.bytes_max) + "]";
}

std::string lost_marker(log_amount lost) {
  return "[" + text_of(lost) + "lost: the disk was full or broken]";
}

std::string overwritten_marker(std::uint64_t lines, const log_rules& rules) {
  return "[" + counted(lines, "earlier line") + were(lines) + "dropped: log_max_size is "
         + size_text(rules.bytes_max) + "]";
}

}  // namespace carillon::storage
