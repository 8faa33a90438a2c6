#pragma once

#include "config/settings.hpp"
#include "model/definition.hpp"
#include "model/problem.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon {

/// Names and values; std::less<> so that it can be asked with a string_view.
using environment_map = std::map<std::string, std::string, std::less<>>;

/// A flag of the command line, with its value each time it was given.
struct given_flag {
  std::string name;  ///< "--listen"
  std::vector<std::string> values;
};

/// Where settings come from. Each beats the one before it.
struct setting_sources {
  std::optional<std::string>
      file;                     ///< From --config; else CARILLON_CONFIG names it, if anything does.
  environment_map environment;  ///< All of it; only CARILLON_* is looked at.
  std::vector<given_flag> flags;  ///< Only those of the settings table.
};

struct loaded_settings {
  settings values;
  /// Where each value comes from, row by row as in settings_table(): "default",
  /// "file carillon.toml:12", "environment CARILLON_HTTP_LISTEN", "flag --listen".
  std::vector<std::string> origins;
  std::optional<std::string> file = {};      ///< The one that was read, as it was named.
  std::vector<definition> definitions = {};  ///< What the file defines, sorted by name.
};

/// Merges the sources, and checks every value and the relations between them; what the file defines
/// is read with it. Reads no more than the named file. On failure the problem holds all faults at
/// once, each with a location such as "carillon.toml:12: http.io_threads" or "flag --listen:
/// http.listen".
expected<loaded_settings> load_settings(const setting_sources& sources);

/// A line for each fault, ready to be shown: "carillon: carillon.toml:12: http.io_threads: expected
/// a whole number from 1 to 64, found 900".
std::string fault_lines(const problem& cause);

}  // namespace carillon
