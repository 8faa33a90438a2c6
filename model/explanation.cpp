#include "model/explanation.hpp"

#include <utility>

#include "model/overloaded.hpp"

namespace carillon {
namespace {

constexpr duration grain{1};

/// Writes the instants of one sentence: those of the day in question by their time alone.
class teller {
public:
  explicit teller(instant subject) : subject_{subject} {}

  /// "10:15 UTC"
  [[nodiscard]] std::string subject() const { return clock_of(subject_) + " UTC"; }
  /// "10:15", or "2030-08-02 10:15" when it is another day's.
  [[nodiscard]] std::string time(instant at) const {
    const auto day = [](instant any) { return format_instant(any).substr(0, 10); };
    return day(at) == day(subject_) ? clock_of(at) : day(at) + " " + clock_of(at);
  }

private:
  /// Seconds only where there are any.
  static std::string clock_of(instant at) {
    const auto text = format_instant(at);
    return text.ends_with(":00Z") ? text.substr(11, 5) : text.substr(11, text.size() - 12);
  }

  instant subject_;
};

struct verdict {
  std::string word;
  std::string rest;  ///< Of the sentence, after the moment.
};

// -- moments with a record ----------------------------------------------------------

/// The moment that "latest" ran instead of those it left out.
std::optional<instant> latest_before(const schedule& subject, const moments& all, instant decided) {
  auto at = all.previous(decided + grain);
  while (at && !at->runs)
    at = all.previous(at->at);
  const auto& window = subject.spec->catch_up.window;
  const bool is_late = at && at->at < decided - missed_grace;
  if (!at || (is_late && window && at->at < decided - *window))
    return std::nullopt;
  return at->at;
}

std::string why_missed(const schedule& subject, const moments& all, const task_spec& record,
                       instant decided, const teller& tell) {
  const auto& rules = subject.spec->catch_up;
  const std::string begin = " was missed: the server did not run then, and ";
  if (rules.policy == catch_up_policy::skip)
    return begin + "catch_up=skip runs nothing late";
  if (rules.window && record.scheduled_for < decided - *rules.window)
    return begin + "at " + tell.time(decided) + " it was older than the catch-up window";
  if (rules.policy == catch_up_policy::all)
    return begin + "catch_up=all runs only the newest " + std::to_string(rules.limit);
  if (const auto newest = latest_before(subject, all, decided))
    return begin + "catch_up=latest ran only " + tell.time(*newest);
  return begin + "catch_up=latest runs only the newest";
}

verdict skipped_because(const schedule& subject, const moments& all, const task& record,
                        const ended& end, const teller& tell) {
  switch (end.reason) {
    case end_reason::missed:
      return {"missed", why_missed(subject, all, *record.spec, end.at, tell)};
    case end_reason::paused:
      return {"paused", " did not run: the schedule was paused"};
    case end_reason::overlap:
      return {"skipped", " was skipped: an earlier task of the schedule was still open"};
    case end_reason::queue_full:
      return {"skipped", " was skipped: too many tasks of the schedule were waiting already"};
    case end_reason::dst_repeat:
      return {"skipped",
              " was skipped: the clocks went back, and this local time runs in its other pass"};
    case end_reason::deduplicated:
      return {"skipped", " was skipped: a task with the same dedupe_key had begun within the window"
                             + (end.because_of ? ", " + to_text(*end.because_of) : std::string{})};
    default:
      return {"skipped", " was skipped: " + std::string{to_string(end.reason)}};
  }
}

verdict of_ended(const schedule& subject, const moments& all, const task& record, const ended& end,
                 const teller& tell) {
  if (end.status == task_status::skipped)
    return skipped_because(subject, all, record, end, tell);
  if (end.status == task_status::expired)
    return {"skipped", " did not run: its task expired before it started"};
  if (record.attempts.empty())
    return {"skipped", end.reason == end_reason::replaced
                           ? " did not run: a later task of the schedule took its place"
                           : " did not run: its task was canceled before it started"};
  const auto ran = " ran at " + tell.time(record.attempts.front().started_at);
  if (end.status == task_status::completed)
    return {"ran", ran + " and succeeded"};
  if (end.status == task_status::failed)
    return {"ran", ran + " and failed: " + std::string{to_string(end.reason)}};
  if (end.reason == end_reason::replaced)
    return {"ran", ran + " and was stopped for a later one"};
  return {"ran", ran + " and was stopped"};
}

verdict of_scheduled(const task& record, const scheduled& state, instant now, const teller& tell) {
  const auto due = due_at(record);
  if (due <= now)
    return {"owed", " is due: its task is about to be queued"};
  if (state.moved_to)
    return {"snoozed", " was snoozed: its task runs at " + tell.time(due)};
  return {"made_ahead", " will run: its task is made already"};
}

verdict of_record(const schedule& subject, const moments& all, const task& record, instant now,
                  const teller& tell) {
  return std::visit(
      overloaded{
          [&](const scheduled& state) { return of_scheduled(record, state, now, tell); },
          [&](const queued& state) {
            return state.held
                       ? verdict{"held", " waits for another task of the schedule to end"}
                       : verdict{"waiting", " waits for a worker since " + tell.time(state.since)};
          },
          [&](const processing&) {
            return verdict{"running",
                           " is running since " + tell.time(record.attempts.back().started_at)};
          },
          [&](const retrying& state) {
            return verdict{"waiting",
                           " failed so far and is tried again at " + tell.time(state.due_at)};
          },
          [&](const ended& end) { return of_ended(subject, all, record, end, tell); },
      },
      record.state);
}

// -- moments without one --------------------------------------------------------------

bool is_final(schedule_status status) {
  return status == schedule_status::canceled || status == schedule_status::deleted;
}

verdict of_no_moment(const schedule& subject, const explanation& made, const teller& tell) {
  const auto& spec = *subject.spec;
  if (spec.start_at && made.at < *spec.start_at)
    return {"before_start", " does not run: the schedule starts at " + tell.time(*spec.start_at)};
  if (spec.end_at && made.at > *spec.end_at)
    return {"after_end", " does not run: the schedule ended at " + tell.time(*spec.end_at)};
  if (subject.status == schedule_status::ended && !made.next_moment)
    return {"final", " does not run: the schedule has ended"
                         + (made.previous_moment
                                ? ", its last moment was " + tell.time(*made.previous_moment)
                                : std::string{})};
  return {"not_a_moment",
          " is no moment of the schedule"
              + (made.next_moment ? ": the next one is " + tell.time(*made.next_moment)
                                  : std::string{})};
}

verdict of_moment(const schedule& subject, const moment& it, instant now, const teller& tell) {
  if (it.at <= subject.created_at)
    return {"before_creation", " did not run: the schedule was made at "
                                   + tell.time(subject.created_at)
                                   + " and owes nothing for the time before"};
  if (is_final(subject.status) && it.at > subject.updated_at)
    return {"final", " does not run: the schedule was " + std::string{to_string(subject.status)}
                         + " at " + tell.time(subject.updated_at)};
  if (it.at <= subject.cursor)
    return {"no_record",
            " has no record: it was removed, or the schedule had another rule at that time"};
  if (subject.status == schedule_status::paused)
    return {"paused", (it.at <= now ? " did not run: the schedule is paused since "
                                    : " will not run: the schedule is paused since ")
                          + tell.time(subject.paused_at.value_or(subject.updated_at))};
  if (!it.runs)
    return {"skipped",
            " is left out: the clocks go back, and this local time runs in its other "
            "pass"};
  if (it.at <= now)
    return {"owed", " is due and not answered yet"};
  return {"planned", " will run"};
}

/// Whether the record stands for this very moment; one for a range only for those it counted.
bool is_record_of(const task& record, instant at, bool is_moment) {
  const auto& spec = *record.spec;
  return spec.scheduled_for == at
         || (spec.stands_for && (is_moment || spec.stands_for->last == at));
}

}  // namespace

explanation explain(const schedule& subject, const moments& all, const task_ptr& record, instant at,
                    instant now) {
  explanation made{at, {}, {}};
  const auto here = all.next(at - grain);
  const bool is_moment = here && here->at == at;
  if (const auto before = all.previous(at))
    made.previous_moment = before->at;
  if (const auto after = is_moment ? all.next(at) : here)
    made.next_moment = after->at;
  const teller tell{at};
  verdict found;
  if (record && is_record_of(*record, at, is_moment)) {
    made.record = record;
    made.range = record->spec->stands_for;
    found = of_record(subject, all, *record, now, tell);
  } else {
    found = is_moment ? of_moment(subject, *here, now, tell) : of_no_moment(subject, made, tell);
  }
  made.verdict = std::move(found.word);
  made.sentence = tell.subject() + found.rest;
  return made;
}

}  // namespace carillon
