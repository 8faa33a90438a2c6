#pragma once

#include <optional>
#include <string>
#include <string_view>

// RFC 4648. The bytes are those of a string.

namespace carillon {

std::string to_base64(std::string_view bytes);
/// The alphabet of URLs and file names, without padding.
std::string to_base64url(std::string_view bytes);

/// Strict: padded, no other characters, unused bits zero, so that every text stands for its own
/// bytes.
std::optional<std::string> from_base64(std::string_view text);

/// Strict in the same way: without padding.
std::optional<std::string> from_base64url(std::string_view text);

std::string to_hex(std::string_view bytes);

}  // namespace carillon
