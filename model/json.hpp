#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/problem.hpp"

/// JSON text in and out (RFC 8259). Reading is strict: the whole text is checked; duplicate keys
/// (at any depth), more than 64 levels, a byte order mark, bad UTF-8, lone surrogates and text
/// after the value are refused. Numbers are never converted unless asked, so that payloads stay the
/// bytes that came.
namespace carillon::json {

inline constexpr int depth_max = 64;

enum class kind { null, boolean, number, string, array, object };

/// One value inside a text that read() has checked. Points into that text, which must outlive it.
struct value {
  json::kind kind = json::kind::null;
  std::string_view raw;  ///< The bytes as they came, without white space around them.
};

/// A member of an object. The key is decoded.
struct member {
  std::string key;
  json::value value;
};

/// Checks the whole text and returns its root. The problem is of kind malformed; its detail says
/// what is wrong and, where it is known, at which byte.
expected<value> read(std::string_view text);

/// The members of an object / the elements of an array that read() has checked, in their order.
/// Another kind has none.
std::vector<member> members(value object);
std::vector<value> elements(value array);

/// Conversions of a checked value; empty when it is of another kind or out of range (1e400 is no
/// double).
std::optional<std::string> as_string(value text);
std::optional<bool> as_bool(value flag);
/// An integer: no fraction, no exponent, within 64 bits.
std::optional<std::int64_t> as_integer(value number);
std::optional<double> as_double(value number);

/// The name of the kind in messages: "an object", "a string", ...
std::string_view describe(kind what);

/// Builds a text. The caller keeps begin and end in balance; commas and colons are its own
/// business.
class writer {
public:
  writer& begin_object();
  writer& end_object();
  writer& begin_array();
  writer& end_array();
  writer& key(std::string_view name);
  writer& string(std::string_view text);  ///< Escaped as needed; broken UTF-8 becomes U+FFFD.
  writer& integer(std::int64_t number);
  writer& number(double number);  ///< Shortest form that reads back equal; not finite: null.
  writer& boolean(bool flag);
  writer& null();
  writer& raw(std::string_view text);  ///< A checked value, as it is.

  /// A member in one call. Templates where a conversion would pick the wrong one.
  writer& field(std::string_view name, std::string_view text) { return key(name).string(text); }
  writer& field(std::string_view name, const char* text) { return key(name).string(text); }
  writer& field(std::string_view name, std::same_as<bool> auto flag) {
    return key(name).boolean(flag);
  }
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) writer& field(std::string_view name, Integer number) {
    return key(name).integer(static_cast<std::int64_t>(number));
  }
  writer& field(std::string_view name, std::floating_point auto amount) {
    return key(name).number(amount);
  }

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

private:
  void separate();

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace carillon::json
