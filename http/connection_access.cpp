#include "http/connection.hpp"
#include "http/origin_rules.hpp"
#include "http/problem_response.hpp"

// Who is let in: by where a request comes from, and by its token.

namespace carillon::http {

/// Equal for one client: an IPv4 address, or the network of an IPv6 address, all of which are
/// anybody's who has one.
std::string address_key(const boost::asio::ip::address& address) {
  constexpr std::size_t network_bytes = 8;
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.begin() + network_bytes};
}

std::string_view connection::listed_origin() const {
  const auto origin = request_.header("origin");
  return is_listed_origin(origin, shared_.settings.allowed_origins) ? origin : std::string_view{};
}

/// What browsers tell of the page that asks.
std::optional<response> connection::refuse_page() const {
  // The host of the target itself comes first (RFC 9112 3.2.2).
  const auto host =
      request_.authority.empty() ? request_.header("host") : std::string_view{request_.authority};
  // Only HTTP/1.0 gets here without one, which no browser speaks.
  if (!host.empty() && !serves_host(host, shared_.settings.hosts))
    return http::refuse(403,
                        "the server does not go by this host name: ask it by its address, or have "
                        "its operator name the host in http.hosts",
                        request_);
  const auto origin = request_.header("origin");
  if (origin.empty() || is_safe_method(request_.method) || is_own_origin(origin, host)
      || !listed_origin().empty())
    return {};
  return http::refuse(403,
                      "pages of this origin may not use the server: its operator may list the "
                      "origin in http.allowed_origins",
                      request_);
}

std::optional<response> connection::refuse_asker(const policy& needs) {
  if (needs.is_for_anyone() || shared_.gatekeeper == nullptr)
    return {};
  auto found = shared_.gatekeeper->check(request_.header("authorization"), client_address_,
                                         std::chrono::steady_clock::now());
  // Whatever is wrong with a token, the text is the same.
  constexpr std::string_view wanted = "a good bearer token is needed";
  switch (found.outcome) {
    case verdict::granted:
      break;
    case verdict::missing:
      return http::refuse(401, wanted, request_, {{"WWW-Authenticate", "Bearer"}});
    case verdict::wrong:
      return http::refuse(401, wanted, request_,
                          {{"WWW-Authenticate", "Bearer error=\"invalid_token\""}});
    case verdict::too_many:
      return http::refuse(429, "too many wrong tokens came from this address", request_,
                          {{"Retry-After", std::to_string(found.retry_after.count())}});
  }
  if (auto refused = refuse_other_tenant(*found.who))
    return refused;
  request_.asker = std::move(found.who);
  if (auto refused = enter_tenant())
    return refused;
  const auto needed = needs.of(request_.parameters);
  if (!may(*request_.asker, needed))
    return refuse_scope(needed, request_);
  return {};
}

bool connection::is_change() const {
  return !is_safe_method(request_.method);
}

/// A stream is answered line by line while it comes: there is no one answer to keep.
std::optional<response> connection::refuse_key_of_stream(const route& row) const {
  const bool is_stream = row.stream != nullptr && request_.content_type == "application/x-ndjson";
  if (!is_stream || request_.header("idempotency-key").empty())
    return {};
  return http::refuse(400,
                      "a stream takes no Idempotency-Key: its tasks have unique_id, and the "
                      "header line of a batch has idempotency_key",
                      request_);
}

}  // namespace carillon::http
