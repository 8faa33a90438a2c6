#pragma once

#include "model/problem.hpp"

#include <string>
#include <vector>

namespace carillon {

/// How a value stands in a file.
enum class value_form { text, integer, time, list_of_texts, table, other };

/// One `key = value` of a file.
struct file_entry {
  std::string key;  ///< With its section: "http.listen".
  unsigned line;
  value_form form;
  std::vector<std::string> texts;  ///< The value, one for each element of a list.
  std::string written;             ///< The value as it stands in the file, or nearly.
};

/// Reads a TOML file: all its entries in the order of the lines. A section without entries is an
/// entry of form table. A file that cannot be read or is not TOML is a problem of kind invalid with
/// one fault, whose location is the file, and the line where there is one.
expected<std::vector<file_entry>> read_settings_file(const std::string& path);

}  // namespace carillon
