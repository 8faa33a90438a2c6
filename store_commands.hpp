#pragma once

#include "config/command_line.hpp"

// What the program does with a store besides serving it. Each returns the exit code.

namespace carillon {

int check(const check_command& wanted);

}  // namespace carillon
