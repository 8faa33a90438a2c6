#pragma once

#include <span>
#include <string_view>

namespace carillon::http {

/// A file that the build has packed into the server: the API's document, the page that shows it,
/// the schemas that answers name. tools/openapi/join.py makes them from http/openapi.
struct asset {
  std::string_view path;  ///< Where it is served: "/openapi.json"
  std::string_view content_type;
  std::string_view text;
  std::string_view packed;  ///< The text in gzip's form.
};

std::span<const asset> assets();

}  // namespace carillon::http
