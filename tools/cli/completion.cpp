#include "tools/cli/completion.hpp"

#include "tools/cli/shell_commands.hpp"

#include <algorithm>

namespace carillon::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& one : words)
    all += (all.empty() ? "" : " ") + one;
  return all;
}

/// With `escaped` behind a backslash, between single quotes.
std::string quoted(std::string_view text, std::string_view escaped) {
  std::string out = "'";
  for (const char each : text)
    if (each == '\'')
      out += "'\\''";
    else
      out.append(escaped.find(each) == std::string_view::npos ? "" : "\\").append(1, each);
  return out + "'";
}

std::vector<std::string> verbs_of(const std::vector<shell_command>& all, std::string_view noun) {
  std::vector<std::string> found;
  for (const auto& one : all)
    if (one.noun == noun && !one.verb.empty())
      found.push_back(one.verb);
  return found;
}

std::string key_of(const shell_command& one) {
  return one.noun + (one.verb.empty() ? "" : " " + one.verb);
}

// -- bash -----------------------------------------------------------------------------

/// What may stand behind each option, where that is known.
std::string bash_values(const shell_command& one) {
  std::string out;
  for (const auto& option : one.options) {
    const auto choices = choices_of(option.word);
    const auto pattern = "    '" + key_of(one) + " " + option.name + "') ";
    if (option.name.empty())
      continue;
    if (!choices.empty())
      out += pattern + "words='" + joined(choices) + "' ;;\n";
    else if (option.word == "FILE" || option.word == "DIR")
      out += pattern + "files=" + option.word + " ;;\n";
    else if (!option.word.empty())
      out += pattern + "files=none ;;\n";
  }
  return out;
}

std::string bash_words(const shell_command& one) {
  std::vector<std::string> words;
  std::string files;
  for (const auto& option : one.options) {
    if (!option.name.empty())
      words.push_back(option.name);
    else if (option.word == "FILE" || option.word == "DIR")
      files = " files=" + option.word;
    for (const auto& choice :
         option.name.empty() ? choices_of(option.word) : std::vector<std::string>{})
      words.push_back(choice);
  }
  return "    '" + key_of(one) + "') words='" + joined(words) + "'" + files + " ;;\n";
}

std::string bash_script() {
  const auto all = all_commands();
  std::vector<std::string> nouns;
  std::string verbs;
  std::string singles;
  for (const auto& [noun, help] : first_words()) {
    nouns.push_back(noun);
    if (const auto inner = verbs_of(all, noun); !inner.empty())
      verbs += "    " + noun + ") words='" + joined(inner) + " --help' ;;\n";
    else
      singles += (singles.empty() ? "" : " | ") + noun;
  }
  std::string values;
  std::string words;
  for (const auto& one : all) {
    values += bash_values(one);
    words += bash_words(one);
  }
  return R"(# Completion of carillon(1) and carillon(8) for bash: made by carillon completion bash.
# shellcheck shell=bash

_carillon() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local key=${COMP_WORDS[1]-} words='' files=''
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W ')"
         + joined(nouns) + R"( --version --help' -- "$word")
    return
  fi
  case $key in
    )" + singles
         + R"() ;;
    *) ((COMP_CWORD == 2)) || key="$key ${COMP_WORDS[2]}" ;;
  esac
  [[ $before == -o ]] && before=--output
  case $key in
)" + verbs
         + words + R"(  esac
  case "$key $before" in
)" + values
         + R"(  esac
  COMPREPLY=()
  case $files in
    FILE) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    DIR) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    none) return ;;
  esac
  [[ $files && $word != -* ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _carillon carillon
)";
}

// -- zsh ------------------------------------------------------------------------------

std::string zsh_action(std::string_view word) {
  if (word == "FILE")
    return "_files";
  if (word == "DIR")
    return "_files -/";
  const auto choices = choices_of(word);
  return choices.empty() ? "" : "(" + joined(choices) + ")";
}

/// As _arguments wants texts.
std::string without_colons(std::string_view text) {
  std::string out;
  for (const char each : text)
    out.append(each == ':' ? "\\" : "").append(1, each);
  return out;
}

