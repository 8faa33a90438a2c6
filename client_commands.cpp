#include "client_commands.hpp"

#include "storage/zone_files.hpp"
#include "tools/cli/arguments.hpp"
#include "tools/cli/run.hpp"
#include "tools/cli/verb.hpp"

namespace carillon {

bool is_client_command(const std::vector<std::string>& words) {
  return cli::is_client_command(words);
}

int run_client(const std::vector<std::string>& words, const environment_map& environment) {
  const storage::zone_files zones;
  return cli::run(words, environment, zones);
}

std::vector<other_command> client_commands() {
  std::vector<other_command> all;
  for (const auto& each : cli::all_nouns())
    all.push_back({std::string{each.name}, std::string{each.summary}});
  return all;
}

}  // namespace carillon
