#include "model/task_lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "model/task_callback.hpp"
#include "model/task_command.hpp"
#include "model/task_components.hpp"
#include "model/task_notices.hpp"
#include "model/task_pipeline.hpp"
#include "model/task_steps.hpp"
#include "model/task_unmoved.hpp"

namespace carillon::lifecycle {
namespace {

// -- components ---------------------------------------------------------------

/// Records what a component said of a task that is under way.
result note(decision made, const task_news& news, instant now) {
  made.news.push_back(news);
  ++made.next.news_count;
  if (news.type == "log")
    return made;
  if (!record(news, made.next.components))
    return conflict("the task has " + std::to_string(components_max) + " components already");
  const auto* running = std::get_if<processing>(&made.next.state);
  if (running != nullptr && running->runner == runner_kind::components)
    end_if_all_ended(made, now);
  return made;
}

/// The parts of what runs in steps are not anybody's to report.
std::optional<problem> steps_report(const task& subject, const event::report& report) {
  if (!runs_in_steps(*subject.spec) || report.news.type == "log")
    return std::nullopt;
  return conflict("the steps of this task report for themselves");
}

// -- scheduled ----------------------------------------------------------------

result on(const task& subject, const scheduled&, const event::tick&, instant now) {
  // The tasks of a schedule wait for its word.
  if (subject.spec->schedule || now < due_at(subject))
    return unchanged(subject);
  decision made{subject};
  if (has_expired(subject, now))
    end(made, task_status::expired, end_reason::expired, now);
  else
    enqueue(made, now);
  return made;
}

result on(const task& subject, const scheduled&, const event::due& verdict, instant now) {
  decision made{subject};
  settle_due(made, verdict, now);
  return made;
}

result on(const task& subject, const scheduled&, const event::move& ask, instant) {
  decision made{subject};
  made.next.state = scheduled{ask.to};
  return made;
}

result on(const task& subject, const scheduled&, const event::trigger&, instant now) {
  decision made{subject};
  enqueue(made, now);
  return made;
}

result on(const task& subject, const scheduled&, const event::cancel& ask, instant now) {
  decision made{subject};
  end(made, task_status::canceled, ask.reason.value_or(end_reason::canceled), now);
  return made;
}

result on(const task&, const scheduled&, const event::report&, instant) {
  return conflict("the task is not due yet");
}

// -- queued -------------------------------------------------------------------

result on(const task& subject, const queued&, const event::tick&, instant now) {
  if (!has_expired(subject, now))
    return unchanged(subject);
  decision made{subject};
  end(made, task_status::expired, end_reason::expired, now);
  return made;
}

/// Admitted late, its age counts from when it came.
result on(const task& subject, const queued& state, const event::admit&, instant) {
  if (!state.held)
    return unchanged(subject);
  decision made{subject};
  std::get<queued>(made.next.state).held = false;
  made.effects.emplace_back(effect::offer{});
  return made;
}

result on(const task& subject, const queued& state, const event::grant& grant, instant now) {
  if (state.held)
    return conflict("the task waits for another one of its schedule");
  decision made{subject};
  if (has_expired(subject, now))
    end(made, task_status::expired, end_reason::expired, now);
  else
    begin_attempt(made, grant, now);
  return made;
}

result on(const task& subject, const queued&, const event::cancel& ask, instant now) {
  if (ask.only_before_start && !subject.attempts.empty())
    return conflict("the task has started already");
  decision made{subject};
  end(made, task_status::canceled, ask.reason.value_or(end_reason::canceled), now);
  return made;
}

/// The first report of a component starts a task that nobody else will: a task with a target is the
/// delivery's, whatever its components say meanwhile.
result on(const task& subject, const queued& state, const event::report& report, instant now) {
  if (auto refused = steps_report(subject, report))
    return *std::move(refused);
  decision made{subject};
  if (has_expired(subject, now)) {
    end(made, task_status::expired, end_reason::expired, now);
    return made;
  }
  if (report.news.type != "log" && !state.held && !is_own_queue(queue_of(*subject.spec)))
    begin_attempt(made, event::grant{runner_kind::components}, now);
  return note(std::move(made), report.news, now);
}

// -- processing ---------------------------------------------------------------

result on(const task& subject, const processing& state, const event::tick&, instant now) {
  const auto deadline = attempt_deadline(subject, state);
  if (deadline && *deadline <= now && state.runner == runner_kind::command)
    return stop_command(subject, state, end_reason::timeout);
  if (deadline && *deadline <= now && state.runner == runner_kind::steps)
    return stop_steps(subject, end_reason::timeout, now);
  if (state.waits.until && *state.waits.until <= now)
    return end_pause(subject, now);
  decision made{subject};
  if (deadline && *deadline <= now) {
    finish_attempt(made, attempt_outcome::timeout, "the attempt lasted longer than its timeout",
                   now);
    if (state.runner == runner_kind::delivery)
      made.effects.emplace_back(effect::stop_call{state.token});
    retry_or_fail(made, true, {}, now);
    return made;
  }
  if (state.lease_until && *state.lease_until <= now) {
    lose_lease(made, now);
    return made;
  }
  return unchanged(subject);
}

result on(const task& subject, const processing& state, const event::cancel& ask, instant now) {
  if (ask.only_before_start)
    return conflict("the task has started already");
  if (state.runner == runner_kind::command) {
    if (was_stopped(state))
      return unchanged(subject);
    return stop_command(subject, state, ask.reason.value_or(end_reason::stopped));
  }
  if (state.runner == runner_kind::steps)
    return stop_steps(subject, ask.reason.value_or(end_reason::stopped), now);
  decision made{subject};
  finish_attempt(made, attempt_outcome::canceled, "", now);
  if (state.runner == runner_kind::delivery)
    made.effects.emplace_back(effect::stop_call{state.token});
  end(made, task_status::canceled, ask.reason.value_or(end_reason::stopped), now);
  return made;
}

result on(const task& subject, const processing& state, const event::succeeded& news, instant now) {
  if (!holds(state, news.token) || state.runner == runner_kind::steps)
    return stale_token();
  if (state.stopping)
    return end_stopped(subject, *state.stopping, news.exit, now);
  decision made{subject};
  note_exit(made, news.exit);
  finish_attempt(made, attempt_outcome::success, "", now);
  note_answer(made, news);
  made.next.result = news.result;
  end(made, task_status::completed, end_reason::success, now);
  return made;
}

result on(const task& subject, const processing& state, const event::failed& news, instant now) {
  if (!holds(state, news.token))
    return stale_token();
  if (state.stopping)
    return end_stopped(subject, *state.stopping, news.exit, now);
  decision made{subject};
  note_exit(made, news.exit);
  finish_attempt(made, news.outcome, news.error, now);
  note_answer(made, news);
  retry_or_fail(made, news.retryable, news.retry_at, now);
  return made;
}

result on(const task& subject, const processing& state, const event::heartbeat& news, instant now) {
  if (!holds(state, news.token) || state.runner != runner_kind::lease)
    return stale_token();
  decision made{subject};
  std::get<processing>(made.next.state).lease_until = now + news.lease;
  note_progress(made, news.progress, news.message, now);
  return made;
}

result on(const task& subject, const processing& state, const event::handed_over& news, instant) {
  if (!holds(state, news.token) || state.runner != runner_kind::delivery)
    return stale_token();
  return hand_over(subject, news);
}

result on(const task& subject, const processing& state, const event::progressed& news,
          instant now) {
  if (!holds(state, news.token) || !may_call_back(state))
    return stale_token();
  return make_progress(subject, news, now);
}

result on(const task& subject, const processing& state, const event::release& news, instant now) {
  if (!holds(state, news.token) || state.runner != runner_kind::lease)
    return stale_token();
  decision made{subject};
  finish_attempt(made, attempt_outcome::released, "", now);
  enqueue(made, now);
  return made;
}

result on(const task& subject, const processing&, const event::report& report, instant now) {
  if (auto refused = steps_report(subject, report))
    return *std::move(refused);
  return note(decision{subject}, report.news, now);
}

result on(const task& subject, const processing& state, const event::server_started& start,
          instant now) {
  if (state.runner == runner_kind::steps)
    return resume_steps(subject);
  const bool ends_with_server =
      state.runner == runner_kind::delivery || state.runner == runner_kind::command;
  if (!ends_with_server || state.server_epoch >= start.epoch)
    return unchanged(subject);
  if (state.runner == runner_kind::command)
    return crash_command(subject, state, now);
  return crash_delivery(subject, now);
}

result on(const task& subject, const processing&, const event::child_ended& news, instant now) {
  return hear_child(subject, news, now);
}

result on(const task& subject, const processing& state, const event::proceed& word, instant now) {
  return holds(state, word.token) ? go_on(subject, now) : unchanged(subject);
}

result on(const task& subject, const processing&, const event::published& news, instant now) {
  return hear_event(subject, news, now);
}

result on(const task& subject, const processing& state, const event::fan_out& news, instant now) {
  const bool is_group = state.runner == runner_kind::steps && !subject.spec->runs_pipeline;
  return is_group && holds(state, news.token) ? fan_out(subject, news, now) : stale_token();
}

// -- retrying -----------------------------------------------------------------

result on(const task& subject, const retrying& state, const event::tick&, instant now) {
  if (now < state.due_at)
    return unchanged(subject);
  decision made{subject};
  enqueue(made, now);
  return made;
}

result on(const task& subject, const retrying&, const event::cancel& ask, instant now) {
  if (ask.only_before_start)
    return conflict("the task has started already");
  decision made{subject};
  end(made, task_status::canceled, ask.reason.value_or(end_reason::canceled), now);
  return made;
}

result on(const task& subject, const retrying&, const event::retry&, instant now) {
  decision made{subject};
  enqueue(made, now);
  return made;
}

// -- ended --------------------------------------------------------------------

result on(const task& subject, const ended& state, const event::retry&, instant now) {
  if (state.status != task_status::failed)
    return conflict("the task is " + std::string{to_string(state.status)}
                    + ": only a failed one is retried");
  decision made{subject};
  made.next.retries_used = 0;
  made.next.crashes = 0;
  made.next.leases_lost = 0;
  enqueue(made, now);
  return made;
}

result on(const task& subject, const ended&, const event::forget& what, instant) {
  decision made{subject};
  auto& attempts = made.next.attempts;
  for (const auto& tried : attempts)
    if (subject.spec->command && (!what.attempt || *what.attempt == tried.number))
      made.effects.emplace_back(effect::drop_log{tried.number});
  if (what.attempt)
    std::erase_if(attempts, [&](const auto& tried) { return tried.number == *what.attempt; });
  made.removed = !what.attempt || attempts.empty();
  return made;
}

decision born(const task_id& id, std::shared_ptr<const task_spec> spec,
              std::optional<instant> moved_to) {
  decision made{task{id, std::move(spec), scheduled{moved_to}}};
  const auto& asked = *made.next.spec;
  made.next.components = asked.runs_pipeline ? declared_steps(asked) : declared_components(asked);
  return made;
}

}  // namespace

decision create(const task_id& id, std::shared_ptr<const task_spec> spec, instant now) {
  auto made = born(id, std::move(spec), {});
  if (made.next.spec->scheduled_for <= now)
    enqueue(made, now);
  add_notices(made, std::nullopt, now);
  return made;
}

decision create_ahead(const task_id& id, std::shared_ptr<const task_spec> spec,
                      std::optional<instant> moved_to) {
  return born(id, std::move(spec), moved_to);
}

decision create_due(const task_id& id, std::shared_ptr<const task_spec> spec,
                    const event::due& verdict, instant now) {
  auto made = born(id, std::move(spec), {});
  settle_due(made, verdict, now);
  add_notices(made, std::nullopt, now);
  return made;
}

expected<decision> apply(const task& subject, const task_event& what, instant now) {
  auto made =
      std::visit([&](const auto& state, const auto& news) { return on(subject, state, news, now); },
                 subject.state, what);
  if (!made || !made->changed || made->removed)
    return made;
  add_notices(*made, status_of(subject), now);
  if (made->next.spec->parent && has_ended(made->next) && !has_ended(subject))
    made->effects.emplace_back(effect::tell_parent{});
  return made;
}

}  // namespace carillon::lifecycle
