#include "config/byte_size.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace carillon {

namespace {

struct unit {
  std::string_view name;  // lower case
  std::size_t bytes;
};

constexpr unit units[] = {
    {"", 1},           {"b", 1},           {"kb", 1U << 10U}, {"kib", 1U << 10U},
    {"mb", 1U << 20U}, {"mib", 1U << 20U}, {"gb", 1U << 30U}, {"gib", 1U << 30U}};

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& letter : out)
    letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
  return out;
}

}  // namespace

std::optional<std::size_t> parse_byte_size(std::string_view text) {
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{})
    return std::nullopt;

  auto name = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (name.size() > 1 && name.front() == ' ')
    name.remove_prefix(1);
  const auto* const found = std::ranges::find(units, lower(name), &unit::name);
  if (found == std::end(units) || number > std::numeric_limits<std::size_t>::max() / found->bytes)
    return std::nullopt;
  return number * found->bytes;
}

std::string format_byte_size(std::size_t bytes) {
  for (const auto& [name, size] : {unit{"GiB", 1U << 30U}, {"MiB", 1U << 20U}, {"KiB", 1U << 10U}})
    if (bytes >= size && bytes % size == 0)
      return std::to_string(bytes / size).append(name);
  return std::to_string(bytes) + "B";
}

}  // namespace carillon
