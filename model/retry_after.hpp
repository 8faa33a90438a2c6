#pragma once

#include <optional>
#include <string_view>

#include "model/instant.hpp"

namespace carillon {

/// A target cannot put off its next call for longer than this.
inline constexpr duration retry_after_max = std::chrono::hours{24};

/// Reads the Retry-After header of an answer (RFC 9110, 10.2.3): a number of seconds, or a date in
/// one of the three forms of HTTP. The result lies between `now` and a day later. Empty when the
/// text is neither.
std::optional<instant> parse_retry_after(std::string_view text, instant now);

}  // namespace carillon
