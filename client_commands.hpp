#pragma once

#include <string>
#include <vector>

#include "config/command_line.hpp"

// `carillon NOUN VERB`: the commands that ask a server, and the tools beside them.

namespace carillon {

bool is_client_command(const std::vector<std::string>& words);

/// Performs one. Returns the exit code.
int run_client(const std::vector<std::string>& words, const environment_map& environment);

/// For the help of the whole program.
std::vector<other_command> client_commands();

}  // namespace carillon
