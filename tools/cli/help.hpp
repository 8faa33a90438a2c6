#pragma once

#include <string>
#include <string_view>

#include "tools/cli/verb.hpp"

namespace carillon::cli {

/// The verbs of a noun, with what they do.
std::string help_of(std::string_view noun_name);

/// What stands below the help of a command: where the server is looked for.
std::string footer_of(const verb& what);

}  // namespace carillon::cli
