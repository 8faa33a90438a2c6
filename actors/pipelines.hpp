#pragma once

#include <map>
#include <optional>
#include <utility>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "model/pipeline.hpp"

namespace carillon {

/// The pipelines under way in this server: a part of the delivery actor, and on its thread.
///
/// Invariants:
///  - A run is in runs_ until its task was told how it ended.
///  - At most one call of a run is under way; its ticket is in the run.
class pipelines {
public:
  using key = std::pair<task_id, std::uint64_t>;  ///< The task and the token of its attempt.

  pipelines(const house& home, delivery_actor runner) : home_{home}, runner_{std::move(runner)} {}

  /// What the task must be told so far, in order. The last is the outcome once the run has ended.
  std::vector<task_event> start(const task_ptr& subject, std::uint64_t token);
  /// The call of the step under way has ended.
  std::vector<task_event> on_call_ended(const key& which, const http_outcome& outcome);
  void stop(const key& which);

  [[nodiscard]] bool has(const key& which) const { return runs_.contains(which); }
  [[nodiscard]] std::size_t size() const { return runs_.size(); }

private:
  struct run {
    task_ptr subject;
    pipeline_run steps;
    std::optional<std::uint64_t> ticket = {};
  };

  std::vector<task_event> go_on(const key& which, run& of);
  void begin_call(const key& which, run& of, step_call call);
  std::vector<task_event> fail(const key& which, run& of, std::string error, bool retryable,
                               bool timed_out = false);
  [[nodiscard]] event::report report(const run& of, std::string type, std::string message) const;

  const house& home_;
  delivery_actor runner_;
  std::map<key, run> runs_;
};

}  // namespace carillon
