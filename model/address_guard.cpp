#include "model/address_guard.hpp"

#include <algorithm>
#include <charconv>

namespace carillon {
namespace {

// -- networks -----------------------------------------------------------------

constexpr int ipv4_offset_bits = 96;

struct special_use {
  ip_address network;
  int prefix_bits;
  const char* name;
};

constexpr special_use v4(std::array<std::uint8_t, 4> octets, int bits, const char* name) {
  return {make_ipv4(octets), ipv4_offset_bits + bits, name};
}

constexpr special_use v6(std::array<std::uint16_t, 4> head, int bits, const char* name) {
  ip_address network;
  for (std::size_t i = 0; i < head.size(); ++i) {
    network.bytes[2 * i] = static_cast<std::uint8_t>(head[i] >> 8);
    network.bytes[2 * i + 1] = static_cast<std::uint8_t>(head[i] & 0xff);
  }
  return {network, bits, name};
}

// From the IANA special-purpose address registries (RFC 6890 and its successors).
// clang-format off
constexpr special_use special_uses[] = {
  v4({0, 0, 0, 0}, 8, "this network"),
  v4({10, 0, 0, 0}, 8, "private network"),
  v4({100, 64, 0, 0}, 10, "shared address space"),
  v4({127, 0, 0, 0}, 8, "loopback"),
  v4({169, 254, 0, 0}, 16, "link-local"),
  v4({172, 16, 0, 0}, 12, "private network"),
  v4({192, 0, 0, 0}, 24, "protocol assignments"),
  v4({192, 0, 2, 0}, 24, "documentation"),
  v4({192, 88, 99, 0}, 24, "6to4 relay"),
  v4({192, 168, 0, 0}, 16, "private network"),
  v4({198, 18, 0, 0}, 15, "benchmarking"),
  v4({198, 51, 100, 0}, 24, "documentation"),
  v4({203, 0, 113, 0}, 24, "documentation"),
  v4({224, 0, 0, 0}, 4, "multicast"),
  v4({255, 255, 255, 255}, 32, "broadcast"),
  v4({240, 0, 0, 0}, 4, "reserved"),
  v6({0x64, 0xff9b, 0, 0}, 96, "NAT64"),
  v6({0x64, 0xff9b, 1, 0}, 48, "NAT64"),
  v6({0x100, 0, 0, 0}, 64, "discard only"),
  v6({0x2001, 0, 0, 0}, 23, "protocol assignments"),
  v6({0x2001, 0xdb8, 0, 0}, 32, "documentation"),
  v6({0x2002, 0, 0, 0}, 16, "6to4"),
  v6({0x3fff, 0, 0, 0}, 20, "documentation"),
  v6({0x5f00, 0, 0, 0}, 16, "segment routing"),
  v6({0xfc00, 0, 0, 0}, 7, "private network"),
  v6({0xfe80, 0, 0, 0}, 10, "link-local"),
  v6({0xfec0, 0, 0, 0}, 10, "site-local"),
  v6({0xff00, 0, 0, 0}, 8, "multicast"),
};
constexpr special_use mapped_ipv4 = v4({0, 0, 0, 0}, 0, "");
constexpr special_use compatible_ipv4 = v6({0, 0, 0, 0}, ipv4_offset_bits, "");
constexpr special_use global_unicast = v6({0x2000, 0, 0, 0}, 3, "");
// clang-format on

bool contains(const ip_address& network, int prefix_bits, const ip_address& address) {
  const auto whole = static_cast<std::size_t>(prefix_bits / 8);
  if (!std::equal(network.bytes.begin(), network.bytes.begin() + prefix_bits / 8,
                  address.bytes.begin()))
    return false;
  const int rest = prefix_bits % 8;
  return rest == 0 || (network.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
}

bool contains(const special_use& use, const ip_address& address) {
  return contains(use.network, use.prefix_bits, address);
}

// -- judging ------------------------------------------------------------------

/// ::a.b.c.d is judged as a.b.c.d. The mapped form has the bytes of its IPv4 address already.
ip_address unwrapped(const ip_address& address) {
  const auto& b = address.bytes;
  const bool is_own_address = b[12] == 0 && b[13] == 0 && b[14] == 0 && b[15] <= 1;  // :: and ::1
  if (contains(compatible_ipv4, address) && !is_own_address)
    return make_ipv4({b[12], b[13], b[14], b[15]});
  return address;
}

/// Empty for an address of the public internet. `address` is unwrapped.
const char* denied_as(const ip_address& address) {
  if (contains(compatible_ipv4, address))
    return address.bytes[15] == 1 ? "loopback" : "unspecified";
  for (const auto& use : special_uses)
    if (contains(use, address))
      return use.name;
  if (contains(mapped_ipv4, address) || contains(global_unicast, address))
    return nullptr;
  return "not a public address";
}

// -- reading rules ------------------------------------------------------------

/// A decimal number without sign or leading zeros.
std::optional<int> read_number(std::string_view text, int max) {
  int number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, number);
  const bool is_canonical = text == "0" || (!text.empty() && text[0] != '0' && text[0] != '-');
  if (failure != std::errc{} || stopped_at != end || !is_canonical || number > max)
    return std::nullopt;
  return number;
}

/// Cuts "10.0.0.0/8:80" and "[::1]/128:80" in three; what is absent stays empty.
struct rule_text {
  std::string_view address;
  std::optional<std::string_view> bits;
  std::optional<std::string_view> port;
};

std::optional<rule_text> cut(std::string_view entry) {
  rule_text parts;
  const bool is_bracketed = entry.starts_with('[');
  if (is_bracketed) {
    const auto closing = entry.find(']');
    if (closing == std::string_view::npos)
      return std::nullopt;
    parts.address = entry.substr(1, closing - 1);
    entry.remove_prefix(closing + 1);
    if (parts.address.find(':') == std::string_view::npos)
      return std::nullopt;
  }
  const bool is_plain_ipv6 = !is_bracketed && entry.find(':') != entry.rfind(':');
  if (const auto colon = entry.rfind(':'); colon != std::string_view::npos && !is_plain_ipv6) {
    parts.port = entry.substr(colon + 1);
    entry = entry.substr(0, colon);
  }
  if (const auto slash = entry.find('/'); slash != std::string_view::npos) {
    parts.bits = entry.substr(slash + 1);
    entry = entry.substr(0, slash);
  }
  if (is_bracketed)
    return entry.empty() ? std::optional{parts} : std::nullopt;
  parts.address = entry;
  return parts;
}

std::optional<address_guard::rule> read_rule(std::string_view entry) {
  const auto parts = cut(entry);
  const auto network = parts ? parse_ip_address(parts->address) : std::nullopt;
  if (!network)
    return std::nullopt;

  const int offset = network->family == ip_family::v4 ? ipv4_offset_bits : 0;
  auto rule = address_guard::rule{*network, 128, std::nullopt};
  if (parts->bits) {
    const auto bits = read_number(*parts->bits, 128 - offset);
    if (!bits)
      return std::nullopt;
    rule.prefix_bits = offset + *bits;
  }
  if (parts->port) {
    const auto port = read_number(*parts->port, 65535);
    if (!port || *port == 0)
      return std::nullopt;
    rule.port = static_cast<std::uint16_t>(*port);
  }
  return rule;
}

bool matches(const address_guard::rule& rule, const ip_address& address, std::uint16_t port) {
  // A short prefix such as ::/0 would take in the mapped form of all of IPv4.
  const bool is_ipv4 = contains(mapped_ipv4, address);
  if (is_ipv4 && rule.prefix_bits < ipv4_offset_bits)
    return false;
  return (!rule.port || *rule.port == port) && contains(rule.network, rule.prefix_bits, address);
}

}  // namespace

std::optional<std::string> address_guard::refusal(const ip_address& address,
                                                  std::uint16_t port) const {
  const auto judged = unwrapped(address);
  const auto* const reason = denied_as(judged);
  if (reason == nullptr)
    return std::nullopt;
  const auto is_allowed = [&](const rule& each) { return matches(each, judged, port); };
  if (std::any_of(allowed_.begin(), allowed_.end(), is_allowed))
    return std::nullopt;
  return "address " + to_string(address) + " is not allowed (" + reason + ")";
}

expected<address_guard> make_address_guard(std::span<const std::string> allowed) {
  address_guard guard;
  for (const auto& entry : allowed) {
    const auto rule = read_rule(entry);
    if (!rule)
      return problem{
          problem_kind::invalid,
          "'" + excerpt(entry)
              + "' is not a network such as 10.0.0.0/8, 127.0.0.1:9000 or [fd00::]/8:9000"};
    guard.allowed_.push_back(*rule);
  }
  return guard;
}

}  // namespace carillon
