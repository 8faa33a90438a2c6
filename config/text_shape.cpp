#include "config/text_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace carillon {

namespace {

bool within(std::int64_t number, setting_bounds bounds) {
  return number >= bounds.min && number <= bounds.max;
}

std::int64_t characters_in(std::string_view text) {  // TOML is UTF-8
  return std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; });
}

bool is_letter_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
         || (letter >= '0' && letter <= '9');
}

bool has_zone_shape(std::string_view text) {
  return is_letter_or_digit(text.front()) && is_made_of(text, "_/+-");
}

bool has_account_shape(std::string_view text) {
  const auto is_name = [](std::string_view name) {
    return !name.empty() && name.front() != '-' && is_made_of(name, "_.@$-");
  };
  const auto colon = text.find(':');
  return is_name(text.substr(0, colon))
         && (colon == std::string_view::npos || is_name(text.substr(colon + 1)));
}

}  // namespace

bool is_made_of(std::string_view text, std::string_view signs) {
  return std::ranges::all_of(text, [&](char letter) {
    return is_letter_or_digit(letter) || signs.find(letter) != std::string_view::npos;
  });
}

bool has_shape(std::string_view text, text_shape shape, setting_bounds bounds) {
  const auto length = shape == text_shape::prose ? characters_in(text) : std::ssize(text);
  if (!within(length, bounds) || text.find('\0') != std::string_view::npos)
    return false;
  switch (shape) {
    case text_shape::prose:
    case text_shape::bytes:
      return true;
    case text_shape::zone:
      return has_zone_shape(text);
    case text_shape::account:
      return has_account_shape(text);
  }
  return false;
}

std::string describe_shape(text_shape shape, setting_bounds bounds) {
  switch (shape) {
    case text_shape::prose:
      return fmt::format("a text of {} to {} characters", bounds.min, bounds.max);
    case text_shape::bytes:
      return fmt::format("a text of {} to {} bytes", bounds.min, bounds.max);
    case text_shape::zone:
      return "an IANA time zone such as \"Europe/Berlin\"";
    case text_shape::account:
      return "an account such as \"backup\" or \"backup:disk\"";
  }
  return {};
}

}  // namespace carillon
