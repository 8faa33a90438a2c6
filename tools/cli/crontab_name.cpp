#include "tools/cli/crontab_name.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace carillon::cli {
namespace {

constexpr std::string_view separators = " \t;&|()";
constexpr std::size_t length_max = 90;  ///< There is room for a number behind it.

/// Words that only lead to what is run.
constexpr std::array<std::string_view, 17> leads{
    "env",  "nice", "ionice", "nohup", "exec", "time", "command", "[",     "test",
    "true", "if",   "then",   "!",     "sudo", "cd",   "chronic", "setsid"};
/// What they run says more.
constexpr std::array<std::string_view, 10> interpreters{"sh",      "bash", "dash", "zsh",  "python",
                                                        "python3", "perl", "php",  "ruby", "node"};

bool is_assignment(std::string_view word) {
  const auto equals = word.find('=');
  return equals != std::string_view::npos && equals > 0
         && word.substr(0, equals).find_first_of("/.-") == std::string_view::npos;
}

std::string_view base_of(std::string_view path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// The words of the command, in order.
std::optional<std::string_view> next_word(std::string_view& text) {
  const auto begin = text.find_first_not_of(separators);
  if (begin == std::string_view::npos)
    return std::nullopt;
  const auto end = std::min(text.find_first_of(separators, begin), text.size());
  const auto word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::string fit(std::string_view word) {
  std::string out;
  for (const char each : word.substr(0, length_max)) {
    const bool is_plain = (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
                          || (each >= '0' && each <= '9') || each == '_' || each == '-';
    out += is_plain ? each : '-';
  }
  const auto begin = out.find_first_not_of('-');
  return begin == std::string::npos ? "" : out.substr(begin, out.find_last_not_of('-') + 1 - begin);
}

}  // namespace

std::string name_of_command(std::string_view command) {
  std::string fallback;
  auto rest = command;
  while (const auto word = next_word(rest)) {
    const auto base = base_of(*word);
    const bool is_number = word->find_first_not_of("0123456789.") == std::string_view::npos;
    if (word->starts_with('-') || is_number || is_assignment(*word))
      continue;
    if (base == "cd" || base == "test" || base == "[") {  // and what it looks at
      rest.remove_prefix(std::min(rest.find_first_of(";&|]"), rest.size()));
      continue;
    }
    if (std::ranges::find(leads, base) != leads.end())
      continue;
    if (std::ranges::find(interpreters, base) != interpreters.end()) {
      fallback = base;
      continue;
    }
    const auto dot = fallback.empty() ? std::string_view::npos : base.find_last_of('.');
    if (auto name = fit(base.substr(0, dot == 0 ? std::string_view::npos : dot)); !name.empty())
      return name;
  }
  return fallback.empty() ? "job" : fallback;
}

}  // namespace carillon::cli
