#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace carillon {

struct task;

/// The trace that something belongs to (W3C Trace Context): who asked for it, as they said it.
struct trace_link {
  std::string parent = {};  ///< traceparent; empty: it belongs to none that we know of.
  std::string state = {};   ///< tracestate; may be empty.

  bool operator==(const trace_link&) const = default;
};

/// From the headers of a request. A traceparent that breaks the rules counts as none, and without
/// one there is no tracestate; a tracestate that breaks them is left out alone.
trace_link read_trace(std::string_view traceparent, std::string_view tracestate);

/// The 32 hexadecimal digits of the trace that the task belongs to: the one that it was asked for
/// with, or else one of its own that follows from its id.
std::string trace_id_of(const task& subject);

/// What the newest attempt's runner is told: the trace, with a span of this attempt. Spans follow
/// from the task's id and the attempt's number, so that no decision needs a random source.
trace_link trace_of_attempt(const task& subject);

}  // namespace carillon
