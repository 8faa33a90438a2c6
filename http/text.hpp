#pragma once

#include <string>
#include <string_view>

#include "model/http_header.hpp"

/// Small text rules of HTTP and URIs.
namespace carillon::http {

std::string to_lower(std::string_view text);

/// Without spaces and tabs around it.
std::string_view trim(std::string_view text);

bool is_digit(char each);

/// Whether the bytes are UTF-8 (no overlong forms, surrogates or code points past U+10FFFF).
bool is_utf8(std::string_view text);

/// Whether there is a control character of ASCII in it.
bool has_control(std::string_view text);

/// Appends `text` with its %XX decoded to `out`. False when an escape is broken, is a NUL, or the
/// bytes are not UTF-8. In a query a plus is a space.
bool append_decoded(std::string& out, std::string_view text, bool in_query);

/// A decoded path as a URI reference again.
std::string encode_path(std::string_view path);
/// A decoded name or value of a query as a part of a URI again.
std::string encode_component(std::string_view text);

}  // namespace carillon::http
