#pragma once

#include <string_view>

#include "http/exchange.hpp"

namespace carillon::http {

/// Whether the client takes gzip, and would rather have it (RFC 9110, 12.5.3).
bool takes_gzip(std::string_view accept_encoding);

/// Compresses the body, when the client takes it and it is worth it: text of 1 KiB or more that
/// holds nothing that must not be told by its length. Says in either case on what the answer
/// depends.
void encode_body(response& what, bool takes_gzip);

}  // namespace carillon::http
