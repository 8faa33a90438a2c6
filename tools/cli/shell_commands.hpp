#pragma once

#include <string>
#include <string_view>
#include <vector>

// Every command of the program, the server's own ones too, as shells complete them.

namespace carillon::cli {

struct shell_option {
  std::string name;  ///< "--status"; empty: a word that is known by its position.
  std::string word;  ///< Of its value; empty: a flag. "a|b": one of those. FILE and DIR are paths.
  std::string help;
};

struct shell_command {
  std::string noun;
  std::string verb;  ///< Empty: the noun is the whole command.
  std::string help;
  std::vector<shell_option> options;
};

std::vector<shell_command> all_commands();

/// What is written behind the program's name, with what each does.
std::vector<std::pair<std::string, std::string>> first_words();

/// "a|b" as {"a", "b"}; empty when it is no choice.
std::vector<std::string> choices_of(std::string_view word);

}  // namespace carillon::cli
