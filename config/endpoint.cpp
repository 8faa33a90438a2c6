#include "config/endpoint.hpp"

#include "model/ip_address.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace carillon {

namespace {

constexpr std::size_t host_length_max = 253;  // RFC 1035

bool is_host_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
         || (letter >= '0' && letter <= '9') || letter == '-' || letter == '.';
}

/// A name, or an IPv4 address.
bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= host_length_max && text.front() != '-'
         && text.front() != '.' && std::ranges::all_of(text, is_host_letter);
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc{} || rest != end)
    return std::nullopt;
  return port;
}

}  // namespace

std::optional<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = parse_port(text.substr(colon + 1));
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets)
    host = host.substr(1, host.size() - 2);

  const auto address = parse_ip_address(host);
  const bool is_v6 = address && address->family == ip_family::v6;
  if (!port || in_brackets != is_v6 || (!is_v6 && !is_host_name(host)))
    return std::nullopt;
  return endpoint{std::string{host}, *port};
}

std::string format_endpoint(const endpoint& place) {
  const bool needs_brackets = place.host.find(':') != std::string::npos;
  return (needs_brackets ? "[" + place.host + "]" : place.host) + ":" + std::to_string(place.port);
}

bool is_beyond_loopback(const endpoint& place) {
  constexpr std::uint8_t loopback_network = 127;
  const auto address = parse_ip_address(place.host);
  if (!address)
    return false;
  constexpr std::array<std::uint8_t, 16> loopback_v6{0, 0, 0, 0, 0, 0, 0, 0,
                                                     0, 0, 0, 0, 0, 0, 0, 1};
  if (address->family == ip_family::v6)
    return address->bytes != loopback_v6;
  return address->bytes[12] != loopback_network;  // an IPv4 address is the last four
}

}  // namespace carillon
