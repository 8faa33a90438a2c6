#include "model/base64.hpp"

#include <cstdint>

namespace carillon {
namespace {

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char each : bytes) {
    held = held << 8 | static_cast<unsigned char>(each);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += alphabet[held >> bits & 63];
    }
  }
  if (bits > 0)
    out += alphabet[held << (6 - bits) & 63];
  return out;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  auto out = encode(bytes, letters);
  while (out.size() % 4 != 0)
    out += '=';
  return out;
}

std::string to_base64url(std::string_view bytes) {
  return encode(bytes, url_letters);
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return std::nullopt;
  const auto padded = text.size();
  while (padded - text.size() < 2 && text.ends_with('='))
    text.remove_suffix(1);
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char each : text) {
    const auto value = letters.find(each);
    if (value == std::string_view::npos)
      return std::nullopt;
    held = held << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>(held >> bits));
    }
  }
  if ((held & ((1U << bits) - 1)) != 0)
    return std::nullopt;
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string usual{text};
  for (char& each : usual) {
    if (each == '+' || each == '/' || each == '=')
      return std::nullopt;
    if (each == '-')
      each = '+';
    else if (each == '_')
      each = '/';
  }
  if (usual.size() % 4 != 0)
    usual.append(4 - usual.size() % 4, '=');
  return from_base64(usual);
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace carillon
