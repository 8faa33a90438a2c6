#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/instant.hpp"

namespace carillon {

// The text of a schedule_expr, taken apart for whoever reads it or tells it to a person.

/// The expressions that "|" joins, without the blanks around each.
std::vector<std::string_view> union_parts(std::string_view expr);

/// What follows "@every", in any case; empty: it is another expression.
std::optional<std::string_view> after_every(std::string_view part);

/// The text of kind once.
struct once_text {
  instant at;
  bool is_local;  ///< `at` is a local time, written as if it were UTC.
};
/// Empty: it is neither an instant nor a local time.
std::optional<once_text> read_once_text(std::string_view expr);

}  // namespace carillon
