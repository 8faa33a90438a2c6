#include "model/ip_address.hpp"

#include <arpa/inet.h>  // inet_pton and inet_ntop, which are pure

namespace carillon {

std::optional<ip_address> parse_ip_address(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  const std::string terminated{text};
  if (std::array<std::uint8_t, 4> octets{}; inet_pton(AF_INET, terminated.c_str(), octets.data()))
    return make_ipv4(octets);
  if (std::array<std::uint8_t, 16> bytes{}; inet_pton(AF_INET6, terminated.c_str(), bytes.data()))
    return make_ipv6(bytes);
  return std::nullopt;
}

std::string to_string(const ip_address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.family == ip_family::v4)
    inet_ntop(AF_INET, &address.bytes[12], text.data(), text.size());
  else
    inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  return text.data();
}

}  // namespace carillon
