#pragma once

#include "config/definition_table.hpp"
#include "config/settings_file.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Between the value of a definition's key and its text.
namespace carillon {

/// Sets the row's value. False when the entry's is not allowed, and then `draft` is unchanged. Of a
/// table (env) only that it is one is checked; its entries follow by themselves.
bool assign(const definition_row& row, const file_entry& entry, definition_draft& draft);

/// What is allowed, for a person: "a whole number from 1 to 64".
std::string allowed(const definition_row& row);

/// A row of the table as people read it.
struct definition_key {
  std::string_view key;
  definition_section of;
  std::string allowed;
  std::string default_text;  ///< As it is written in a file; empty: none.
  std::string_view description;
};

/// For the page of the documentation.
std::vector<definition_key> definition_keys();

}  // namespace carillon
