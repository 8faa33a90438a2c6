#include "tools/cli/shell_commands.hpp"

#include <algorithm>

#include "config/setting_text.hpp"
#include "config/settings_table.hpp"
#include "tools/cli/arguments.hpp"

namespace carillon::cli {
namespace {

const shell_option help_option{"--help", "", "Print help."};
const shell_option form_option{"--output", "text|json", "How to print."};
const shell_option folder_option{"--data", "DIR", "The data folder."};

/// The words that a setting may have, as "a|b"; else what stands for its value.
std::string word_of(const setting_row& row) {
  constexpr std::string_view choice = "one of ";
  auto text = allowed(row);
  if (!text.starts_with(choice))
    return std::string{row.flag.placeholder};
  text.erase(0, choice.size());
  for (auto at = text.find(", "); at != std::string::npos; at = text.find(", "))
    text.replace(at, 2, "|");
  return text;
}

std::vector<shell_option> setting_options() {
  std::vector<shell_option> all{{"--config", "FILE", "Settings file (TOML)."}};
  for (const auto& row : settings_table())
    if (!row.flag.name.empty())
      all.push_back({std::string{row.flag.name}, word_of(row), std::string{row.description}});
  all.push_back(help_option);
  return all;
}

std::vector<shell_command> server_commands() {
  auto of_show = setting_options();
  of_show.push_back(form_option);
  return {
      {"serve", "", "Run the server.", setting_options()},
      {"config", "show", "Print every setting.", of_show},
      {"config", "check", "Say whether the settings are right.", setting_options()},
      {"check",
       "",
       "Read a whole store.",
       {folder_option, {"--repair", "", "Write derived data anew."}, form_option, help_option}},
      {"backup", "", "Copy a store.", {{"", "DIR", "The backup."}, folder_option, help_option}},
      {"restore",
       "",
       "Make a data folder of a backup.",
       {{"", "DIR", "The backup."}, folder_option, help_option}},
      {"version", "", "Print the version.", {help_option}},
  };
}

std::vector<shell_option> options_of(const verb& one) {
  std::vector<shell_option> all;
  for (const auto& each : one.parameters)
    all.push_back({each.is_positional() ? "" : std::string{each.name},
                   each.as == form::flag ? "" : std::string{each.word}, std::string{each.help}});
  for (const auto& each : common_options_of(one))
    all.push_back({std::string{each.name.substr(each.name.find("--"))}, std::string{each.word},
                   std::string{each.help}});
  all.push_back(help_option);
  return all;
}

}  // namespace

std::vector<shell_command> all_commands() {
  auto all = server_commands();
  for (const auto& one : all_verbs())
    all.push_back(
        {std::string{one.noun}, std::string{one.name}, std::string{one.summary}, options_of(one)});
  return all;
}

std::vector<std::pair<std::string, std::string>> first_words() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& one : server_commands())
    if (all.empty() || all.back().first != one.noun)
      all.emplace_back(one.noun, one.verb.empty() ? one.help : "Look at the configuration.");
  for (const auto& one : all_nouns())
    all.emplace_back(one.name, one.summary);
  return all;
}

std::vector<std::string> choices_of(std::string_view word) {
  std::vector<std::string> all;
  if (word.find('|') == std::string_view::npos)
    return all;
  while (!word.empty()) {
    const auto end = std::min(word.find('|'), word.size());
    all.emplace_back(word.substr(0, end));
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  // What stands in capitals is a kind of value: "JSON|@FILE|-".
  const bool is_kind = std::ranges::any_of(
      all, [](const auto& each) { return each.find_first_of("@<") != std::string::npos; });
  return is_kind ? std::vector<std::string>{} : all;
}

}  // namespace carillon::cli
