#pragma once

#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace carillon::http {

/// How the head of an answer is written.
struct head_form {
  std::string_view request_id;
  bool keep_alive = true;
  bool old_version = false;  ///< For a client of HTTP/1.0.
  bool streamed = false;     ///< The body follows piece by piece; else its length is told.
};

/// Appends the status line and the headers, with the empty line. CR and LF in values are dropped,
/// so that no value can begin a header of its own.
void append_head(std::string& out, const response& what, const head_form& form);

/// Whether an answer of that status has a body at all.
bool has_body(int status);

/// Appends one chunk; an empty piece would end the body, so it is left out.
void append_chunk(std::string& out, std::string_view piece);

}  // namespace carillon::http
