#pragma once

#include "model/task_lifecycle.hpp"

// What is particular to attempts that run in steps: pipelines, and deliveries to a group. Nobody
// holds such an attempt. What it waits for is in the task's record: tasks that it made, a moment,
// an event. For model/task_lifecycle.cpp alone.

namespace carillon::lifecycle {

/// The parts that a new task declares.
std::vector<component> declared_steps(const task_spec& spec);

/// An attempt has begun: runs until something must be waited for. What ended well in an earlier
/// attempt is not done again.
void begin_steps(decision& made, instant now);

expected<decision> hear_child(const task& subject, const event::child_ended& news, instant now);
expected<decision> go_on(const task& subject, instant now);
/// An event was published that the attempt may be waiting for.
expected<decision> hear_event(const task& subject, const event::published& news, instant now);
/// The addresses of its group are known.
expected<decision> fan_out(const task& subject, const event::fan_out& news, instant now);
/// The moment it waits for has come.
decision end_pause(const task& subject, instant now);

/// Tells all children to end. The attempt ends with the last of them.
decision stop_steps(const task& subject, end_reason why, instant now);

/// The server has started: what an earlier life of it may not have done is done again.
decision resume_steps(const task& subject);

}  // namespace carillon::lifecycle
