#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/ip_address.hpp"
#include "model/problem.hpp"

namespace carillon {

/// Decides which addresses the server may connect to (the guard against server-side request
/// forgery). The public internet is allowed; loopback, private, link-local, multicast,
/// documentation and the other special-use networks are denied, unless the operator allows them.
///
/// IPv4-mapped and IPv4-compatible IPv6 addresses are judged as the IPv4 address inside them. The
/// other forms that wrap an IPv4 address (NAT64, 6to4, Teredo) are denied as a whole.
///
/// A value: may be copied and read on any thread.
class address_guard {
public:
  /// Allows the public internet only.
  address_guard() = default;

  bool allows(const ip_address& address, std::uint16_t port) const {
    return !refusal(address, port);
  }

  /// Why the address is denied: "address 10.0.0.1 is not allowed (private network)". Empty when it
  /// is allowed.
  std::optional<std::string> refusal(const ip_address& address, std::uint16_t port) const;

  /// One network that the operator allows.
  struct rule {
    ip_address network;
    int prefix_bits;                    ///< Of all 128: an IPv4 network has 96 more than written.
    std::optional<std::uint16_t> port;  ///< Empty: all ports.
  };

private:
  friend expected<address_guard> make_address_guard(std::span<const std::string> allowed);

  std::vector<rule> allowed_;
};

/// Each entry is a network, or one address, with or without a port; an IPv6 network with a port is
/// written in brackets:
///
///     127.0.0.0/8   127.0.0.1   10.1.0.0/16:8080   fd00::/8   [::1]:9000   [fd00::]/8:9000
///
/// Bits behind the prefix are ignored. IPv4 addresses are only allowed by IPv4 entries: ::/0 allows
/// none. A bad entry is a problem of kind invalid that names it.
expected<address_guard> make_address_guard(std::span<const std::string> allowed);

}  // namespace carillon
