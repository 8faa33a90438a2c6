#pragma once

#include "http/api.hpp"
#include "http/exchange.hpp"

namespace carillon::http {

/// POST /v1/tasks with application/x-ndjson: a task a line. The answer has a line for each, in
/// order, written when its task is on disk; a bad line is answered in its place and the rest goes
/// on. The body is read as fast as it is committed, no faster.
void create_from_stream(const api& with, request asked, std::shared_ptr<stream> line);

}  // namespace carillon::http
