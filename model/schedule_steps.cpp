#include "model/schedule_steps.hpp"

#include <algorithm>
#include <utility>

namespace carillon::schedule_lifecycle {
namespace {

/// What one step does at most, so that a long gap blocks nobody and a commit stays small.
constexpr std::int64_t moments_per_step = 50'000;
constexpr std::int64_t cost_of_task = 100;  ///< In moments that are only counted.
constexpr duration grain{1};

/// And has not been told anything yet.
bool is_ahead(const open_task& one) {
  return !one.ordered && one.status == task_status::scheduled;
}

bool is_snoozed(const open_task& one) {
  return one.due != one.planned;
}

}  // namespace

steps::steps(const state& before, const surroundings& around)
    : now_{before}, around_{around}, budget_{moments_per_step} {}

// -- records ------------------------------------------------------------------

std::shared_ptr<task_spec> steps::spec_for(instant planned, trigger_cause cause) const {
  const auto& work = now_.next.subject.spec->work;
  auto spec = std::make_shared<task_spec>();
  spec->task_type = work.task_type;
  spec->target = work.target;
  spec->runs_pipeline = work.runs_pipeline;
  spec->command = work.command;
  spec->payload = work.payload;
  spec->created_at = around_.now;
  spec->scheduled_for = planned;
  if (work.expires_after)
    spec->expires_at = std::max(planned, around_.now) + *work.expires_after;
  spec->tags = work.tags;
  spec->components = work.components;
  spec->priority = work.priority;
  spec->retry = work.retry;
  spec->timeout = work.timeout;
  spec->has_default_timeout = work.has_default_timeout;
  spec->cause = cause;
  spec->limit = work.limit;
  spec->notices = work.notices;
  spec->schedule = now_.next.subject.id;
  spec->created_by = now_.next.subject.spec->created_by;
  return spec;
}

void steps::began(instant planned) {
  auto& subject = now_.next.subject;
  ++subject.execution_count;
  subject.last_execution_at = planned;
}

void steps::record(instant planned, trigger_cause cause, const schedule_event::run& asked) {
  budget_ -= cost_of_task;
  const auto id = around_.new_id();
  const auto decided = verdict(cause, id);
  auto spec = spec_for(planned, cause);
  // Without a payload of its own the work is about the event.
  const bool is_payload = cause == trigger_cause::event && !spec->runs_pipeline
                          && spec->payload == "null" && !asked.event.empty();
  (is_payload ? spec->payload : spec->event) = asked.event;
  spec->trace = asked.trace;
  auto task = lifecycle::create_due(id, std::move(spec), decided, around_.now);
  if (!has_ended(task.next)) {
    now_.next.open.push_back(
        {id, status_of(task.next), decided.what == admission::wait, planned, planned});
    began(planned);
  }
  now_.made.push_back(std::move(task));
}

/// A record that never runs needs nothing of the template but its name.
void steps::record_unrun(instant first, moment_range range, end_reason reason) {
  auto spec = spec_for(first, trigger_cause::schedule);
  spec->payload = "null";
  spec->notices = {};
  if (range.count > 1)
    spec->stands_for = range;
  now_.made.push_back(lifecycle::create_due(around_.new_id(), std::move(spec),
                                            {admission::skip, reason}, around_.now));
}

void steps::make_ahead(instant planned, std::optional<instant> moved_to) {
  budget_ -= cost_of_task;
  const auto id = around_.new_id();
  now_.made.push_back(
      lifecycle::create_ahead(id, spec_for(planned, trigger_cause::schedule), moved_to));
  now_.next.open.push_back(
      {id, task_status::scheduled, false, moved_to.value_or(planned), planned});
}

void steps::make_extra(const schedule_event::run& asked) {
  record(around_.now, asked.cause, asked);
  if (!asked.event_id)
    return;
  const auto& made = now_.made.back().next;
  const auto* end = std::get_if<ended>(&made.state);
  now_.caused = event_claim{*asked.event_id, made.id,
                            end != nullptr ? std::optional{end->reason} : std::nullopt};
}

void steps::make_past(instant planned, trigger_cause cause) {
  record(planned, cause);
}

// -- what is due --------------------------------------------------------------

bool steps::take_answered(instant at) {
  auto& answered = now_.next.subject.answered;
  const bool found = !answered.empty() && std::ranges::binary_search(answered, at);
  std::erase_if(answered, [&](instant known) { return known <= at; });
  return found;
}

/// A range must not reach over another record, be it of an older rule: a look at one moment finds
/// the record that begins last before it.
bool steps::passes_answered(instant at) const {
  const auto& answered = now_.next.subject.answered;
  return !answered.empty() && answered.front() <= at;
}

open_task* steps::first_ahead() {
  open_task* first = nullptr;
  for (auto& one : now_.next.open)
    if (is_ahead(one) && (first == nullptr || one.due < first->due))
      first = &one;
  return first;
}

void steps::answer_ahead() {
  const auto& subject = now_.next.subject;
  for (auto* due = first_ahead(); due != nullptr && due->due <= around_.now; due = first_ahead()) {
    if (subject.status == schedule_status::canceled) {
      give_up(*due, event::cancel{true});
      continue;
    }
    // The pause had told it so, and a crash came between.
    if (subject.paused_at && is_snoozed(*due)
        && due->due > *subject.paused_at + subject.spec->lead) {
      give_up(*due, event::due{admission::skip, end_reason::paused});
      continue;
    }
    const auto decided = verdict(trigger_cause::schedule, due->id);
    due->ordered = decided.what;
    now_.orders.push_back({due->id, decided});
  }
}

void steps::give_up(open_task& one, task_event word) {
  one.ordered = admission::skip;
  now_.orders.push_back({one.id, std::move(word)});
}

/// The missed moments before `before` that the policy catches up, in rising order.
std::vector<instant> steps::caught_up(const moments& all, instant before) const {
  const auto& subject = now_.next.subject;
  const auto& rules = subject.spec->catch_up;
  const auto newest = upcoming(all, before - grain, 1);
  const bool is_latest_on_time = !newest.empty() && newest.front() <= around_.now;
  std::size_t most = 0;
  if (rules.policy == catch_up_policy::all)
    most = static_cast<std::size_t>(rules.limit);
  else if (rules.policy == catch_up_policy::latest && !is_latest_on_time)
    most = 1;
  std::vector<instant> caught;
  for (auto at = all.previous(before); at && at->at > subject.cursor && caught.size() < most;
       at = all.previous(at->at)) {
    if (rules.window && at->at < around_.now - *rules.window)
      break;
    if (at->runs)
      caught.push_back(at->at);
  }
  std::ranges::reverse(caught);
  return caught;
}

/// Records what nobody was there for, beginning with `at`; leaves `at` at the first moment that is
/// on time.
bool steps::answer_missed(const moments& all, std::optional<moment>& at) {
  auto& subject = now_.next.subject;
  const auto on_time_from = around_.now - missed_grace;
  if (!at || at->at >= on_time_from)
    return true;
  const auto caught = caught_up(all, on_time_from);
  std::optional<instant> first;  // of a range that is not run
  moment_range range{};
  end_reason reason{};
  const auto flush = [&] {
    if (first)
      record_unrun(*std::exchange(first, std::nullopt), range, reason);
  };
  for (; at && at->at < on_time_from && budget_ > 0; at = all.next(at->at)) {
    --budget_;
    subject.cursor = at->at;
    if (passes_answered(at->at))
      flush();
    if (take_answered(at->at))
      continue;
    if (at->runs && std::ranges::binary_search(caught, at->at)) {
      flush();
      record(at->at, trigger_cause::catch_up);
      continue;
    }
    const auto why = at->runs ? end_reason::missed : end_reason::dst_repeat;
    if (first && why != reason)
      flush();
    if (!first) {
      first = at->at;
      range.count = 0;
      reason = why;
    }
    range = {at->at, range.count + 1};
  }
  flush();
  return budget_ > 0;
}

bool steps::answer_due() {
  answer_ahead();
  auto& subject = now_.next.subject;
  if (subject.status != schedule_status::active)
    return true;
  keep_instances();
  const auto all = rule();
  auto at = all.next(subject.cursor);
  if (!answer_missed(all, at)) {
    now_.again = true;
    return false;
  }
  for (; at && at->at <= around_.now + subject.spec->lead; at = all.next(at->at)) {
    if (budget_ <= 0) {
      now_.again = true;
      return false;
    }
    --budget_;
    subject.cursor = at->at;
    if (take_answered(at->at))
      continue;
    if (!at->runs)
      record_unrun(at->at, {at->at, 1}, end_reason::dst_repeat);
    else if (at->at <= around_.now)
      record(at->at, trigger_cause::schedule);
    else
      make_ahead(at->at, {});
  }
  return true;
}

bool steps::answer_unrun(end_reason reason) {
  auto& subject = now_.next.subject;
  const auto all = rule();
  std::optional<instant> first;
  moment_range range{};
  const auto flush = [&] {
    if (first)
      record_unrun(*std::exchange(first, std::nullopt), range, reason);
    range.count = 0;
  };
  auto at = all.next(subject.cursor);
  for (; at && at->at <= around_.now && budget_ > 0; at = all.next(at->at)) {
    --budget_;
    subject.cursor = at->at;
    if (passes_answered(at->at))
      flush();
    if (take_answered(at->at))
      continue;
    if (!first)
      first = at->at;
    range = {at->at, range.count + 1};
  }
  flush();
  now_.again = at && at->at <= around_.now;
  return !now_.again;
}

// -- what was made ahead, what waits ------------------------------------------

bool steps::snooze(duration delay) {
  auto& subject = now_.next.subject;
  const auto all = rule();
  const auto unmade = next_running(all);
  auto* ahead = first_ahead();
  if (ahead != nullptr && (!unmade || ahead->due <= unmade->at)) {
    ahead->moved_from = ahead->due;
    ahead->due += delay;
    now_.orders.push_back({ahead->id, event::move{ahead->due}});
    return true;
  }
  for (auto at = all.next(subject.cursor); at; at = all.next(at->at)) {
    subject.cursor = at->at;
    if (take_answered(at->at))
      continue;
    if (at->runs) {
      make_ahead(at->at, at->at + delay);
      return true;
    }
    record_unrun(at->at, {at->at, 1}, end_reason::dst_repeat);
  }
  return false;
}

void steps::drop_far_ahead(end_reason reason) {
  const auto stays_until = around_.now + now_.next.subject.spec->lead;
  for (auto& one : now_.next.open)
    if (is_ahead(one) && is_snoozed(one) && one.due > stays_until)
      give_up(one, event::due{admission::skip, reason});
}

void steps::cancel_waiting() {
  for (auto& one : now_.next.open)
    if (one.status == task_status::scheduled || one.status == task_status::queued)
      give_up(one, event::cancel{true});
}

// -- what follows ---------------------------------------------------------------

std::optional<moment> steps::next_running(const moments& all) const {
  const auto& answered = now_.next.subject.answered;
  auto at = all.next(now_.next.subject.cursor);
  while (at && (!at->runs || std::ranges::binary_search(answered, at->at)))
    at = all.next(at->at);
  return at;
}

void steps::refresh() {
  auto& subject = now_.next.subject;
  subject.next_at.reset();
  subject.wake_at.reset();
  const auto* ahead = first_ahead();
  // Until a task has confirmed its order, a crash must find it again.
  for (const auto& one : now_.next.open) {
    if (one.status != task_status::scheduled)
      continue;
    const bool may_be_unmoved = one.moved_from && *one.moved_from > around_.now;
    const auto at = may_be_unmoved ? *one.moved_from : one.due;
    subject.wake_at = std::min(subject.wake_at.value_or(at), at);
  }
  for (std::size_t at = 0; at < subject.slots.size(); ++at)
    if (const auto start = subject.slots[at].start_at)
      if (instance_task(static_cast<int>(at)) == nullptr)
        subject.wake_at = std::min(subject.wake_at.value_or(*start), *start);
  if (subject.status != schedule_status::active && subject.status != schedule_status::ended)
    return;
  const auto all = rule();
  const auto next = all.next(subject.cursor);
  const bool is_over = has_moments(subject.spec->kind) && !next && ahead == nullptr;
  subject.status = is_over ? schedule_status::ended : schedule_status::active;
  if (next) {
    const auto make_at = next->at - subject.spec->lead;
    subject.wake_at = std::min(subject.wake_at.value_or(make_at), make_at);
    if (const auto running = next_running(all))
      subject.next_at = running->at;
  }
  if (ahead != nullptr)
    subject.next_at = std::min(subject.next_at.value_or(ahead->due), ahead->due);
}

}  // namespace carillon::schedule_lifecycle
