#include "model/http_header.hpp"

#include <algorithm>
#include <array>

namespace carillon {
namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

constexpr std::array<bool, 256> token_characters = [] {
  std::array<bool, 256> table{};
  for (const char each : std::string_view{"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"})
    table[static_cast<unsigned char>(each)] = true;
  return table;
}();

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::array<std::string_view, Count>& names) {
  return std::ranges::any_of(
      names, [&](std::string_view each) { return equals_ignoring_case(name, each); });
}

}  // namespace

bool is_http_token_character(char letter) {
  return token_characters[static_cast<unsigned char>(letter)];
}

bool is_http_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_http_token_character);
}

bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) {
    return (static_cast<unsigned char>(letter) >= ' ' && letter != '\x7f') || letter == '\t';
  });
}

bool is_framing_header(std::string_view name) {
  constexpr std::array<std::string_view, 10> names{
      "connection", "content-length",    "expect", "host", "keep-alive", "proxy-connection", "te",
      "trailer",    "transfer-encoding", "upgrade"};
  return is_one_of(name, names);
}

bool is_delivery_header(std::string_view name) {
  constexpr std::array<std::string_view, 3> beginnings{"webhook-", "carillon-", "x-carillon-"};
  return equals_ignoring_case(name, "idempotency-key")
         || std::ranges::any_of(beginnings, [&](std::string_view each) {
              return equals_ignoring_case(name.substr(0, each.size()), each);
            });
}

bool equals_ignoring_case(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other,
                            [](char left, char right) { return lower(left) == lower(right); });
}

}  // namespace carillon
