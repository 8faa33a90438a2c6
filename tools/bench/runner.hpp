#pragma once

#include <string>
#include <vector>

#include "tools/bench/options.hpp"

namespace carillon::bench {

/// The names that the command line takes, in the order of "all".
std::vector<std::string> workload_names();

/// Plays what was asked for and prints it. Returns whether every run is a result.
bool play(const options& wanted);

}  // namespace carillon::bench
