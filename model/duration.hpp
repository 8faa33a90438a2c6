#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "model/instant.hpp"

namespace carillon {

/// The longest duration that can be asked for: 100 years.
inline constexpr duration duration_max = std::chrono::hours{24 * 36525};

/// Reads a duration: ISO 8601 with fixed units ("PT30S", "P1DT2H", "P2W", "PT0.5S"; years and
/// months are refused, their length is not fixed), or words ("30s", "250ms", "1h30m", "7d", "2w").
/// Not negative, at most duration_max. Digits below a millisecond are rounded up. The problem is of
/// kind invalid and says what is expected.
expected<duration> parse_duration(std::string_view text);

/// ISO 8601, in days at most: "PT30S", "PT1H30M", "P7D", "PT0.25S", "PT0S". A negative length is
/// written with a minus in front, which parse_duration() refuses.
std::string format_duration(duration length);

/// Words, as configuration is written: "30s", "1h30m", "7d", "250ms", "0s".
std::string format_duration_words(duration length);

}  // namespace carillon
