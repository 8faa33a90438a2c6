#pragma once

#include <optional>
#include <vector>

#include "model/schedule_lifecycle.hpp"

// Steps that several transitions of a schedule share. For model/schedule_lifecycle.cpp alone.

namespace carillon::schedule_lifecycle {

/// A decision under construction.
class steps {
public:
  steps(const state& before, const surroundings& around);

  /// Decides everything that is due by now and makes what lies within the lead. False: there is
  /// more than one step should do (decision::again is set).
  bool answer_due();

  /// Records the moments up to now as not run for `reason`. False as above.
  bool answer_unrun(end_reason reason);

  /// One task more, now.
  void make_extra(const schedule_event::run& asked);

  /// Moves the next moment. False: there is none.
  bool snooze(duration delay);

  /// Skips tasks that a snooze moved further ahead than the lead.
  void drop_far_ahead(end_reason reason);

  /// A task for a past moment.
  void make_past(instant planned, trigger_cause cause);

  /// Cancels all that has not started.
  void cancel_waiting();

  /// As long as there is room, admits tasks that are held, in their order.
  void admit_held();

  // -- services (schedule_service.cpp)

  /// Starts instances that are to be on, and stops those that are too many.
  void keep_instances();
  /// All of them are to be on from now on, whatever they were.
  void start_instances();
  /// The server has started: nothing waits any more.
  void resume_instances();
  void stop_instances();
  /// Begins a rolling restart.
  void replace_instances();
  /// Goes on with it: when all others are on, the next one is stopped.
  void replace_next();
  void instance_ended(const schedule_event::told& news);

  /// A task for this moment runs or will: it counts.
  void began(instant planned);

  /// Derives next_at, wake_at and the end from the rest. Always the last step.
  void refresh();

  [[nodiscard]] moments rule() const { return {now_.next.subject, now_.next.rule}; }

  decision now_;  ///< What was decided so far.

private:
  [[nodiscard]] std::shared_ptr<task_spec> spec_for(instant planned, trigger_cause cause) const;
  event::due verdict(trigger_cause cause, const task_id& id);
  [[nodiscard]] event::due overlap_verdict(trigger_cause cause) const;
  void answer_ahead();
  void give_up(open_task& one, task_event word);
  void start_instance(int instance);
  open_task* instance_task(int instance);
  bool answer_missed(const moments& all, std::optional<moment>& at);
  [[nodiscard]] std::vector<instant> caught_up(const moments& all, instant before) const;
  void record(instant planned, trigger_cause cause, const schedule_event::run& asked = {});
  void record_unrun(instant first, moment_range range, end_reason reason);
  void make_ahead(instant planned, std::optional<instant> moved_to);
  bool take_answered(instant at);
  [[nodiscard]] bool passes_answered(instant at) const;
  void replace_oldest();
  [[nodiscard]] std::optional<moment> next_running(const moments& all) const;
  open_task* first_ahead();

  const surroundings& around_;
  std::int64_t budget_;
};

}  // namespace carillon::schedule_lifecycle
