#pragma once

#include "model/problem.hpp"

#include <string>
#include <vector>

namespace carillon {

/// How a value stands in a file.
enum class value_form {
  text,
  integer,
  boolean,
  time,
  list_of_texts,
  table,    ///< Without entries.
  section,  ///< A table with entries, which stand for themselves.
  other
};

/// One `key = value` or `[section]` of a file.
struct file_entry {
  std::string key;                ///< With its section: "http.listen".
  std::vector<std::string> path;  ///< The parts of the key, without quotes. Never empty.
  unsigned line;                  ///< Where the last part of the key stands first.
  value_form form;
  std::vector<std::string> texts;  ///< The value, one for each element of a list.
  std::string written;             ///< The value as it stands in the file, or nearly.
};

/// Reads a TOML file: all its entries in the order of the lines, a section before what is in it on
/// the same line. A file that cannot be read or is not TOML is a problem of kind invalid with
/// one fault, whose location is the file, and the line where there is one.
expected<std::vector<file_entry>> read_settings_file(const std::string& path);

}  // namespace carillon
