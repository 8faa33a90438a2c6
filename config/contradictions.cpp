#include "config/contradictions.hpp"

#include "model/target_url.hpp"

namespace carillon {

namespace {

using found_list = std::vector<contradiction>;

void check_tls(const http_settings& http, found_list& found) {
  if (http.listen.empty() && http.tls_listen.empty())
    found.push_back({"http.listen", "names no address, and neither does http.tls_listen"});
  if (http.tls_listen.empty())
    return;
  if (http.tls_certificate.empty())
    found.push_back({"http.tls_listen", "needs http.tls_certificate"});
  if (http.tls_key.empty())
    found.push_back({"http.tls_listen", "needs http.tls_key"});
}

/// Whoever could change what comes from there could let anybody in.
bool is_key_address(std::string_view text) {
  const auto url = parse_target_url(text);
  return url
         && (url->tls || url->host == "localhost"
             || (url->address && !is_beyond_loopback({url->host, url->port})));
}

void check_jwt(const jwt_settings& jwt, found_list& found) {
  if (jwt.keys_file.empty() && jwt.keys_url.empty())
    return;
  if (!jwt.keys_file.empty() && !jwt.keys_url.empty())
    found.push_back({"jwt.keys_url", "must be empty beside jwt.keys_file"});
  if (!jwt.keys_url.empty() && !is_key_address(jwt.keys_url))
    found.push_back({"jwt.keys_url", "expected an https URL, or an http URL of the loopback"});
  if (jwt.issuer.empty())
    found.push_back({"jwt.issuer", "is needed beside keys"});
  if (jwt.audience.empty())
    found.push_back({"jwt.audience", "is needed beside keys"});
}

}  // namespace

std::vector<contradiction> contradictions(const settings& all) {
  found_list found;
  check_tls(all.http, found);
  check_jwt(all.jwt, found);
  return found;
}

}  // namespace carillon