std::string zsh_arguments(const shell_command& one) {
  std::string out = "_arguments";
  int position = 0;
  for (const auto& option : one.options) {
    auto spec = option.name.empty() ? std::to_string(++position) + ":" + without_colons(option.help)
                                    : "*" + option.name + "[" + without_colons(option.help) + "]";
    if (!option.name.empty() && !option.word.empty())
      spec += ":" + without_colons(option.word);
    if (!option.word.empty())
      spec += ":" + zsh_action(option.word);
    out += " \\\n        " + quoted(spec, "");
  }
  return out;
}

/// A list for _describe.
std::string zsh_list(const std::vector<std::pair<std::string, std::string>>& all) {
  std::string out;
  for (const auto& [name, help] : all)
    out += " " + quoted(name, "") + quoted(":" + help, "");
  return out;
}

std::string zsh_noun(const std::vector<shell_command>& all, const std::string& noun) {
  std::vector<std::pair<std::string, std::string>> verbs;
  std::string cases;
  for (const auto& one : all) {
    if (one.noun != noun)
      continue;
    if (one.verb.empty())
      return "  " + noun + ")\n    shift words; (( CURRENT -= 1 ))\n    " + zsh_arguments(one)
             + " ;;\n";
    verbs.emplace_back(one.verb, one.help);
    cases += "      " + one.verb + ")\n        " + zsh_arguments(one) + " ;;\n";
  }
  return "  " + noun + ")\n    if (( CURRENT == 3 )); then\n      all=(" + zsh_list(verbs)
         + ")\n      _describe command all\n      return\n    fi\n"
           "    shift 2 words; (( CURRENT -= 2 ))\n    case ${words[1]} in\n" + cases
         + "    esac ;;\n";
}

std::string zsh_script() {
  const auto all = all_commands();
  std::string out = R"(#compdef carillon
# Completion of carillon(1) and carillon(8) for zsh: made by carillon completion zsh.

local -a all
if (( CURRENT == 2 )); then
  all=()" + zsh_list(first_words())
                    + R"()
  _describe command all
  _arguments '--version[Print the version.]' '--help[Print help.]'
  return
fi
case ${words[2]} in
)";
  for (const auto& [noun, help] : first_words())
    out += zsh_noun(all, noun);
  return out + "esac\n";
}

// -- fish -----------------------------------------------------------------------------

std::string fish_option(const std::string& when, const shell_option& option) {
  const auto choices = choices_of(option.word);
  std::string out = "complete -c carillon -n " + quoted(when, "");
  if (!option.name.empty())
    out += " -l " + option.name.substr(2);
  if (option.word == "FILE")
    out += option.name.empty() ? " -F" : " -r -F";
  else if (option.word == "DIR")
    out += " -x -a '(__fish_complete_directories)'";
  else if (!choices.empty())
    out += " -x -a " + quoted(joined(choices), "");
  else if (!option.word.empty())
    out += " -x";
  return out + " -d " + quoted(option.help, "\\") + "\n";
}

std::string fish_script() {
  const auto all = all_commands();
  std::string out =
      R"(# Completion of carillon(1) and carillon(8) for fish: made by carillon completion fish.
complete -c carillon -f
complete -c carillon -n __fish_use_subcommand -l version -d 'Print the version.'
complete -c carillon -n __fish_use_subcommand -l help -d 'Print help.'
)";
  for (const auto& [noun, help] : first_words())
    out += "complete -c carillon -n __fish_use_subcommand -a " + noun + " -d " + quoted(help, "\\")
           + "\n";
  for (const auto& one : all) {
    auto when = "__fish_seen_subcommand_from " + one.noun;
    if (!one.verb.empty()) {
      out += "complete -c carillon -n '" + when + "; and not __fish_seen_subcommand_from "
             + joined(verbs_of(all, one.noun)) + "' -a " + one.verb + " -d "
             + quoted(one.help, "\\") + "\n";
      when += "; and __fish_seen_subcommand_from " + one.verb;
    }
    for (const auto& option : one.options)
      if (!option.name.empty() || !option.word.empty())
        out += fish_option(when, option);
  }
  return out;
}

}  // namespace

expected<std::string> completion_script(std::string_view shell) {
  if (shell == "bash")
    return bash_script();
  if (shell == "zsh")
    return zsh_script();
  if (shell == "fish")
    return fish_script();
  return problem{problem_kind::invalid, "SHELL must be bash, zsh or fish"};
}

}  // namespace carillon::cli
