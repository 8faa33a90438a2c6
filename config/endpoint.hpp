#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon {

/// An address to listen on. The host is a name or an IP address without brackets; port 0 means any
/// free one.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const endpoint&) const = default;
};

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080". The name is not looked up.
std::optional<endpoint> parse_endpoint(std::string_view text);
std::string format_endpoint(const endpoint& place);

/// Whether others than this machine may reach it: an IP address but 127.0.0.0/8 and ::1.
bool is_beyond_loopback(const endpoint& place);

}  // namespace carillon
