#pragma once

#include "actors/command_port.hpp"
#include "actors/http_client.hpp"
#include "model/task_lifecycle.hpp"

namespace carillon {

/// The call that delivers the newest attempt of a task with a target. Pure.
http_call delivery_call(const task& subject);

/// When the newest attempt began, in seconds since 1970. Pure.
std::string webhook_timestamp(const task& subject);

/// What the outcome of a call means for the attempt with `token`: 2xx succeeds, 202 with
/// carillon-async leaves it to the target, which will call back; 410 fails for good,
/// 429 and 503 may name the time of the next try, all else fails. Pure.
task_event judge(const http_outcome& outcome, std::uint64_t token, instant now);

/// The call that runs the newest attempt of a task with a command. Pure.
command_call call_of_command(const task& subject);

/// What the end of a command means for the attempt with `token`: only exit code 0 succeeds. Pure.
task_event judge(const command_outcome& outcome, std::uint64_t token);

}  // namespace carillon
