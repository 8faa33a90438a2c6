#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/exchange.hpp"

/// What keeps pages of other sites from using a server that the browser can reach. Names and
/// origins of the settings are lower case.
namespace carillon::http {

/// Whether the value of a Host header is an IP literal, localhost, or one of the names. Any other
/// name may be a page's own that its owner has pointed here (DNS rebinding).
bool serves_host(std::string_view host, std::span<const std::string> names);

/// Whether an Origin is that of the pages which the host itself serves.
bool is_own_origin(std::string_view origin, std::string_view host);
bool is_listed_origin(std::string_view origin, std::span<const std::string> origins);

/// GET, HEAD and OPTIONS change nothing.
bool is_safe_method(std::string_view method);

/// What an answer tells a browser whose page has a listed origin.
header_list cors_headers(std::string_view origin);
/// What the answer to its question beforehand tells besides; `allow` as in the Allow header.
header_list preflight_headers(std::string_view allow);

/// "https://jobs.example.com:8443/x" -> "jobs.example.com", "https://jobs.example.com:8443"
std::string host_of_url(std::string_view url);
std::string origin_of_url(std::string_view url);

}  // namespace carillon::http
