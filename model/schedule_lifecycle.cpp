#include "model/schedule_lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "model/schedule_steps.hpp"

namespace carillon {

schedule_event::told news_of(const task& subject) {
  const auto* waiting = std::get_if<queued>(&subject.state);
  const auto& spec = *subject.spec;
  schedule_event::told news{{subject.id, status_of(subject), waiting != nullptr && waiting->held,
                             due_at(subject), spec.scheduled_for, spec.instance}};
  const auto* end = std::get_if<ended>(&subject.state);
  if (end == nullptr)
    return news;
  news.has_ended = true;
  news.reason = end->reason;
  if (!subject.attempts.empty() && subject.attempts.back().finished_at)
    news.lasted = *subject.attempts.back().finished_at - subject.attempts.back().started_at;
  return news;
}

}  // namespace carillon

namespace carillon::schedule_lifecycle {
namespace {

using result = expected<decision>;

problem conflict(std::string detail) {
  return {problem_kind::conflict, std::move(detail)};
}

result unchanged(const state& subject) {
  return decision{subject, false};
}

bool is_final(const state& subject) {
  return subject.subject.status == schedule_status::canceled
         || subject.subject.status == schedule_status::deleted;
}

problem refused(const state& subject) {
  return conflict("the schedule is " + std::string{to_string(subject.subject.status)});
}

result finish(steps& made) {
  made.refresh();
  return std::move(made.now_);
}

/// A change that a person asked for.
result finish_change(steps& made, const surroundings& around) {
  made.now_.next.subject.updated_at = around.now;
  return finish(made);
}

/// A task whose end it never heard of, because of a crash or of sleep, may have been its next
/// moment. One that is yet to confirm its order changes nothing.
result finish_if_changed(steps& made, const state& before) {
  made.refresh();
  const auto& was = before.subject;
  const auto& is = made.now_.next.subject;
  made.now_.changed = is.cursor != was.cursor || is.next_at != was.next_at
                      || is.wake_at != was.wake_at || is.status != was.status
                      || !made.now_.orders.empty();
  return std::move(made.now_);
}

/// Brings the records up to now: as run while active, as paused while paused.
bool settle(steps& made) {
  return made.now_.next.subject.status == schedule_status::paused
             ? made.answer_unrun(end_reason::paused)
             : made.answer_due();
}

bool is_service(const state& subject) {
  return subject.subject.spec->kind == schedule_kind::service;
}

void start_pause(steps& made, instant now) {
  made.now_.next.subject.status = schedule_status::paused;
  made.now_.next.subject.paused_at = now;
  made.drop_far_ahead(end_reason::paused);
  if (is_service(made.now_.next))
    made.stop_instances();
}

/// What was due in the pause is answered already.
void end_pause(steps& made) {
  made.now_.next.subject.status = schedule_status::active;
  made.now_.next.subject.paused_at.reset();
  made.start_instances();
  made.answer_due();
}

// -- time and tasks -------------------------------------------------------------

result on(const state& subject, const schedule_event::tick&, const surroundings& around) {
  if (!subject.subject.wake_at || *subject.subject.wake_at > around.now)
    return unchanged(subject);
  steps made{subject, around};
  made.answer_due();
  return finish_if_changed(made, subject);
}

result on(const state& subject, const schedule_event::told& news, const surroundings& around) {
  steps made{subject, around};
  auto& open = made.now_.next.open;
  const auto known = std::ranges::find(open, news.now.id, &open_task::id);
  const bool was_ahead = known != open.end() && known->status == task_status::scheduled;
  // Read from disk after the end, it is open no more; a service still has to learn how it ended.
  if (known == open.end() && news.has_ended && !is_service(subject))
    return finish_if_changed(made, subject);
  if (was_ahead && !news.has_ended && news.now.status != task_status::scheduled)
    made.began(news.now.planned);  // a person triggered it before its time
  if (known == open.end() && !news.has_ended)
    open.push_back(news.now);  // a person retried it
  else if (known != open.end() && news.has_ended)
    open.erase(known);
  else if (known != open.end()
           && news.now.status != task_status::scheduled)  // until then, it is as was decided here
    *known = news.now;
  if (is_service(subject)) {
    if (news.has_ended)
      made.instance_ended(news);
    made.replace_next();
    return finish(made);
  }
  made.admit_held();
  return finish(made);
}

result on(const state& subject, const schedule_event::restored&, const surroundings& around) {
  steps made{subject, around};
  if (subject.subject.status == schedule_status::canceled)
    made.cancel_waiting();
  made.resume_instances();
  made.admit_held();
  return finish(made);
}

// -- what a person asks -----------------------------------------------------------

result on(const state& subject, const schedule_event::run& asked, const surroundings& around) {
  if (subject.subject.status != schedule_status::active)
    return refused(subject);
  if (is_service(subject))
    return conflict("a service is always on: start, stop or restart it");
  steps made{subject, around};
  if (made.answer_due())
    made.make_extra(asked);
  return finish(made);
}

result on(const state& subject, const schedule_event::snooze& asked, const surroundings& around) {
  if (subject.subject.status != schedule_status::active)
    return refused(subject);
  steps made{subject, around};
  if (!made.answer_due() || made.snooze(asked.delay))
    return finish_change(made, around);
  if (made.now_.made.empty() && made.now_.orders.empty())
    return conflict("the schedule has no next moment");
  made.now_.again = true;  // what was due is to be saved first
  return finish(made);
}

result on(const state& subject, const schedule_event::pause&, const surroundings& around) {
  if (subject.subject.status == schedule_status::paused)
    return unchanged(subject);
  if (subject.subject.status != schedule_status::active)
    return refused(subject);
  steps made{subject, around};
  if (!made.answer_due())
    return finish(made);
  start_pause(made, around.now);
  return finish_change(made, around);
}

result on(const state& subject, const schedule_event::resume&, const surroundings& around) {
  if (subject.subject.status == schedule_status::active)
    return unchanged(subject);
  if (subject.subject.status != schedule_status::paused)
    return refused(subject);
  steps made{subject, around};
  if (!made.answer_unrun(end_reason::paused))
    return finish(made);
  end_pause(made);
  return finish_change(made, around);
}

result on(const state& subject, const schedule_event::restart&, const surroundings& around) {
  if (!is_service(subject))
    return conflict("only a service is restarted");
  if (subject.subject.status == schedule_status::paused)
    return on(subject, schedule_event::resume{}, around);
  if (subject.subject.status != schedule_status::active)
    return refused(subject);
  steps made{subject, around};
  made.replace_instances();
  return finish_change(made, around);
}

result on(const state& subject, const schedule_event::cancel&, const surroundings& around) {
  if (subject.subject.status == schedule_status::canceled)
    return unchanged(subject);
  if (subject.subject.status == schedule_status::deleted)
    return refused(subject);
  steps made{subject, around};
  if (!settle(made))
    return finish(made);
  made.now_.next.subject.status = schedule_status::canceled;
  if (is_service(subject))
    made.stop_instances();
  made.cancel_waiting();
  return finish_change(made, around);
}

result on(const state& subject, const schedule_event::remove&, const surroundings& around) {
  if (subject.subject.status == schedule_status::deleted)
    return unchanged(subject);
  steps made{subject, around};
  if (!settle(made))
    return finish(made);
  made.now_.next.subject.status = schedule_status::deleted;
  if (is_service(subject))
    made.stop_instances();
  else if (subject.subject.spec->file)
    made.cancel_waiting();
  return finish_change(made, around);
}

bool same_window(const schedule_spec& one, const schedule_spec& other) {
  return one.start_at == other.start_at && one.end_at == other.end_at;
}

/// The moments after `now` with a record: what is known, and what this very decision made.
std::vector<instant> answered_after(instant now, std::vector<instant> known,
                                    const std::vector<lifecycle::decision>& made) {
  for (const auto& one : made)
    known.push_back(one.next.spec->scheduled_for);
  std::erase_if(known, [&](instant at) { return at <= now; });
  std::ranges::sort(known);
  return known;
}

result on(const state& subject, const schedule_event::edit& asked, const surroundings& around) {
  if (is_final(subject))
    return refused(subject);
  steps made{subject, around};
  if (!settle(made))
    return finish(made);
  auto& next = made.now_.next;
  const bool is_new_rule = !same_rule(*next.subject.spec, *asked.spec);
  const bool is_new_window = !same_window(*next.subject.spec, *asked.spec);
  const bool is_other_service = is_service(next) && next.subject.spec->work != asked.spec->work;
  next.subject.spec = asked.spec;
  next.subject.counted_last = asked.counted_last;
  next.rule = asked.rule;
  if (is_new_rule || is_new_window) {
    next.subject.cursor = around.now;
    next.subject.answered = answered_after(around.now, asked.answered, made.now_.made);
  }
  if (is_new_rule)
    made.drop_far_ahead(end_reason::canceled);
  made.refresh();  // an edit may give an ended schedule new moments
  if (asked.enabled == false && next.subject.status == schedule_status::ended)
    return refused(next);
  if (asked.enabled == false && next.subject.status == schedule_status::active)
    start_pause(made, around.now);
  else if (asked.enabled == true && next.subject.status == schedule_status::paused)
    end_pause(made);
  else
    made.answer_due();
  if (is_other_service)
    made.replace_instances();
  made.admit_held();
  return finish_change(made, around);
}

/// The end of the record that holds `at`.
std::optional<instant> recorded_until(const std::vector<recorded_range>& known, instant at) {
  const auto behind = std::ranges::upper_bound(known, at, {}, &recorded_range::first);
  if (behind == known.begin() || std::prev(behind)->last < at)
    return std::nullopt;
  return std::prev(behind)->last;
}

result on(const state& subject, const schedule_event::backfill& asked, const surroundings& around) {
  if (is_final(subject))
    return refused(subject);
  steps made{subject, around};
  const auto all = made.rule();
  // What comes behind the cursor is answered in its own time.
  const auto to = std::min({asked.to, subject.subject.cursor, around.now});
  std::vector<instant> missing;
  for (auto at = all.next(asked.from - duration{1}); at && at->at <= to; at = all.next(at->at)) {
    if (const auto until = recorded_until(asked.answered, at->at)) {
      at->at = *until;
      continue;
    }
    if (!at->runs)
      continue;
    if (missing.size() == static_cast<std::size_t>(backfill_max))
      return problem{problem_kind::invalid,
                     "the range holds more than " + std::to_string(backfill_max)
                         + " moments without a record: ask for less at a time"};
    missing.push_back(at->at);
  }
  made.now_.count = static_cast<std::int64_t>(missing.size());
  if (!asked.dry_run)
    for (const auto at : missing)
      made.make_past(at, trigger_cause::backfill);
  return finish(made);
}

result on(const state& subject, const schedule_event::zone_changed& news,
          const surroundings& around) {
  if (is_final(subject))
    return unchanged(subject);
  steps made{subject, around};
  if (!settle(made))
    return finish(made);
  auto& next = made.now_.next;
  next.rule = news.rule;
  next.subject.cursor = std::max(next.subject.cursor, around.now);
  return finish(made);
}

}  // namespace

bool same_rule(const schedule_spec& one, const schedule_spec& other) {
  return one.kind == other.kind && one.expr == other.expr && one.timezone == other.timezone
         && one.dst == other.dst && one.jitter == other.jitter;
}

decision create(const schedule_id& id, std::shared_ptr<const schedule_spec> spec, recurrence rule,
                bool enabled, const surroundings& around) {
  schedule fresh;
  fresh.id = id;
  fresh.spec = std::move(spec);
  fresh.status = enabled ? schedule_status::active : schedule_status::paused;
  fresh.created_at = around.now;
  fresh.updated_at = around.now;
  fresh.cursor = around.now;
  fresh.counted_last = rule.counted_last();
  if (!enabled)
    fresh.paused_at = around.now;
  const state empty{std::move(fresh), std::move(rule)};
  steps made{empty, around};
  made.answer_due();
  made.refresh();
  return std::move(made.now_);
}

expected<decision> apply(const state& subject, const schedule_change& what,
                         const surroundings& around) {
  return std::visit([&](const auto& event) { return on(subject, event, around); }, what);
}

}  // namespace carillon::schedule_lifecycle
