#pragma once

#include <string>

#include "config/command_line.hpp"

// What the program does with a store besides serving it. Each command returns the exit code.

namespace carillon {

int check(const check_command& wanted);
int backup(const backup_command& wanted);
int restore(const restore_command& wanted);

/// Notes in its data folder where a server listens, so that `backup` finds it.
void note_address(const std::string& data_folder, const std::string& address);

}  // namespace carillon
