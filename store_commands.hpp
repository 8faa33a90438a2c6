#pragma once

#include <string>

#include "config/command_line.hpp"

// What the program does with a store besides serving it. Each command returns the exit code.

namespace carillon {

int check(const check_command& wanted);
int backup(const backup_command& wanted);
int restore(const restore_command& wanted);

/// Notes in its data folder where a server listens, and the fingerprint of the certificate that it
/// shows there, so that `backup` finds it. Without TLS the fingerprint is empty.
void note_address(const std::string& data_folder, const std::string& address,
                  const std::string& fingerprint);

}  // namespace carillon
