#pragma once

#include <string>
#include <utility>

#include "model/task_lifecycle.hpp"

// What changes nothing: the answers to events that a state does not know. For
// model/task_lifecycle.cpp alone, whose overloads are preferred to these.

namespace carillon::lifecycle {

using result = expected<decision>;

inline problem conflict(std::string detail) {
  return {problem_kind::conflict, std::move(detail)};
}

inline result unchanged(const task& subject) {
  return decision{subject, false};
}

inline bool holds(const processing& state, std::uint64_t token) {
  return state.runner != runner_kind::components && state.token == token;
}

inline problem stale_token() {
  return conflict("the token is stale: this attempt is no longer the task's");
}

// -- every other pair (the matrix test shows each of them) --------------------

template <class State>
result on(const task&, const State&, const event::forget&, instant) {
  return conflict("the task has not ended");
}

template <class State>
result on(const task& subject, const State&, const event::tick&, instant) {
  return unchanged(subject);
}

template <class State>
result on(const task& subject, const State&, const event::server_started&, instant) {
  return unchanged(subject);
}

/// A word of the schedule that comes again after a crash, or too late, changes nothing.
template <class State>
result on(const task& subject, const State&, const event::due&, instant) {
  return unchanged(subject);
}

template <class State>
result on(const task& subject, const State&, const event::admit&, instant) {
  return unchanged(subject);
}

/// Late news of children, and events that nobody waits for any more.
template <class State>
result on(const task& subject, const State&, const event::child_ended&, instant) {
  return unchanged(subject);
}

template <class State>
result on(const task& subject, const State&, const event::proceed&, instant) {
  return unchanged(subject);
}

template <class State>
result on(const task& subject, const State&, const event::published&, instant) {
  return unchanged(subject);
}

template <class State>
result on(const task&, const State&, const event::move&, instant) {
  return conflict("the task is due already");
}

template <class State>
result on(const task& subject, const State&, const event::trigger&, instant) {
  return conflict(has_ended(subject) ? "the task has ended" : "the task was triggered already");
}

template <class State>
result on(const task& subject, const State&, const event::retry&, instant) {
  return conflict("the task is " + std::string{to_string(status_of(subject))}
                  + ": only a failed one is retried");
}

template <class State>
result on(const task&, const State&, const event::cancel&, instant) {
  return conflict("the task has ended");
}

template <class State>
result on(const task& subject, const State&, const event::grant&, instant) {
  return conflict("the task is " + std::string{to_string(status_of(subject))}
                  + " and does not wait for a worker");
}

template <class State>
result on(const task&, const State&, const event::report&, instant) {
  return conflict("no attempt of the task is under way");
}

/// succeeded, failed, heartbeat, release, handed_over, progressed: news of an attempt that is over.
template <class State, class News>
result on(const task&, const State&, const News&, instant) {
  return stale_token();
}

}  // namespace carillon::lifecycle
