#pragma once

#include <string_view>

// What may stand in a header of an outgoing request.

namespace carillon {

/// A letter, digit or mark that a token may hold.
bool is_http_token_character(char letter);

/// Whether it is a token of RFC 9110, 5.6.2: what methods and header names are made of.
bool is_http_token(std::string_view text);

/// Whether it may be a header's value: no control characters but tabs.
bool is_header_value(std::string_view text);

/// Headers that say where a message goes, where it ends and what becomes of its connection.
bool is_framing_header(std::string_view name);

/// Headers by which a receiver knows a delivery: this server sets them.
bool is_delivery_header(std::string_view name);

/// Of ASCII letters.
bool equals_ignoring_case(std::string_view one, std::string_view other);

}  // namespace carillon
