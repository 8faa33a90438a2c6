#include "actors/curl_headers.hpp"

#include <algorithm>
#include <iterator>

namespace carillon {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token_character(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9')
         || marks.find(c) != std::string_view::npos;
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') || c == '\t';
  });
}

/// Headers that say where a message goes, where it ends and what becomes of its connection.
bool is_reserved(std::string_view name) {
  constexpr std::string_view names[] = {
      "connection", "content-length",    "expect", "host", "keep-alive", "proxy-connection", "te",
      "trailer",    "transfer-encoding", "upgrade"};
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view each) { return equals_ignoring_case(name, each); });
}

void append(curl_headers& list, const std::string& line) {
  if (auto* const longer = curl_slist_append(list.get(), line.c_str())) {
    list.release();
    list.reset(longer);
  }
}

problem invalid(std::string detail) {
  return {problem_kind::invalid, std::move(detail)};
}

}  // namespace

bool is_http_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

expected<curl_headers> make_curl_headers(
    const std::vector<std::pair<std::string, std::string>>& headers) {
  curl_headers list;
  bool has_type = false;
  append(list, "Expect:");  // a line without a value takes a header of libcurl away
  for (const auto& [name, value] : headers) {
    if (!is_http_token(name) || !is_value(value))
      return invalid("a header has a name or a value that HTTP does not allow");
    if (is_reserved(name))
      return invalid("the header " + name + " cannot be set");
    has_type = has_type || equals_ignoring_case(name, "Content-Type");
    append(list, value.empty() ? name + ";" : name + ": " + value);  // ";": an empty value is meant
  }
  if (!has_type)
    append(list, "Content-Type:");
  return list;
}

}  // namespace carillon
