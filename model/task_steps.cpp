#include "model/task_steps.hpp"

#include <algorithm>
#include <utility>

#include "model/task_components.hpp"
#include "model/task_notices.hpp"
#include "model/task_pipeline.hpp"

namespace carillon::lifecycle {
namespace {

/// Whoever publishes again as another task is heard twice.
bool must_not_be_lost(const task_spec& spec) {
  return spec.cause == trigger_cause::notice || !topic_of(spec).empty();
}

end_reason reason_of(attempt_outcome outcome) {
  switch (outcome) {
    case attempt_outcome::timeout:
      return end_reason::timeout;
    case attempt_outcome::crashed:
      return end_reason::crashed;
    case attempt_outcome::lease_lost:
      return end_reason::lease_lost;
    case attempt_outcome::log_overflow:
      return end_reason::log_overflow;
    case attempt_outcome::start_failed:
      return end_reason::start_failed;
    default:
      return end_reason::error;
  }
}

}  // namespace

bool has_expired(const task& subject, instant now) {
  return subject.attempts.empty() && subject.spec->expires_at && *subject.spec->expires_at <= now;
}

void enqueue(decision& made, instant now) {
  made.next.state = queued{now};
  if (!made.next.triggered_at)
    made.next.triggered_at = now;
  made.effects.emplace_back(effect::offer{});
}

void end(decision& made, task_status status, end_reason reason, instant now) {
  made.next.state = ended{status, reason, now};
}

void begin_attempt(decision& made, const event::grant& grant, instant now) {
  auto& attempts = made.next.attempts;
  const int number = attempts.empty() ? 1 : attempts.back().number + 1;
  if (attempts.size() == attempts_kept_max) {
    if (made.next.spec->command)
      made.effects.emplace_back(effect::drop_log{attempts.front().number});
    attempts.erase(attempts.begin());
  }
  attempts.push_back({number, now, {}, attempt_outcome::running, {}, grant.worker});
  const bool has_steps = runs_in_steps(*made.next.spec);
  if (!has_steps)
    made.next.components = declared_components(*made.next.spec);

  processing state{has_steps ? runner_kind::steps : grant.runner};
  state.token = static_cast<std::uint64_t>(number) << 32 | grant.token_salt;
  if (state.runner == runner_kind::lease)
    state.lease_until = now + grant.lease;
  if (state.runner == runner_kind::delivery || state.runner == runner_kind::command) {
    state.server_epoch = grant.server_epoch;
    made.effects.emplace_back(effect::start_call{state.token});
  }
  made.next.state = state;
  add_start_notice(made, now);
  if (has_steps)
    begin_steps(made, now);
}

void finish_attempt(decision& made, attempt_outcome outcome, std::string error, instant now) {
  auto& last = made.next.attempts.back();
  last.finished_at = now;
  last.outcome = outcome;
  last.error = std::move(error);
}

void retry_or_fail(decision& made, bool retryable, std::optional<instant> retry_at, instant now) {
  auto& next = made.next;
  const auto& policy = next.spec->retry;
  const auto& last = next.attempts.back();
  if (policy.forgets_after > duration{0} && now - last.started_at >= policy.forgets_after)
    next.retries_used = 0;
  if (!retryable || next.retries_used >= policy.retries_max) {
    end(made, task_status::failed, reason_of(next.attempts.back().outcome), now);
    return;
  }
  ++next.retries_used;
  const auto planned = now + backoff(policy, next.retries_used, random_part(next.id));
  next.state = retrying{retry_at ? std::max(*retry_at, now) : planned};
}

void lose_lease(decision& made, instant now) {
  finish_attempt(made, attempt_outcome::lease_lost, "the worker let its lease run out", now);
  if (++made.next.leases_lost <= leases_lost_free)
    enqueue(made, now);
  else
    retry_or_fail(made, true, {}, now);
}

decision crash_delivery(const task& subject, instant now) {
  decision made{subject};
  finish_attempt(made, attempt_outcome::crashed, "the server ended during the attempt", now);
  if (++made.next.crashes < crashes_max)
    enqueue(made, now);
  else  // It may be what kills us: what must not be lost comes more and more rarely.
    retry_or_fail(made, must_not_be_lost(*subject.spec), {}, now);
  return made;
}

void end_if_all_ended(decision& made, instant now) {
  const auto verdict = judge_components(made.next.components);
  if (!verdict.all_ended)
    return;
  if (verdict.failed.empty()) {
    finish_attempt(made, attempt_outcome::success, "", now);
    end(made, task_status::completed, end_reason::success, now);
    return;
  }
  finish_attempt(made, attempt_outcome::error, "component " + verdict.failed + " failed", now);
  retry_or_fail(made, true, {}, now);
}

void settle_due(decision& made, const event::due& verdict, instant now) {
  if (verdict.what == admission::skip) {
    end(made, task_status::skipped, verdict.reason, now);
    std::get<ended>(made.next.state).because_of = verdict.because_of;
    return;
  }
  if (has_expired(made.next, now)) {
    end(made, task_status::expired, end_reason::expired, now);
    return;
  }
  enqueue(made, now);
  if (verdict.what == admission::wait) {
    std::get<queued>(made.next.state).held = true;
    made.effects.clear();
  }
}

}  // namespace carillon::lifecycle
