#pragma once

#include <optional>
#include <string>

#include "model/task_lifecycle.hpp"

// Steps that several transitions of a task share. For model/task_lifecycle.cpp alone.

namespace carillon::lifecycle {

bool has_expired(const task& subject, instant now);

/// Waits in its queue from now on.
void enqueue(decision& made, instant now);
void end(decision& made, task_status status, end_reason reason, instant now);

void begin_attempt(decision& made, const event::grant& grant, instant now);
void finish_attempt(decision& made, attempt_outcome outcome, std::string error, instant now);
/// The last attempt failed in a way that costs a retry.
void retry_or_fail(decision& made, bool retryable, std::optional<instant> retry_at, instant now);
/// Ends an attempt that nobody holds when its components have all ended.
void end_if_all_ended(decision& made, instant now);

void lose_lease(decision& made, instant now);
/// The server's last life ended while it made the call.
decision crash_delivery(const task& subject, instant now);

/// Does what the schedule decided of a task whose time has come.
void settle_due(decision& made, const event::due& verdict, instant now);

}  // namespace carillon::lifecycle
