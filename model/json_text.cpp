#include "model/json_text.hpp"

#include <cstdint>
#include <cstring>
#include <optional>

namespace carillon::json {

namespace {

using code_point = std::uint32_t;

constexpr int hex_digits = 4;
constexpr code_point high_surrogates = 0xD800;
constexpr code_point low_surrogates = 0xDC00;
constexpr code_point surrogates_end = 0xE000;

/// What follows a \u.
std::optional<code_point> read_hex(const char* from, const char* last) {
  if (last - from < hex_digits)
    return {};
  code_point read = 0;
  for (const auto* at = from; at != from + hex_digits; ++at) {
    const char digit = *at;
    read *= 16;
    if (digit >= '0' && digit <= '9')
      read += static_cast<code_point>(digit - '0');
    else if (digit >= 'a' && digit <= 'f')
      read += static_cast<code_point>(digit - 'a' + 10);
    else if (digit >= 'A' && digit <= 'F')
      read += static_cast<code_point>(digit - 'A' + 10);
    else
      return {};
  }
  return read;
}

/// Reads one \uXXXX, or two that are a pair, and moves `from` behind it. simdjson 3.0.1 takes some
/// halves of pairs for characters, so this is ours.
std::optional<code_point> read_code_point(const char*& from, const char* last) {
  const auto first = read_hex(from, last);
  if (!first)
    return {};
  from += hex_digits;
  if (*first < high_surrogates || *first >= surrogates_end)
    return first;
  if (*first >= low_surrogates || last - from < 2 || from[0] != '\\' || from[1] != 'u')
    return {};
  const auto second = read_hex(from + 2, last);
  if (!second || *second < low_surrogates || *second >= surrogates_end)
    return {};
  from += 2 + hex_digits;
  return 0x10000 + ((*first - high_surrogates) << 10U) + (*second - low_surrogates);
}

char* put_utf8(char* out, code_point point) {
  const auto put = [&out](code_point byte) { *out++ = static_cast<char>(byte); };
  const auto put_tail = [&](unsigned shift) { put(0x80U | ((point >> shift) & 0x3FU)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put_tail(0);
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put_tail(6);
    put_tail(0);
  } else {
    put(0xF0U | (point >> 18U));
    put_tail(12);
    put_tail(6);
    put_tail(0);
  }
  return out;
}

/// The character of a two-letter escape, or 0.
char simple_escape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

const char* find_backslash(const char* from, const char* last) {
  const auto* found = std::memchr(from, '\\', static_cast<std::size_t>(last - from));
  return found == nullptr ? last : static_cast<const char*>(found);
}

/// At least one digit, from `at` on.
bool skip_digits(const char*& at, const char* last) {
  const auto* const first = at;
  while (at != last && *at >= '0' && *at <= '9')
    ++at;
  return at != first;
}

}  // namespace

kind kind_of(char first) {
  switch (first) {
    case '{':
      return kind::object;
    case '[':
      return kind::array;
    case '"':
      return kind::string;
    case 't':
    case 'f':
      return kind::boolean;
    case 'n':
      return kind::null;
    default:
      return kind::number;
  }
}

bool is_number(std::string_view token) {
  const auto* at = token.data();
  const auto* const last = at + token.size();
  if (at != last && *at == '-')
    ++at;
  const bool leads_with_zero = at != last && *at == '0';
  if (leads_with_zero)
    ++at;
  else if (!skip_digits(at, last))
    return false;
  if (at != last && *at == '.' && !skip_digits(++at, last))
    return false;
  if (at != last && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != last && (*at == '+' || *at == '-'))
      ++at;
    if (!skip_digits(at, last))
      return false;
  }
  return at == last;
}

char* unescape(char* first, char* last) {
  char* out = first;
  const char* from = first;
  while (true) {
    const auto* escape = find_backslash(from, last);
    const auto plain = static_cast<std::size_t>(escape - from);
    if (out != from)
      std::memmove(out, from, plain);
    out += plain;
    if (escape == last)
      return out;
    from = escape + 1;
    if (from == last)
      return nullptr;
    const char letter = *from++;
    if (letter == 'u') {
      const auto point = read_code_point(from, last);
      if (!point)
        return nullptr;
      out = put_utf8(out, *point);
    } else if (const char character = simple_escape(letter)) {
      *out++ = character;
    } else {
      return nullptr;
    }
  }
}

}  // namespace carillon::json
