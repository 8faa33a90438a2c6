#include "actors/curl_headers.hpp"

#include "model/http_header.hpp"

namespace carillon {
namespace {

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

expected<curl_headers> make_curl_headers(
    const std::vector<std::pair<std::string, std::string>>& headers) {
  curl_headers list;
  bool has_type = false;
  append(list, "Expect:");  // a line without a value takes a header of libcurl away
  for (const auto& [name, value] : headers) {
    if (!is_http_token(name) || !is_header_value(value))
      return invalid("a header has a name or a value that HTTP does not allow");
    if (is_framing_header(name))
      return invalid("the header " + name + " cannot be set");
    has_type = has_type || equals_ignoring_case(name, "Content-Type");
    append(list, value.empty() ? name + ";" : name + ": " + value);  // ";": an empty value is meant
  }
  if (!has_type)
    append(list, "Content-Type:");
  return list;
}

}  // namespace carillon
