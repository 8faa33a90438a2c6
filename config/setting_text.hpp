#pragma once

#include "config/settings_table.hpp"

#include <optional>
#include <span>
#include <string>

/// Between the value of a setting and its texts. A list has a text for each element, everything
/// else exactly one.
namespace carillon {

bool is_list(const setting_row& row);

/// Sets the row's value. Returns the text at fault, and then `all` is unchanged; empty when all is
/// well.
std::optional<std::string> assign(const setting_row& row, std::span<const std::string> texts,
                                  settings& all);

/// What assign() reads back to the same value.
std::vector<std::string> texts_of(const setting_row& row, settings all);

/// What is allowed, for a person: "a whole number from 1 to 64".
std::string allowed(const setting_row& row);

/// As it is written in a file: `"64MiB"`, `8`, `["127.0.0.1:8080"]`.
std::string toml_text(const setting_row& row, settings all);

/// A number in the unit of setting_bounds, of a setting that has a size or a length; else empty.
std::optional<std::int64_t> number_of(const setting_row& row, settings all);

}  // namespace carillon
