#pragma once

#include "http/api.hpp"
#include "http/exchange.hpp"

namespace carillon::http {

/// POST /v1/batches with application/x-ndjson: a header, then a task a line. The answer tells which
/// batch it is, then how far its tasks are on disk, and at last whether the batch is sealed. The
/// body is read as fast as it is committed, no faster.
void open_batch_by_stream(const api& with, request asked, std::shared_ptr<stream> line);

/// POST /v1/batches with a JSON body: a small batch, whole.
void open_small_batch(const api& with, const request& asked, responder reply);

}  // namespace carillon::http
