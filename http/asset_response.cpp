#include "http/asset_response.hpp"

#include <algorithm>

#include "http/assets.hpp"
#include "http/text.hpp"

namespace carillon::http {
namespace {

/// "gzip", "gzip;q=0.5" or "*", but not "gzip;q=0".
bool names_gzip(std::string_view entry) {
  const auto end = std::min(entry.find(';'), entry.size());
  const auto coding = trim(entry.substr(0, end));
  if (!equals_ignoring_case(coding, "gzip") && coding != "*")
    return false;
  const auto weight = entry.find("q=", end);
  return weight == std::string_view::npos
         || entry.find_first_of("123456789", weight) != std::string_view::npos;
}

}  // namespace

bool takes_gzip(std::string_view accept_encoding) {
  for (std::size_t begin = 0; begin <= accept_encoding.size();) {
    const auto end = std::min(accept_encoding.find(',', begin), accept_encoding.size());
    if (names_gzip(accept_encoding.substr(begin, end - begin)))
      return true;
    begin = end + 1;
  }
  return false;
}

std::optional<response> asset_response(const request& asked) {
  const auto found = std::ranges::find(assets(), asked.path, &asset::path);
  if (found == assets().end())
    return std::nullopt;
  const bool is_packed = takes_gzip(asked.header("accept-encoding"));
  response what{200, std::string{is_packed ? found->packed : found->text}};
  what.content_type = found->content_type;
  // Nothing from elsewhere is loaded, and nothing is shown inside another page.
  what.headers = {
      {"Vary", "Accept-Encoding"},
      {"X-Content-Type-Options", "nosniff"},
      {"Content-Security-Policy",
       "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}};
  if (is_packed)
    what.headers.emplace_back("Content-Encoding", "gzip");
  return what;
}

}  // namespace carillon::http
