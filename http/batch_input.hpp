#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/api.hpp"
#include "http/trace_input.hpp"
#include "model/batch.hpp"
#include "model/json.hpp"

namespace carillon::http {

/// What POST /v1/batches says before its tasks.
struct batch_header {
  std::shared_ptr<const batch_spec> spec;
  std::uint32_t first_line = 0;        ///< The number of the first task that follows.
  std::vector<json::member> defaults;  ///< Of each task; they point into `text`.
  std::shared_ptr<const std::string> text;
  task_origin origin = {};  ///< Of all tasks; not in the text.
};

/// The header of a stream: its first line.
expected<batch_header> read_batch_header(const api& with, std::string_view line,
                                         task_origin origin);

/// The whole of a small batch: a header with `tasks`.
struct small_batch {
  batch_header header;
  std::vector<std::shared_ptr<const task_spec>> tasks;  ///< In their order; without a batch.
};
expected<small_batch> read_small_batch(const api& with, std::string_view body, task_origin origin);

/// One task of a batch.
expected<task_spec> read_child(const api& with, const batch_header& header, std::string_view line);

}  // namespace carillon::http
