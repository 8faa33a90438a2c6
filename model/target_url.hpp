#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/ip_address.hpp"
#include "model/problem.hpp"

namespace carillon {

/// Where a task is delivered by HTTP, checked and in one spelling.
struct target_url {
  std::string text;                   ///< What is called: see parse_target_url.
  std::string host;                   ///< In lower case; an IPv6 address without brackets.
  std::uint16_t port;                 ///< 80 or 443 when the text gave none.
  bool tls;                           ///< https.
  std::optional<ip_address> address;  ///< When the host is an address and not a name.
};

inline constexpr std::size_t target_url_bytes_max = 2048;

/// Reads an http or https URL of ASCII characters. Refused: user names, port 0, white space,
/// control characters, backslashes, percent signs in the host, IPv6 zones. The result's text has
/// scheme and host in lower case, no default port and no fragment, and every spelling of an IPv4
/// address (2130706433, 0177.1, 0x7f.0.0.1) in the usual form: what is checked here is what is
/// called.
///
/// Names are not looked up: whether an address may be called is decided when it is connected to.
/// The problem is of kind invalid.
expected<target_url> parse_target_url(std::string_view text);

/// "example.com:443", "[::1]:8080": whom such a text calls. Never fails: of a text that
/// parse_target_url did not spell it is whatever stands in the place of the host.
std::string host_and_port(std::string_view text);

}  // namespace carillon
