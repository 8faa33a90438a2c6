#pragma once

#include <string>
#include <vector>

#include "config/load_settings.hpp"
#include "model/zone.hpp"

namespace carillon::cli {

/// Performs `carillon NOUN VERB ...`; the words are what follows the program's name, and begin with
/// a noun. Returns the exit code.
int run(const std::vector<std::string>& words, const environment_map& environment,
        const zone_source& zones);

}  // namespace carillon::cli
