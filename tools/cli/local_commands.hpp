#pragma once

#include "model/zone.hpp"
#include "tools/cli/arguments.hpp"
#include "tools/cli/table.hpp"

// Commands that need no server. Each returns the exit code.

namespace carillon::cli {

int preview(const invocation& called, const screen& on, const zone_source& zones);
int import_crontab(const invocation& called, const screen& on, const zone_source& zones);

}  // namespace carillon::cli
