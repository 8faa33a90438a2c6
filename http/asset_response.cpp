#include "http/asset_response.hpp"

#include <algorithm>

#include "http/assets.hpp"
#include "http/content_coding.hpp"

namespace carillon::http {

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
