#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/task.hpp"

namespace carillon::http {

/// A row of /runs: an attempt of a task that a schedule made, or such a task that was due and waits
/// for its first, or never had one. Points into the task.
struct run_row {
  const task* subject;
  const attempt* tried;  ///< Null: not begun.

  [[nodiscard]] int number() const { return tried == nullptr ? 1 : tried->number; }
};

/// Newest first. A task that was not due yet, or is the record of a moment that did not run, has
/// none; nor has one that no schedule made.
std::vector<run_row> rows_of(const task& subject);

/// queued, processing, completed, failed, canceled or expired.
task_status status_of(const run_row& row);
/// Empty unless it ended, and when it ended without having begun.
std::optional<bool> success_of(const run_row& row);
/// When it began; while it has not, when its task was made.
instant time_of(const run_row& row);

void write_run(json::writer& out, const run_row& row, bool with_error);

}  // namespace carillon::http
