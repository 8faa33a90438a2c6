#pragma once

#include <optional>

#include "http/exchange.hpp"

namespace carillon::http {

/// The asset at the path of the request, packed for those that take it so; empty when there is
/// none.
std::optional<response> asset_response(const request& asked);

}  // namespace carillon::http
