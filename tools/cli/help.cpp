#include "tools/cli/help.hpp"

#include <algorithm>

namespace carillon::cli {
namespace {

constexpr auto where = R"(
The server is at --url, else CARILLON_URL, else where one on this machine has noted in
its data folder. The token is in --token-file, else in CARILLON_TOKEN, else in that folder.
)";

}  // namespace

std::string help_of(std::string_view noun_name) {
  const auto* const what = find_noun(noun_name);
  const auto all = verbs_of(noun_name);
  std::size_t width = 0;
  for (const auto* one : all)
    width = std::max(width, one->name.size());
  std::string text{what->summary};
  text.append("\nUsage: carillon ").append(noun_name).append(" COMMAND [OPTIONS]\n\nCommands:\n");
  for (const auto* one : all)
    text.append("  ")
        .append(one->name)
        .append(width + 2 - one->name.size(), ' ')
        .append(one->summary) += "\n";
  return text + "\nRun carillon " + std::string{noun_name} + " COMMAND --help for its options.\n";
}

std::string footer_of(const verb& what) {
  return what.asks_server() ? where : "";
}

}  // namespace carillon::cli
