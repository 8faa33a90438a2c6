#include "http/origin_rules.hpp"

#include <algorithm>

#include "http/text.hpp"
#include "model/ip_address.hpp"

namespace carillon::http {
namespace {

constexpr std::string_view scheme_mark = "://";

/// Without the port; an IPv6 address keeps its brackets.
std::string_view name_of(std::string_view authority) {
  if (authority.starts_with('['))
    return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

std::string_view authority_of(std::string_view url) {
  const auto begin = url.find(scheme_mark);
  if (begin == std::string_view::npos)
    return {};
  url.remove_prefix(begin + scheme_mark.size());
  return url.substr(0, url.find_first_of("/?#"));
}

bool is_address(std::string_view name) {
  if (name.starts_with('[') && name.ends_with(']'))
    name = name.substr(1, name.size() - 2);
  return parse_ip_address(name).has_value();
}

bool contains(std::span<const std::string> texts, std::string_view wanted) {
  return std::ranges::find(texts, wanted) != texts.end();
}

}  // namespace

bool serves_host(std::string_view host, std::span<const std::string> names) {
  auto name = to_lower(name_of(host));
  if (name.ends_with('.'))
    name.pop_back();
  return name == "localhost" || is_address(name) || contains(names, name);
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  const auto authority = authority_of(origin);
  return !authority.empty() && equals_ignoring_case(authority, host);
}

bool is_listed_origin(std::string_view origin, std::span<const std::string> origins) {
  return !origin.empty() && contains(origins, to_lower(origin));
}

bool is_safe_method(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

header_list cors_headers(std::string_view origin) {
  return {
      {"Access-Control-Allow-Origin", std::string{origin}},
      {"Access-Control-Expose-Headers",
       "ETag, Idempotency-Replayed, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id"},
      {"Vary", "Origin"}};
}

header_list preflight_headers(std::string_view allow) {
  return {{"Access-Control-Allow-Methods", std::string{allow}},
          {"Access-Control-Allow-Headers",
           "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
           "Prefer, Traceparent, X-Request-Id"},
          {"Access-Control-Max-Age", "600"}};
}

std::string host_of_url(std::string_view url) {
  return to_lower(name_of(authority_of(url)));
}

std::string origin_of_url(std::string_view url) {
  return to_lower(url.substr(0, url.find(scheme_mark)))
      .append(scheme_mark)
      .append(to_lower(authority_of(url)));
}

}  // namespace carillon::http
