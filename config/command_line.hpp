#pragma once

#include "config/load_settings.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace carillon {

/// `carillon serve`, with everything checked.
struct serve_command {
  settings values;
  std::optional<std::string> file;      ///< Where the definitions come from, and come from anew.
  std::vector<definition> definitions;  ///< Sorted by name.
};

/// `carillon check`: looks through a store that no server has open.
struct check_command {
  std::string data;
  bool repairs = false;
  bool as_json = false;
};

/// `carillon backup`: by the server that has the folder open, or without one.
struct backup_command {
  std::string to;
  std::string data = store_settings{}.data;
};

/// `carillon restore`
struct restore_command {
  std::string from;
  std::string data;
};

/// Everything else is done already: show the text and exit.
struct done_command {
  int exit_code;     ///< 0; or 2 for a fault of the command line or of the configuration.
  std::string text;  ///< Whole lines, for standard output when exit_code is 0, else standard error.
};

using command =
    std::variant<serve_command, check_command, backup_command, restore_command, done_command>;

/// A command that is performed elsewhere: the help names it.
struct other_command {
  std::string name;
  std::string summary;
};

/// Reads what follows the program's name, and the settings from file, environment and flags.
command read_command_line(const std::vector<std::string>& arguments,
                          const environment_map& environment,
                          const std::vector<other_command>& others = {});

/// The process's environment, from the `environ` array of "NAME=value".
environment_map read_environment(const char* const* entries);

}  // namespace carillon
