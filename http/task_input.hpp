#pragma once

#include <memory>

#include "http/api.hpp"
#include "http/body_reader.hpp"
#include "http/trace_input.hpp"
#include "model/json.hpp"
#include "model/task.hpp"

namespace carillon::http {

// Bodies into the model's words: all faults at once, nothing half done.

/// The body of POST /v1/tasks.
expected<std::shared_ptr<const task_spec>> read_native_task(const api& with, std::string_view body,
                                                            task_origin origin);

/// The fields of a native task, but for what must be there; `spec` has its created_at already. The
/// caller finishes the reader.
void read_task_fields(const api& with, body_reader& in, fault_list& faults, task_spec& spec);

/// Refuses a task that nobody would do.
void require_work(body_reader& in, const task_spec& spec);

/// The body of POST /tasks for a one-off task (`taskType`, `payload`, `triggeredAt`).
expected<std::shared_ptr<const task_spec>> read_one_off_task(const api& with, std::string_view body,
                                                             task_origin origin);

/// The body of POST .../events: what a component reports.
expected<task_news> read_component_news(const api& with, std::string_view body);

}  // namespace carillon::http
