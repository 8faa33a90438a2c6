#include "http/trace_input.hpp"

#include <algorithm>

namespace carillon::http {

/// Several tracestate headers are one list; several traceparent headers are none.
trace_link trace_of(const request& asked) {
  const auto parents =
      std::ranges::count(asked.headers, "traceparent", [](const auto& one) { return one.first; });
  if (parents != 1)
    return {};
  std::string states;
  for (const auto& [name, value] : asked.headers)
    if (name == "tracestate")
      states.append(states.empty() ? "" : ",").append(value);
  return read_trace(asked.header("traceparent"), states);
}

task_origin origin_of(const request& asked) {
  const bool is_known = asked.asker && asked.asker->kind != principal_kind::operator_file;
  return {trace_of(asked), is_known ? asked.asker->id : std::string{}};
}

}  // namespace carillon::http
