#pragma once

#include <string>
#include <string_view>

#include "model/problem.hpp"

namespace carillon::cli {

/// A script that completes every command, for bash, zsh or fish.
expected<std::string> completion_script(std::string_view shell);

}  // namespace carillon::cli
