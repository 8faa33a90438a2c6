#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace carillon {

/// Reads a number of bytes: "4096", or with a unit in any case, with or without a space before it:
/// b, kb, mb, gb and KiB, MiB, GiB, all of them powers of 1024. Empty when it is something else.
std::optional<std::size_t> parse_byte_size(std::string_view text);

/// In the largest unit that leaves a whole number: "64MiB", "1500B".
std::string format_byte_size(std::size_t bytes);

}  // namespace carillon
