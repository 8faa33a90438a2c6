#pragma once

#include <string>
#include <string_view>

#include "model/instant.hpp"

namespace carillon {

/// "every month on the last Friday at 17:00, 10 times, from 2030-01-01 09:00 on". `text` has been
/// read before; `timezone` is the zone's name, `anchor` stands for a DTSTART that is not there.
/// Values in UTC stay in UTC, since the zone itself is not asked.
std::string told_rrule(std::string_view text, const std::string& timezone, instant anchor);

}  // namespace carillon
