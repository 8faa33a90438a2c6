#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/schedule.hpp"

namespace carillon::http {

// How the runner surface, /api, shows tasks (definitions of the operator's file) and runs (attempts
// of the tasks that were made from them).

// -- runs ------------------------------------------------------------------------

inline constexpr int exit_code_none = -1;  ///< Nothing has ended by itself.

/// A run: an attempt, or a task that was due and waits for its first or never had one.
struct runner_run {
  task_id id;
  int number;  ///< Of the attempt, from 1.
  std::string task_name;
  std::string_view status;      ///< "pending", "running" or "ended".
  std::string_view end_reason;  ///< Empty unless it ended.
  int exit_code;
  std::string_view triggered_by;
  instant created_at;  ///< A retry's is when it began.
  std::optional<instant> start_at;
  std::optional<instant> end_at;
  std::optional<task_id> retry_of;
  bool may_go_on = false;  ///< It is under way or waits, or a retry of it does.
  int instance;
};

/// Those of one task, newest first. None of a task that is no command's or was not due yet.
std::vector<runner_run> runner_runs_of(const task& subject);
/// The one of that attempt, if it is there.
std::optional<runner_run> runner_run_of(const task& subject, int number);

/// `schema`: what "$schema" says; empty: nothing.
void write_runner_run(json::writer& out, const runner_run& run, std::string_view schema = {});

/// What a filter by status takes: all phases and all reasons.
std::vector<std::string_view> runner_status_words();

// -- tasks -----------------------------------------------------------------------

/// `subject` is a definition of the operator's file.
void write_runner_task(json::writer& out, const schedule& subject, std::string_view schema = {});
/// The little that /api/info tells of one.
void write_runner_task_facts(json::writer& out, const schedule& subject);

}  // namespace carillon::http
