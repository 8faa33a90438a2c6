#pragma once

#include "http/api.hpp"
#include "http/body_reader.hpp"
#include "model/task_lifecycle.hpp"

namespace carillon::http {

// What workers and targets that took a task over report of it.

inline constexpr std::size_t message_bytes_max = 4'096;

/// `result`.
task_event read_completion(const api& with, body_reader& in, std::uint64_t token);
/// `error`, `retryable`, `retry_after`.
task_event read_failure(const api& with, body_reader& in, std::uint64_t token);

}  // namespace carillon::http
