#pragma once

#include "config/settings.hpp"

#include <cstdio>

namespace carillon {

/// Sends the log (model/log.hpp) to `out`, one line at a time and each at once, from now on: text
/// when a person watches, JSON lines otherwise, times in UTC. `out` is not owned and must outlive
/// the logging. Never throws; lines that cannot be written are lost.
void start_logging(const log_settings& wanted, std::FILE* out = stderr);

}  // namespace carillon
