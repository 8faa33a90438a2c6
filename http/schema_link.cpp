#include "http/schema_link.hpp"

#include "http/text.hpp"

namespace carillon::http {

bool names_schema(std::string_view path) {
  return path.starts_with("/api/");
}

std::string schema_link(const request& asked, std::string_view name) {
  std::string link;
  if (const auto host = asked.header("host"); !host.empty()) {
    const bool is_secure = equals_ignoring_case(asked.header("x-forwarded-proto"), "https");
    link += is_secure ? "https://" : "http://";
    link += host;
  }
  link += "/schemas/";
  link += name;
  return link;
}

std::string error_schema_link(const request& asked) {
  return names_schema(asked.path) ? schema_link(asked, "ErrorModel.json") : std::string{};
}

}  // namespace carillon::http
