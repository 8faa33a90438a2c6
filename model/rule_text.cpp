#include "model/rule_text.hpp"

#include <algorithm>
#include <string>

namespace carillon {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

char lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
}

}  // namespace

std::vector<std::string_view> union_parts(std::string_view expr) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto bar = expr.find('|');
    parts.push_back(trimmed(expr.substr(0, bar)));
    if (bar == std::string_view::npos)
      return parts;
    expr.remove_prefix(bar + 1);
  }
}

std::optional<std::string_view> after_every(std::string_view part) {
  constexpr std::string_view every = "@every";
  const auto word = part.substr(0, part.find_first_of(blanks));
  if (!std::ranges::equal(word, every, {}, lower))
    return std::nullopt;
  return trimmed(part.substr(every.size()));
}

std::optional<once_text> read_once_text(std::string_view expr) {
  const auto text = trimmed(expr);
  if (const auto at = parse_instant(text))
    return once_text{*at, false};
  if (const auto at = parse_instant(std::string{text} + "Z"))
    return once_text{*at, true};
  return std::nullopt;
}

}  // namespace carillon
