#pragma once

#include "http/exchange.hpp"
#include "model/trace_context.hpp"

namespace carillon::http {

/// The trace that the request belongs to, if it says so by the rules.
trace_link trace_of(const request& asked);

}  // namespace carillon::http
