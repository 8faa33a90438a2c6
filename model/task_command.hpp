#pragma once

#include "model/task_lifecycle.hpp"

// What is particular to attempts that are processes of this machine. For model/task_lifecycle.cpp
// alone.

namespace carillon::lifecycle {

/// Somebody, and not the clock, told it to end.
bool was_stopped(const processing& state);

/// Tells the process to end. It is not gone at once: the attempt ends with it.
decision stop_command(const task& subject, const processing& state, end_reason why);

void note_exit(decision& made, const event::exit_facts& exit);

/// The end of a command that was told to end: why it was told so counts, not how it ended.
decision end_stopped(const task& subject, end_reason why, const event::exit_facts& exit,
                     instant now);

/// It was under way when the server ended. What half a command has done is unknown: it is repeated
/// only when its retries say so.
decision crash_command(const task& subject, const processing& state, instant now);

}  // namespace carillon::lifecycle
