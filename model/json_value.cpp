#include "model/json.hpp"
#include "model/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

// All text here has been checked by read(): strings and brackets are closed, so nothing looks for
// the end of the text.
namespace carillon::json {

namespace {

/// From behind the opening quote to the closing one.
const char* find_quote(const char* inside, const char* last) {
  const auto* at = inside;
  while (true) {
    at = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(last - at)));
    const auto* before = at;
    while (before != inside && before[-1] == '\\')
      --before;
    if ((at - before) % 2 == 0)
      return at;
    ++at;
  }
}

bool is_white_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

bool ends_scalar(char byte) {
  return byte == ',' || byte == '}' || byte == ']' || is_white_space(byte);
}

bool is_bracket_or_quote(char byte) {
  return byte == '"' || byte == '{' || byte == '[' || byte == '}' || byte == ']';
}

/// From an opening bracket to behind the closing one.
const char* skip_container(const char* at, const char* last) {
  int open = 0;
  while (true) {
    at = std::find_if(at, last, is_bracket_or_quote);
    if (*at == '"')
      at = find_quote(at + 1, last);
    else
      open += *at == '{' || *at == '[' ? 1 : -1;
    ++at;
    if (open == 0)
      return at;
  }
}

/// Walks over the inside of one object or array.
class splitter {
public:
  explicit splitter(std::string_view raw)
      : at_{raw.data() + 1}, last_{raw.data() + raw.size() - 1} {}

  /// Moves to the next key or value; false at the end.
  bool next() {
    skip_to_token();
    if (at_ != last_ && *at_ == ',') {
      ++at_;
      skip_to_token();
    }
    return at_ != last_;
  }

  /// The key here, decoded.
  std::string take_key() {
    auto key = as_string(take_value());
    skip_to_token();
    ++at_;  // the colon
    skip_to_token();
    return *std::move(key);
  }

  value take_value() {
    const auto* const first = at_;
    const auto what = kind_of(*first);
    if (what == kind::string)
      at_ = find_quote(first + 1, last_) + 1;
    else if (what == kind::object || what == kind::array)
      at_ = skip_container(first, last_);
    else
      at_ = std::find_if(first, last_, ends_scalar);
    return {what, {first, static_cast<std::size_t>(at_ - first)}};
  }

private:
  void skip_to_token() { at_ = std::find_if_not(at_, last_, is_white_space); }

  const char* at_;
  const char* last_;  ///< The closing bracket.
};

/// A first guess, so that a vector seldom grows; never large for a large text.
std::size_t likely_count(std::string_view raw, std::size_t bytes_each) {
  return std::min<std::size_t>(raw.size() / bytes_each, 32);
}

}  // namespace

std::vector<member> members(value object) {
  std::vector<member> found;
  if (object.kind != kind::object)
    return found;
  found.reserve(likely_count(object.raw, 16));
  for (splitter split{object.raw}; split.next();) {
    auto key = split.take_key();
    found.push_back({std::move(key), split.take_value()});
  }
  return found;
}

std::vector<value> elements(value array) {
  std::vector<value> found;
  if (array.kind != kind::array)
    return found;
  found.reserve(likely_count(array.raw, 4));
  for (splitter split{array.raw}; split.next();)
    found.push_back(split.take_value());
  return found;
}

std::optional<std::string> as_string(value text) {
  if (text.kind != kind::string)
    return {};
  std::string decoded{text.raw.substr(1, text.raw.size() - 2)};
  if (decoded.find('\\') != std::string::npos) {
    const auto* const end = unescape(decoded.data(), decoded.data() + decoded.size());
    decoded.resize(static_cast<std::size_t>(end - decoded.data()));
  }
  return decoded;
}

std::optional<bool> as_bool(value flag) {
  if (flag.kind != kind::boolean)
    return {};
  return flag.raw == "true";
}

namespace {

template <class Number>
std::optional<Number> convert(value number) {
  if (number.kind != kind::number)
    return {};
  Number read{};
  const auto* const last = number.raw.data() + number.raw.size();
  const auto [end, error] = std::from_chars(number.raw.data(), last, read);
  if (error != std::errc{} || end != last)
    return {};
  return read;
}

}  // namespace

std::optional<std::int64_t> as_integer(value number) {
  return convert<std::int64_t>(number);
}

std::optional<double> as_double(value number) {
  return convert<double>(number);
}

std::string_view describe(kind what) {
  switch (what) {
    case kind::null:
      return "null";
    case kind::boolean:
      return "a boolean";
    case kind::number:
      return "a number";
    case kind::string:
      return "a string";
    case kind::array:
      return "an array";
    case kind::object:
      return "an object";
  }
  return "unknown";
}

}  // namespace carillon::json
