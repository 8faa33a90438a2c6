#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon {

enum class ip_family { v4, v6 };

/// An address of the internet protocol. An IPv4 address lies in the last four bytes, behind the
/// prefix ::ffff:0:0/96, so that it has the same bytes as its IPv4-mapped IPv6 form.
struct ip_address {
  std::array<std::uint8_t, 16> bytes{};
  ip_family family = ip_family::v6;

  bool operator==(const ip_address&) const = default;
};

/// From bytes in network order, such as a socket address holds them.
constexpr ip_address make_ipv4(const std::array<std::uint8_t, 4>& octets) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, octets[0], octets[1], octets[2], octets[3]},
          ip_family::v4};
}
constexpr ip_address make_ipv6(const std::array<std::uint8_t, 16>& bytes) {
  return {bytes, ip_family::v6};
}

/// Strict: four decimal numbers without leading zeros, or RFC 4291 text without brackets or zone.
std::optional<ip_address> parse_ip_address(std::string_view text);

/// "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1".
std::string to_string(const ip_address& address);

}  // namespace carillon
