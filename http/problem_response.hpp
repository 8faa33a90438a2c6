#pragma once

#include <string_view>

#include "http/exchange.hpp"

/// Errors as RFC 9457 problem documents.
namespace carillon::http {

/// The status that a kind of problem has in HTTP.
int status_of(problem_kind kind);

/// `instance` is the decoded path of the request; `schema` is what "$schema" says, empty: nothing.
response to_response(const problem& why, std::string_view instance, std::string_view request_id,
                     std::string_view schema = {});
response to_response(const problem& why, const request& asked);

/// For what the server itself refuses, before or instead of a handler.
response refuse(int status, std::string_view detail, const request& asked,
                header_list headers = {});

/// What a client is told when its handler was dropped or was too slow.
inline constexpr std::string_view not_answered_detail =
    "the server could not answer in time, try again";
problem not_answered();

}  // namespace carillon::http
