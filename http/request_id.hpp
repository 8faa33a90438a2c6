#pragma once

#include <string>
#include <string_view>

namespace carillon::http {

/// The id of a request: the client's when it is one (1..128 of letters, digits, ".", "_", "-"),
/// else a new one.
std::string request_id_from(std::string_view header);

/// 15 random letters and digits (75 bits): enough to tell requests apart, and short enough that a
/// string needs no memory of its own.
std::string new_request_id();

}  // namespace carillon::http
