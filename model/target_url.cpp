#include "model/target_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

// Boost.URL is not used: 1.81 reads http://1.2.3.4.example/ as host 1.2.3.4 and target .example/.

namespace carillon {
namespace {

constexpr std::size_t host_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;

problem invalid(std::string detail) {
  return {problem_kind::invalid, std::move(detail)};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Characters that some readers drop, decode or take for '/' are refused everywhere.
bool is_url_character(char c) {
  constexpr std::string_view refused = "\\\"<>^`{|}";
  return c > ' ' && c < '\x7f' && refused.find(c) == std::string_view::npos;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

// -- IPv4 in all the spellings of inet_aton -------------------------------------

/// Decimal, octal with a leading 0, or hexadecimal with a leading 0x.
std::optional<std::uint64_t> read_part(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, number, base);
  if (text.empty() || failure != std::errc{} || stopped_at != end)
    return std::nullopt;
  return number;
}

/// One to four parts; the last one fills all the bytes that are left.
std::optional<ip_address> read_ipv4(std::string_view text) {
  std::array<std::uint8_t, 4> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto dot = text.find('.');
    const auto part = read_part(text.substr(0, dot));
    if (!part)
      return std::nullopt;
    if (dot != std::string_view::npos) {
      if (*part > 0xff)
        return std::nullopt;
      octets[i] = static_cast<std::uint8_t>(*part);
      text.remove_prefix(dot + 1);
      continue;
    }
    if (*part >> (8 * (octets.size() - i)) != 0)
      return std::nullopt;
    for (std::size_t j = octets.size(), shift = 0; j-- > i; shift += 8)
      octets[j] = static_cast<std::uint8_t>(*part >> shift & 0xff);
    return make_ipv4(octets);
  }
  return std::nullopt;
}

/// Whether a reader somewhere would take the name for an IPv4 address: its last label is a number.
bool ends_in_number(std::string_view name) {
  const auto last = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  return last.starts_with("0x")
         || (!last.empty() && std::all_of(last.begin(), last.end(), is_digit));
}

// -- parts of the URL -----------------------------------------------------------

struct url_host {
  std::string name;
  std::optional<ip_address> address;
};

expected<url_host> read_ipv6_host(std::string_view inside_brackets) {
  const auto address = parse_ip_address(inside_brackets);
  if (!address || address->family != ip_family::v6)
    return invalid("the host in brackets is not an IPv6 address without zone");
  return url_host{to_string(*address), address};
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= label_bytes_max
         && std::all_of(label.begin(), label.end(), is_name_character);
}

/// `name` is in lower case. One dot at the end is part of a full name.
expected<url_host> read_named_host(std::string name) {
  if (name.empty())
    return invalid("the URL has no host");
  const auto without_dot = std::string_view{name}.substr(0, name.size() - name.ends_with('.'));
  if (const auto address = read_ipv4(without_dot))
    return url_host{to_string(*address), address};
  if (ends_in_number(without_dot))
    return invalid("the host is not an IPv4 address, but ends in a number");

  bool is_name = name.size() <= host_bytes_max;
  for (auto rest = without_dot; is_name;) {
    const auto dot = rest.find('.');
    is_name = is_label(rest.substr(0, dot));
    if (dot == std::string_view::npos)
      break;
    rest.remove_prefix(dot + 1);
  }
  if (!is_name)
    return invalid("the host is not a name of letters, digits, hyphens and dots");
  return url_host{std::move(name), std::nullopt};
}

expected<std::uint16_t> read_port(std::string_view text) {
  unsigned port = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, port);
  if (failure != std::errc{} || stopped_at != end || port == 0 || port > 65535)
    return invalid("the port must be a number from 1 to 65535");
  return static_cast<std::uint16_t>(port);
}

/// "example.com:8080" and "[::1]". The port keeps its default when the text has none.
expected<target_url> read_authority(std::string_view text, bool tls) {
  if (text.find('@') != std::string_view::npos)
    return invalid("the URL must not hold a user name or a password");
  const bool is_ipv6 = text.starts_with('[');
  const auto host_end = is_ipv6 ? text.find(']') : std::min(text.find(':'), text.size());
  if (host_end == std::string_view::npos)
    return invalid("the host has no closing bracket");
  auto host = is_ipv6 ? read_ipv6_host(text.substr(1, host_end - 1))
                      : read_named_host(lower(text.substr(0, host_end)));
  if (!host)
    return host.error();

  target_url url{"", std::move(host->name), tls ? std::uint16_t{443} : std::uint16_t{80}, tls,
                 host->address};
  text.remove_prefix(host_end + (is_ipv6 ? 1 : 0));
  if (text.empty() || text == ":")
    return url;
  if (text[0] != ':')
    return invalid("after the host comes a port or a path");
  const auto port = read_port(text.substr(1));
  if (!port)
    return port.error();
  url.port = *port;
  return url;
}

std::string spell(const target_url& url, std::string_view path_and_query) {
  const bool is_ipv6 = url.host.find(':') != std::string::npos;
  std::string text = url.tls ? "https://" : "http://";
  text += is_ipv6 ? "[" + url.host + "]" : url.host;
  if (url.port != (url.tls ? 443 : 80))
    text += ":" + std::to_string(url.port);
  if (!path_and_query.starts_with('/'))
    text += '/';
  text += path_and_query;
  return text;
}

}  // namespace

expected<target_url> parse_target_url(std::string_view text) {
  if (text.size() > target_url_bytes_max)
    return invalid("the URL is longer than " + std::to_string(target_url_bytes_max) + " bytes");
  if (!std::all_of(text.begin(), text.end(), is_url_character))
    return invalid("the URL holds a character that must be percent-encoded");

  const auto colon = std::min(text.find(':'), text.size());
  const auto scheme = lower(text.substr(0, colon));
  if ((scheme != "http" && scheme != "https") || !text.substr(colon).starts_with("://"))
    return invalid("the URL must begin with http:// or https://");
  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));

  const auto authority_end = std::min(text.find_first_of("/?"), text.size());
  auto url = read_authority(text.substr(0, authority_end), scheme == "https");
  if (url)
    url->text = spell(*url, text.substr(authority_end));
  return url;
}

std::string host_and_port(std::string_view text) {
  const bool tls = text.starts_with("https:");
  const auto scheme_end = text.find("://");
  if (scheme_end != std::string_view::npos)
    text.remove_prefix(scheme_end + 3);
  text = text.substr(0, std::min(text.find_first_of("/?#"), host_bytes_max + 8));
  auto host = lower(text);
  const auto colon = host.rfind(':');
  if (colon == std::string::npos || host.ends_with(']'))
    host += tls ? ":443" : ":80";
  return host;
}

}  // namespace carillon
