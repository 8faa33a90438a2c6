#include "model/json.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace carillon::json {

namespace {

using byte = unsigned char;

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

/// What stands for bytes that cannot be themselves: a letter after a backslash, 'u' for \u00XX, or
/// 0 for those that can.
constexpr auto escapes = [] {
  std::array<char, 128> letters{};
  for (std::size_t control = 0; control < 0x20; ++control)
    letters[control] = 'u';
  letters['\b'] = 'b';
  letters['\f'] = 'f';
  letters['\n'] = 'n';
  letters['\r'] = 'r';
  letters['\t'] = 't';
  letters['"'] = '"';
  letters['\\'] = '\\';
  return letters;
}();

struct utf8_sequence {
  std::size_t size;  ///< If broken, of the part that could have become a character.
  bool valid;
};

/// The sequence that begins with this byte of 0x80 or more. The ranges are those of RFC 3629.
utf8_sequence read_utf8(std::string_view text) {
  const auto at = [text](std::size_t index) { return static_cast<byte>(text[index]); };
  const auto first = at(0);
  if (first < 0xC2 || first > 0xF4)
    return {1, false};
  const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  // The second byte keeps out long forms, surrogates and what is beyond U+10FFFF.
  const byte low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const byte high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t index = 1; index < size; ++index) {
    const bool is_second = index == 1;
    if (index == text.size() || at(index) < (is_second ? low : 0x80)
        || at(index) > (is_second ? high : 0xBF))
      return {index, false};
  }
  return {size, true};
}

void append_escape(std::string& out, char character) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto code = static_cast<byte>(character);
  const char letter = escapes[code];
  out += '\\';
  out += letter;
  if (letter == 'u') {
    out += "00";
    out += hex[code >> 4U];
    out += hex[code & 0xFU];
  }
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t written = 0;
  const auto flush = [&](std::size_t end) { out.append(text, written, end - written); };
  for (std::size_t at = 0; at < text.size();) {
    const auto code = static_cast<byte>(text[at]);
    if (code < 0x80 && escapes[code] == 0) {
      ++at;
    } else if (code < 0x80) {
      flush(at);
      append_escape(out, text[at]);
      written = ++at;
    } else {
      const auto sequence = read_utf8(text.substr(at));
      if (!sequence.valid) {
        flush(at);
        out += replacement;
        written = at + sequence.size;
      }
      at += sequence.size;
    }
  }
  flush(text.size());
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;  // the longest double has 24
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void writer::separate() {
  if (needs_comma_)
    out_ += ',';
  needs_comma_ = true;
}

writer& writer::begin_object() {
  separate();
  out_ += '{';
  needs_comma_ = false;
  return *this;
}

writer& writer::end_object() {
  out_ += '}';
  needs_comma_ = true;
  return *this;
}

writer& writer::begin_array() {
  separate();
  out_ += '[';
  needs_comma_ = false;
  return *this;
}

writer& writer::end_array() {
  out_ += ']';
  needs_comma_ = true;
  return *this;
}

writer& writer::key(std::string_view name) {
  separate();
  append_string(out_, name);
  out_ += ':';
  needs_comma_ = false;
  return *this;
}

writer& writer::string(std::string_view text) {
  separate();
  append_string(out_, text);
  return *this;
}

writer& writer::integer(std::int64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

writer& writer::number(double number) {
  if (!std::isfinite(number))
    return null();
  separate();
  append_number(out_, number);
  return *this;
}

writer& writer::boolean(bool flag) {
  return raw(flag ? "true" : "false");
}

writer& writer::null() {
  return raw("null");
}

writer& writer::raw(std::string_view text) {
  separate();
  out_ += text;
  return *this;
}

}  // namespace carillon::json
