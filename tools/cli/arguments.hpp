#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/instant.hpp"
#include "tools/cli/verb.hpp"

namespace carillon::cli {

enum class output_form : std::uint8_t { text, json, ndjson };

/// Options that all commands have which ask a server.
struct common_options {
  std::string url;          ///< Empty: CARILLON_URL, else what a server here has noted.
  std::string token_file;   ///< Empty: CARILLON_TOKEN, else the data folder's own.
  std::string ca_file;      ///< Empty: the system's.
  std::string data_folder;  ///< Empty: where data folders usually are.
  output_form as = output_form::text;
  bool is_quiet = false;
  std::optional<duration> watch;  ///< From one look to the next.
};

/// A command as it was called, with the values of its parameters.
struct invocation {
  struct value {
    const parameter* of;
    std::vector<std::string> texts;
  };

  const verb* what;
  std::vector<value> values;        ///< In the order of the table; only what was given.
  std::optional<std::string> data;  ///< Of --data, as it was given.
  common_options options;

  /// Null when the parameter of that field was not given.
  [[nodiscard]] const std::string* find(std::string_view field) const;
  [[nodiscard]] bool has(std::string_view field) const { return find(field) != nullptr; }
};

/// Help that was asked for, or a fault of the command line.
struct said {
  int exit_code;
  std::string text;
};

/// Reads what follows the program's name. The first word is a noun.
std::variant<invocation, said> read_arguments(const std::vector<std::string>& words);

/// Whether a command line is one of these commands.
bool is_client_command(const std::vector<std::string>& words);

/// An option of common_options, for help, completion and manual.
struct common_option {
  std::string_view name;  ///< "-o,--output"
  std::string_view word;  ///< Empty: a flag.
  std::string_view help;
};
/// Those that the command has.
std::vector<common_option> common_options_of(const verb& what);

}  // namespace carillon::cli
