#pragma once

#include "model/log.hpp"

#include <span>
#include <string>
#include <string_view>

/// How one line of the log is written, without its time. Whatever the fields hold, the result is
/// one line without control characters.
namespace carillon {

/// "INFO  server listening address=127.0.0.1:8080"; values with spaces or quotes are quoted.
std::string text_line(log_level level, std::string_view event, std::span<const log_field> fields);

/// "level":"info","event":"server listening","address":"127.0.0.1:8080"; the members of an object
/// without its braces, so that the time can be put before them.
std::string json_members(log_level level, std::string_view event,
                         std::span<const log_field> fields);

}  // namespace carillon
