#include "tools/bench/message_parser.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace carillon::bench {

namespace {

bool same_word(std::string_view left, std::string_view right) {
  return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// Takes a line with its end off the front; empty when the end has not come yet.
std::optional<std::string_view> take_line(std::string_view& input) {
  const auto end = input.find('\n');
  if (end == std::string_view::npos)
    return std::nullopt;
  auto line = input.substr(0, end);
  input.remove_prefix(end + 1);
  if (!line.empty() && line.back() == '\r')
    line.remove_suffix(1);
  return line;
}

constexpr std::string_view head_end = "\r\n\r\n";

}  // namespace

message_parser::step message_parser::advance(std::string_view& input) {
  switch (part_) {
    case part::head:
      return read_head(input);
    case part::sized_body:
      return left_ == 0 ? finish() : read_body(input, part::sized_body);
    case part::chunk_size:
      return read_chunk_size(input);
    case part::chunk_data:
      return read_body(input, part::chunk_end);
    case part::chunk_end:
      if (!take_line(input))
        return step::more;
      return read_chunk_size(input);
    case part::trailer:
      return read_trailer(input);
  }
  return step::broken;
}

message_parser::step message_parser::read_head(std::string_view& input) {
  const auto end = input.find(head_end);
  if (end == std::string_view::npos)
    return step::more;
  auto head = input.substr(0, end + 2);
  input.remove_prefix(end + head_end.size());
  closes_ = chunked_ = sized_ = false;
  left_ = 0;
  if (!read_start_line(*take_line(head)))
    return step::broken;
  while (!head.empty())
    if (!read_field(*take_line(head)))
      return step::broken;
  const auto interim = kind_ == kind::response && status_ < 200;
  if (interim)
    return advance(input);
  const auto bodiless = kind_ == kind::request || status_ == 204 || status_ == 304;
  if (!sized_ && !chunked_ && !bodiless)
    return step::broken;  // a body that ends with the connection
  part_ = chunked_ ? part::chunk_size : part::sized_body;
  return advance(input);
}

bool message_parser::read_start_line(std::string_view line) {
  if (kind_ == kind::request)
    return line.ends_with(" HTTP/1.1");
  constexpr std::string_view version = "HTTP/1.1 ";
  if (!line.starts_with(version) || line.size() < version.size() + 3)
    return false;
  const auto status = number(line.substr(version.size(), 3), 10);
  status_ = static_cast<int>(status.value_or(0));
  return status.has_value();
}

bool message_parser::read_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return false;
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  if (same_word(name, "content-length")) {
    const auto length = number(value, 10);
    left_ = length.value_or(0);
    sized_ = true;
    return length.has_value();
  }
  if (same_word(name, "transfer-encoding"))
    return chunked_ = same_word(value, "chunked");
  if (same_word(name, "connection"))
    closes_ = same_word(value, "close");
  return true;
}

message_parser::step message_parser::read_body(std::string_view& input, part next) {
  if (input.empty())
    return step::more;
  const auto length = std::min<std::uint64_t>(left_, input.size());
  piece_ = input.substr(0, length);
  input.remove_prefix(length);
  left_ -= length;
  if (left_ == 0)
    part_ = next;
  return step::piece;
}

message_parser::step message_parser::read_chunk_size(std::string_view& input) {
  part_ = part::chunk_size;
  const auto line = take_line(input);
  if (!line)
    return step::more;
  const auto length = number(trimmed(line->substr(0, line->find(';'))), 16);
  if (!length)
    return step::broken;
  left_ = *length;
  part_ = left_ == 0 ? part::trailer : part::chunk_data;
  return advance(input);
}

message_parser::step message_parser::read_trailer(std::string_view& input) {
  while (const auto line = take_line(input))
    if (line->empty())
      return finish();
  return step::more;
}

message_parser::step message_parser::finish() {
  part_ = part::head;
  return step::done;
}

}  // namespace carillon::bench
