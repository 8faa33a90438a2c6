#pragma once

#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace carillon::http {

/// Whether objects that are answered at this path name their JSON Schema: the runner surface's do.
bool names_schema(std::string_view path);

/// The member "$schema" of an answer to this request: "http://host/schemas/Run.json", or without
/// the host when the request names none. Behind a proxy that says so it is https.
std::string schema_link(const request& asked, std::string_view name);

/// Of the problem document for this request; empty where it names none.
std::string error_schema_link(const request& asked);

}  // namespace carillon::http
