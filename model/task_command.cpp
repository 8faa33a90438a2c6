#include "model/task_command.hpp"

#include "model/task_steps.hpp"

namespace carillon::lifecycle {

bool was_stopped(const processing& state) {
  return state.stopping && *state.stopping != end_reason::timeout;
}

decision stop_command(const task& subject, const processing& state, end_reason why) {
  decision made{subject};
  std::get<processing>(made.next.state).stopping = why;
  if (!state.stopping)
    made.effects.emplace_back(effect::stop_call{state.token});
  return made;
}

void note_exit(decision& made, const event::exit_facts& exit) {
  made.next.attempts.back().exit_code = exit.code;
  made.next.attempts.back().signal = exit.signal;
}

decision end_stopped(const task& subject, end_reason why, const event::exit_facts& exit,
                     instant now) {
  decision made{subject};
  if (why == end_reason::timeout) {
    finish_attempt(made, attempt_outcome::timeout, "the attempt lasted longer than its timeout",
                   now);
    note_exit(made, exit);
    retry_or_fail(made, true, {}, now);
    return made;
  }
  finish_attempt(made, attempt_outcome::canceled, "", now);
  note_exit(made, exit);
  end(made, task_status::canceled, why, now);
  return made;
}

decision crash_command(const task& subject, const processing& state, instant now) {
  decision made{subject};
  finish_attempt(made, attempt_outcome::crashed, "the server ended during the attempt", now);
  note_exit(made, {exit_code_crashed});
  retry_or_fail(made, !was_stopped(state), {}, now);
  return made;
}

}  // namespace carillon::lifecycle
