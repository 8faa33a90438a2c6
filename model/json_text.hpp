#pragma once

#include "model/json.hpp"

#include <string_view>

// Single tokens, for reading a text and for taking a checked one apart.
namespace carillon::json {

/// The kind of the value that begins with this byte, if the text is valid.
kind kind_of(char first);

/// The grammar only: a number may be larger than any type of ours.
bool is_number(std::string_view token);

/// Decodes the escapes of a string in place, between its quotes; it never grows. Returns the new
/// end, or null when an escape is none of RFC 8259 or is one half of a surrogate pair.
char* unescape(char* first, char* last);

}  // namespace carillon::json
