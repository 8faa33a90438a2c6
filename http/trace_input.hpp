#pragma once

#include "http/exchange.hpp"
#include "model/trace_context.hpp"

#include <string>

namespace carillon::http {

/// The trace that the request belongs to, if it says so by the rules.
trace_link trace_of(const request& asked);

/// What tasks keep of the request that asked for them.
struct task_origin {
  trace_link trace;
  std::string created_by;  ///< As in task_spec.
};
task_origin origin_of(const request& asked);

}  // namespace carillon::http
