#include "http/text.hpp"

#include <algorithm>
#include <cstdint>

namespace carillon::http {

namespace {

char lower(char each) {
  return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each;
}

int hex_value(char each) {
  if (each >= '0' && each <= '9')
    return each - '0';
  const auto letter = lower(each);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// How many bytes the sequence at the front of `text` has; 0 when it is not UTF-8.
std::size_t sequence_bytes(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto first = byte(0);
  if (first < 0x80)
    return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length)
    return 0;
  for (std::size_t at = 1; at < length; ++at)
    if ((byte(at) & 0xC0U) != 0x80U)
      return 0;
  const auto second = byte(1);
  const bool broken = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)
                      || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return broken ? 0 : length;
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_digit(char each) {
  return each >= '0' && each <= '9';
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = sequence_bytes(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7F; });
}

bool append_decoded(std::string& out, std::string_view text, bool in_query) {
  const auto before = out.size();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += in_query && text[at] == '+' ? ' ' : text[at];
      continue;
    }
    if (at + 2 >= text.size())
      return false;
    const auto high = hex_value(text[at + 1]);
    const auto low = hex_value(text[at + 2]);
    if (high < 0 || low < 0 || high + low == 0)
      return false;
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return is_utf8(std::string_view{out}.substr(before));
}

namespace {

std::string encode(std::string_view text, std::string_view kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char each : text) {
    const auto letter = lower(each);
    if (is_digit(each) || (letter >= 'a' && letter <= 'z') || kept.find(each) != kept.npos) {
      out += each;
      continue;
    }
    const auto byte = static_cast<unsigned char>(each);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

}  // namespace

std::string encode_path(std::string_view path) {
  return encode(path, "/-._~!$&'()*+,;=:@");
}

std::string encode_component(std::string_view text) {
  return encode(text, "-._~");
}

}  // namespace carillon::http
