#pragma once

#include <string>

#include "model/cron_parser.hpp"

namespace carillon {

/// "at 09:00, Monday to Friday", "every 5 minutes", "at 17:00 on the last Friday of the month".
std::string told(const cron_fields& fields);

}  // namespace carillon
