#include "http/strictness.hpp"

#include <algorithm>
#include <utility>

#include "http/text.hpp"

namespace carillon::http {

namespace {

constexpr std::size_t method_bytes_max = 32;
constexpr std::size_t length_digits_max = 19;  // below 2^63
constexpr std::string_view version_pattern = "HTTP/d.d";

bool is_visible(char each) {
  return each > 0x20 && each < 0x7F;
}

bool is_control(char each) {
  return (static_cast<unsigned char>(each) < 0x20 && each != '\t') || each == 0x7F;
}

/// `line` without the CR that may still wait for its LF.
std::string_view without_final_cr(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

std::optional<refusal> check_version(std::string_view version, bool whole) {
  for (std::size_t at = 0; at < version.size(); ++at) {
    if (at >= version_pattern.size())
      return refusal{400, "the request line does not end after the HTTP version"};
    const auto expected = version_pattern[at];
    if (expected == 'd' ? !is_digit(version[at]) : version[at] != expected)
      return refusal{400, "the request line does not end in an HTTP version"};
  }
  if (version.size() < version_pattern.size())
    return whole ? std::optional{refusal{400, "the request line has no HTTP version"}}
                 : std::nullopt;
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return refusal{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  return {};
}

bool is_port(std::string_view text) {
  unsigned value = 0;
  for (const char each : text) {
    if (!is_digit(each) || value > 65535)
      return false;
    value = value * 10 + static_cast<unsigned>(each - '0');
  }
  return value <= 65535;
}

bool is_name_char(char each) {
  constexpr std::string_view marks = "-._~%!$&'()*+,;=";
  return is_digit(each) || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
         || marks.find(each) != std::string_view::npos;
}

bool is_address_char(char each) {
  return is_digit(each) || (each >= 'a' && each <= 'f') || (each >= 'A' && each <= 'F')
         || each == ':' || each == '.';
}

}  // namespace

head_guard::verdict head_guard::refuse(refusal why) {
  why_ = why;
  return verdict::refused;
}

head_guard::verdict head_guard::check(std::string_view seen) {
  for (;;) {
    const auto end = seen.find('\n', checked_);
    if (end == std::string_view::npos)
      break;
    if (end == checked_ || seen[end - 1] != '\r')
      return refuse({400, "a line of the head does not end in CR LF"});
    const auto line = seen.substr(checked_, end - 1 - checked_);
    if (end + 1 > limits_.header_bytes_max)
      return check_size(seen);
    if (lines_ > 0 && line.empty()) {
      checked_ = end + 1;
      const auto wrong = check_end();
      return wrong ? refuse(*wrong) : verdict::complete;
    }
    if (const auto wrong = lines_ == 0 ? check_request_line(line, true) : check_header(line))
      return refuse(*wrong);
    checked_ = end + 1;
    ++lines_;
  }
  const auto part = without_final_cr(seen.substr(checked_));
  if (lines_ == 0)
    if (const auto wrong = check_request_line(part, false))
      return refuse(*wrong);
  if (lines_ > 0 && (part.starts_with(' ') || part.starts_with('\t')))
    return refuse({400, "a header line begins with white space"});
  if (std::ranges::any_of(part, is_control))
    return refuse({400, "the head holds a control character"});
  return check_size(seen);
}

head_guard::verdict head_guard::check_size(std::string_view seen) {
  if (seen.size() <= limits_.header_bytes_max)
    return verdict::more;
  return refuse({431, "the head of the request is too large"});
}

std::optional<refusal> head_guard::check_request_line(std::string_view line, bool whole) {
  const refusal broken{400, "the request line is not: method, space, target, space, version"};
  const auto method =
      line.substr(0, std::ranges::find_if_not(line, is_http_token_character) - line.begin());
  if (method.size() > method_bytes_max)
    return refusal{400, "the method is too long"};
  auto rest = line.substr(method.size());
  if (rest.empty() && !whole)
    return {};
  if (method.empty() || !rest.starts_with(' '))
    return broken;
  rest.remove_prefix(1);
  const auto target = rest.substr(0, std::ranges::find_if_not(rest, is_visible) - rest.begin());
  if (target.size() > limits_.target_bytes_max)
    return refusal{414, "the target of the request is too long"};
  rest.remove_prefix(target.size());
  if (rest.empty() && !whole)
    return {};
  if (target.empty() || !rest.starts_with(' '))
    return broken;
  rest.remove_prefix(1);
  old_version_ = rest == "HTTP/1.0";
  return check_version(rest, whole);
}

std::optional<refusal> head_guard::check_header(std::string_view line) {
  if (lines_ > limits_.headers_max)
    return refusal{431, "the request has too many headers"};
  const auto name =
      line.substr(0, std::ranges::find_if_not(line, is_http_token_character) - line.begin());
  if (name.empty() || name.size() == line.size() || line[name.size()] != ':')
    return refusal{400, "a header line is not a name and directly after it a colon"};
  const auto value = line.substr(name.size() + 1);
  bool ascii = true;
  for (const char each : value) {
    if (is_control(each))
      return refusal{400, "a header holds a control character"};
    ascii = ascii && static_cast<unsigned char>(each) < 0x80;
  }
  if (!ascii && !is_utf8(value))
    return refusal{400, "a header is not UTF-8"};
  return check_framing(name, trim(value));
}

std::optional<refusal> head_guard::check_framing(std::string_view name, std::string_view value) {
  if (equals_ignoring_case(name, "host")) {
    if (std::exchange(has_host_, true))
      return refusal{400, "the Host header is there twice"};
    if (!is_host(value))
      return refusal{400, "the Host header is not a host"};
  } else if (equals_ignoring_case(name, "content-length")) {
    if (std::exchange(has_length_, true))
      return refusal{400, "the Content-Length header is there twice"};
    if (value.empty() || value.size() > length_digits_max || !std::ranges::all_of(value, is_digit))
      return refusal{400, "the Content-Length header is not a number"};
  } else if (equals_ignoring_case(name, "transfer-encoding")) {
    if (std::exchange(has_encoding_, true))
      return refusal{400, "the Transfer-Encoding header is there twice"};
    if (old_version_ || !equals_ignoring_case(value, "chunked"))
      return refusal{501, "the only transfer encoding is chunked, and in HTTP/1.1"};
  } else if (equals_ignoring_case(name, "authorization")) {
    if (std::exchange(has_authorization_, true))
      return refusal{400, "the Authorization header is there twice"};
  }
  if (has_length_ && has_encoding_)
    return refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
  return {};
}

std::optional<refusal> head_guard::check_end() const {
  if (!has_host_ && !old_version_)
    return refusal{400, "HTTP/1.1 needs a Host header"};
  return {};
}

bool is_host(std::string_view text) {
  auto port = std::string_view{};
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos)
      return false;
    const auto address = text.substr(1, end - 1);
    if (address.size() < 2 || !std::ranges::all_of(address, is_address_char)
        || address.find(':') == std::string_view::npos
        || address.find("..") != std::string_view::npos)
      return false;
    port = text.substr(end + 1);
  } else {
    const auto end = std::min(text.find(':'), text.size());
    const auto name = text.substr(0, end);
    if (name.empty() || name.starts_with('.') || name.find("..") != std::string_view::npos
        || !std::ranges::all_of(name, is_name_char))
      return false;
    port = text.substr(end);
  }
  return port.empty() || (port.front() == ':' && is_port(port.substr(1)));
}

bool has_stray_bytes(std::string_view chunk_lines) {
  for (std::size_t at = 0; at < chunk_lines.size(); ++at) {
    const auto each = chunk_lines[at];
    if (each == '\r') {
      if (at + 1 < chunk_lines.size() && chunk_lines[at + 1] != '\n')
        return true;
    } else if (each == '\n') {
      if (at == 0 || chunk_lines[at - 1] != '\r')
        return true;
    } else if (is_control(each)) {
      return true;
    }
  }
  return false;
}

}  // namespace carillon::http
