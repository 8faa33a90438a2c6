#include "http/response_text.hpp"

#include <array>
#include <charconv>

#include "http/status.hpp"

namespace carillon::http {

namespace {

void append_number(std::string& out, std::size_t number, int base = 10) {
  std::array<char, 24> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out.append(digits.data(), written.ptr);
}

void append_value(std::string& out, std::string_view value) {
  for (const char each : value)
    if (each != '\r' && each != '\n' && each != '\0')
      out += each;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  append_value(out, name);
  out += ": ";
  append_value(out, value);
  out += "\r\n";
}

}  // namespace

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_head(std::string& out, const response& what, const head_form& form) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(what.status));
  out += ' ';
  out += status_text(what.status);
  out += "\r\n";
  if (has_body(what.status)) {
    append_header(out, "Content-Type", what.content_type);
    if (form.streamed) {
      out += form.old_version ? "" : "Transfer-Encoding: chunked\r\n";
    } else {
      out += "Content-Length: ";
      append_number(out, what.body.size());
      out += "\r\n";
    }
  }
  append_header(out, "X-Request-Id", form.request_id);
  for (const auto& [name, value] : what.headers)
    append_header(out, name, value);
  if (!form.keep_alive)
    out += "Connection: close\r\n";
  else if (form.old_version)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
}

void append_chunk(std::string& out, std::string_view piece) {
  if (piece.empty())
    return;
  append_number(out, piece.size(), 16);
  out += "\r\n";
  out += piece;
  out += "\r\n";
}

}  // namespace carillon::http
