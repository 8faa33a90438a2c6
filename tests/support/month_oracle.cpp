#include "tests/support/month_oracle.hpp"

#include <algorithm>

namespace carillon::test {
namespace {

using namespace std::chrono_literals;

constexpr duration grain{1};
/// How late a decision may be without a downtime: the disk was full.
constexpr duration trouble_max = 10s;
/// How far the clock may go on before a word to a task, lost to a full disk, is said again.
constexpr duration retold_max = 1h;

recurrence compiled(const schedule_spec& spec, instant anchor, const zone_source& zones) {
  return recurrence::compile({spec.kind, spec.expr, spec.timezone, spec.dst, anchor}, zones, "", "")
      .value();
}

/// Asked of a rule with one known moment.
duration jitter_of(const schedule_id& id, const schedule_spec& spec, const zone_source& zones) {
  const auto known = *parse_instant("2030-01-01T00:00:00Z");
  schedule_spec once;
  once.kind = schedule_kind::once;
  once.expr = format_instant(known);
  once.jitter = spec.jitter;
  schedule probe;
  probe.id = id;
  probe.spec = std::make_shared<const schedule_spec>(once);
  return moments{probe, compiled(once, {}, zones)}.next(known - grain)->at - known;
}

end_reason reason_of(const task& one) {
  const auto* end = std::get_if<ended>(&one.state);
  return end != nullptr ? end->reason : end_reason::success;
}

bool is_of_moment(const task& one) {
  return one.spec->cause != trigger_cause::api && one.spec->cause != trigger_cause::event;
}

/// When it claimed its key, at the earliest.
instant begun_from(const task& one) {
  return std::max(one.spec->scheduled_for, one.spec->created_at);
}

}  // namespace

// -- rules ------------------------------------------------------------------------

rule_in_force::rule_in_force(const diary& about, std::size_t which, instant end,
                             const zone_source& zones)
    : from{about.definitions[which].from},
      to{which + 1 < about.definitions.size() ? about.definitions[which + 1].from : end},
      spec{about.definitions[which].spec},
      rule_{compiled(*spec, about.created_at, zones)},
      offset_{jitter_of(about.id, *spec, zones)} {}

std::vector<moment> rule_in_force::within(instant after, instant until) const {
  std::vector<moment> found;
  auto from_moment = after - offset_;
  if (spec->start_at && from_moment < *spec->start_at)
    from_moment = *spec->start_at - grain;
  for (auto one = rule_.next(from_moment); one; one = rule_.next(one->at)) {
    if (one->at + offset_ > until || (spec->end_at && one->at > *spec->end_at))
      break;
    found.push_back({one->at + offset_, one->runs});
  }
  return found;
}

std::optional<moment> rule_in_force::at(instant when) const {
  const auto found = within(when - grain, when);
  return found.empty() ? std::nullopt : std::optional{found.front()};
}

// -- one schedule -------------------------------------------------------------------

oracle::oracle(const diary& about, const std::vector<const task*>& tasks, const chronicle& record,
               instant end, const zone_source& zones)
    : about_{about}, tasks_{tasks}, record_{record} {
  for (std::size_t which = 0; which < about.definitions.size(); ++which)
    rules_.emplace_back(about, which, end, zones);
  for (const auto* one : tasks) {
    if (!is_of_moment(*one))
      continue;
    ++found_.records;
    if (one->spec->stands_for)
      ranges_.emplace(one->spec->scheduled_for, one);
    else
      singles_.emplace(one->spec->scheduled_for, one);
  }
}

verdict oracle::judge() {
  judge_moments();
  for (const auto& [at, one] : singles_)
    judge_single(*one);
  for (const auto& [at, one] : ranges_)
    judge_range(*one);
  judge_catch_up();
  judge_requests();
  judge_starts();
  judge_skips();
  return std::move(found_);
}

void oracle::complain(const task& one, const std::string& what) {
  found_.faults.push_back(to_text(about_.id) + " at " + format_instant(one.spec->scheduled_for)
                          + ", " + to_text(one.id) + " of " + format_instant(one.spec->created_at)
                          + ": " + what);
}

/// At the instant of an edit both are.
std::vector<const rule_in_force*> oracle::in_force(instant when) const {
  std::vector<const rule_in_force*> found;
  for (const auto& rule : rules_)
    if (rule.from <= when && (when <= rule.to || &rule == &rules_.back()))
      found.push_back(&rule);
  return found;
}

void oracle::judge_moments() {
  for (const auto& rule : rules_)
    for (const auto& owed : rule.owed()) {
      ++found_.moments;
      if (singles_.contains(owed.at))
        continue;
      auto covered = 0;
      for (auto range = ranges_.begin(); range != ranges_.upper_bound(owed.at); ++range)
        covered += range->second->spec->stands_for->last >= owed.at ? 1 : 0;
      found_.gaps += covered == 0 ? 1 : 0;
      found_.doubles += covered > 1 ? 1 : 0;
      if (covered != 1)
        found_.faults.push_back(to_text(about_.id) + " \"" + rule.spec->expr + "\" at "
                                + format_instant(owed.at) + ": in " + std::to_string(covered)
                                + " records");
    }
}

void oracle::judge_single(const task& one) {
  const auto when = one.spec->scheduled_for;
  const auto made = one.spec->created_at;
  if (singles_.count(when) > 1) {
    ++found_.doubles;
    complain(one, "not the only record of its moment");
  }
  bool is_early = false;
  for (const auto* rule : in_force(made)) {
    const auto known = rule->at(when);
    const bool is_filled = one.spec->cause == trigger_cause::backfill;
    if (!known || (when <= rule->from && !is_filled))
      continue;
    is_early = when > made + rule->spec->lead && !about_.was_snoozed;
    if (is_early)
      continue;
    judge_reason(one, *known);
    return;
  }
  complain(one, is_early ? "was made before its lead" : "a record without a moment");
}

void oracle::judge_range(const task& one) {
  const auto& range = *one.spec->stands_for;
  const auto first = one.spec->scheduled_for;
  if (singles_.lower_bound(first) != singles_.upper_bound(range.last))
    complain(one, "a range that reaches over another record");
  for (const auto* rule : in_force(one.spec->created_at)) {
    const auto stood_for = rule->within(first - grain, range.last);
    if (first <= rule->from || std::ssize(stood_for) != range.count || stood_for.front().at != first
        || stood_for.back().at != range.last)
      continue;
    for (const auto& at : stood_for)
      judge_reason(one, at);
    return;
  }
  complain(one, "a range of " + std::to_string(range.count) + " that fits no rule");
}

// -- reasons ------------------------------------------------------------------------

bool oracle::was_paused(instant at) const {
  return std::ranges::any_of(about_.pauses, [&](const pause_span& span) {
    return span.from < at && (!span.to || at <= *span.to);
  });
}

bool oracle::was_up(instant from, instant to) const {
  return std::ranges::none_of(
      record_.downtimes, [&](const downtime& span) { return span.from <= to && from <= span.to; });
}

bool oracle::was_down(instant at, instant decided) const {
  return std::ranges::any_of(record_.downtimes, [&](const downtime& span) {
    return span.from <= at + trouble_max && at + missed_grace <= span.to + trouble_max
           && span.to <= decided;
  });
}

void oracle::judge_reason(const task& one, const moment& stood_for) {
  const auto reason = reason_of(one);
  const auto decided = one.spec->created_at;
  const auto& overlap = rules_.front().spec->overlap;  // no edit changes it
  const auto allow = [&](bool is_right, const char* what) {
    if (!is_right)
      complain(one, std::string{to_string(reason)} + ": " + what);
  };
  const bool made_ahead = decided < stood_for.at;
  const bool as_paused = reason == end_reason::paused;
  if (!stood_for.runs)
    allow(reason == end_reason::dst_repeat || as_paused, "the second pass of a repeated hour");
  if (reason == end_reason::dst_repeat)
    allow(!stood_for.runs, "no repeated hour");
  if (as_paused && made_ahead)
    allow(about_.was_snoozed, "it was made already");
  if (as_paused)
    allow(was_paused(stood_for.at) || about_.was_snoozed, "no pause");
  else if (one.spec->cause != trigger_cause::backfill && !made_ahead)
    allow(!was_paused(stood_for.at), "made in a pause");
  if (reason == end_reason::missed || one.spec->cause == trigger_cause::catch_up)
    allow(was_down(stood_for.at, decided), "the server was there");
  if (reason == end_reason::overlap)
    allow(overlap.policy == overlap_policy::skip, "another policy");
  if (reason == end_reason::queue_full)
    allow(overlap.policy == overlap_policy::queue, "another policy");
  if (reason == end_reason::replaced)
    allow(overlap.policy == overlap_policy::terminate, "another policy");
}

/// By the instant at which they were decided.
void oracle::judge_catch_up() {
  std::map<instant, std::vector<const task*>> decided;
  for (const auto* one : tasks_)
    if (is_of_moment(*one)
        && (one->spec->cause == trigger_cause::catch_up || reason_of(*one) == end_reason::missed))
      decided[one->spec->created_at].push_back(one);
  for (const auto& [at, records] : decided)
    judge_missed(at, records);
}

void oracle::judge_missed(instant decided, const std::vector<const task*>& records) {
  const auto known = in_force(decided);
  if (known.size() != 1)
    return;
  const auto& rules = known.front()->spec->catch_up;
  const auto most = rules.policy == catch_up_policy::skip     ? 0
                    : rules.policy == catch_up_policy::latest ? 1
                                                              : rules.limit;
  const auto oldest = rules.window ? decided - *rules.window : instant::min();
  auto caught = 0;
  std::optional<instant> newest_missed;
  std::optional<instant> oldest_caught;
  for (const auto* one : records) {
    const auto& spec = *one->spec;
    if (spec.cause == trigger_cause::catch_up) {
      ++caught;
      oldest_caught = std::min(oldest_caught.value_or(spec.scheduled_for), spec.scheduled_for);
      if (spec.scheduled_for < oldest)
        complain(*one, "caught up beyond the window");
      continue;
    }
    const auto last = spec.stands_for ? spec.stands_for->last : spec.scheduled_for;
    newest_missed = std::max(newest_missed.value_or(last), last);
  }
  if (caught > most)
    complain(*records.front(), "more is caught up than its policy allows");
  if (newest_missed && oldest_caught && *newest_missed > *oldest_caught)
    complain(*records.front(), "an older one is caught up");
  auto on_time = known.front()->within(decided - missed_grace - grain, decided);
  std::erase_if(on_time, [](const moment& at) { return !at.runs; });
  const bool is_latest_there = rules.policy == catch_up_policy::latest && !on_time.empty();
  if (newest_missed && *newest_missed >= oldest && caught < most && !is_latest_there)
    complain(*records.front(), "one is not caught up that its policy wants");
}

// -- extra runs, starts ---------------------------------------------------------------

void oracle::judge_requests() {
  std::int64_t extras = 0;
  for (const auto* one : tasks_)
    extras += is_of_moment(*one) ? 0 : 1;
  const auto asked = std::ssize(about_.runs);
  if (extras < asked || extras > asked + about_.runs_unanswered)
    found_.faults.push_back(to_text(about_.id) + ": " + std::to_string(extras)
                            + " extra runs, acknowledged " + std::to_string(asked));
  for (const auto& id : about_.runs)
    if (!std::ranges::binary_search(tasks_, id, {}, [](const task* one) { return one->id; }))
      found_.faults.push_back(to_text(id) + ": acknowledged and lost");
}

void oracle::judge_starts() {
  for (const auto* one : tasks_) {
    const auto moved = record_.moved.find(one->id);
    const auto due = moved == record_.moved.end() ? one->spec->scheduled_for : moved->second;
    if (one->triggered_at && *one->triggered_at < due && !record_.triggered.contains(one->id))
      complain(*one, "was due before its time");
    const bool is_ahead = one->spec->created_at < due;
    if (is_ahead && one->triggered_at && *one->triggered_at > due + retold_max
        && was_up(due, *one->triggered_at))
      complain(*one, "was made ahead and late");
    // A snooze may have moved one far ahead before its schedule was deleted.
    const bool is_to_come = about_.closed_at && status_of(*one) == task_status::scheduled
                            && due_at(*one) > record_.ended_at;
    if (!has_ended(*one) && !is_to_come)
      complain(*one, "has not ended, but is " + std::string{to_string(status_of(*one))});
  }
}

/// What was skipped or not queued had another one in its way.
void oracle::judge_skips() {
  std::map<instant, instant> busy_until;  // by the start
  for (const auto* one : tasks_) {
    // One that expired when its time came was in the way at that instant.
    const bool has_expired = status_of(*one) == task_status::expired;
    if (!one->triggered_at && !has_expired)
      continue;
    const auto until = finished_at(*one).value_or(instant::max());
    auto& latest = busy_until[one->triggered_at.value_or(until)];
    latest = std::max(latest, until);
  }
  auto latest = instant::min();
  for (auto& [from, until] : busy_until)
    latest = until = std::max(latest, until);
  for (const auto* one : tasks_) {
    const auto reason = reason_of(*one);
    if (reason != end_reason::overlap && reason != end_reason::queue_full)
      continue;
    const auto when = *finished_at(*one);
    const auto before = busy_until.upper_bound(when);
    if (before == busy_until.begin() || std::prev(before)->second + retold_max < when)
      complain(*one, "skipped though nothing was in its way");
  }
}

// -- over all schedules ---------------------------------------------------------------

std::vector<std::string> judge_dedupe(const std::vector<task>& tasks, const chronicle& record) {
  std::map<schedule_id, const schedule_spec*> specs;
  for (const auto& about : record.schedules)
    specs[about.id] = about.definitions.front().spec.get();
  std::map<task_id, const task*> by_id;
  std::map<std::string, std::map<instant, const task*>> begun;
  std::vector<std::string> faults;
  for (const auto& one : tasks)
    by_id[one.id] = &one;
  for (const auto& one : tasks) {
    const auto* spec = one.spec->schedule ? specs[*one.spec->schedule] : nullptr;
    if (spec == nullptr || spec->dedupe_window == duration{0})
      continue;
    const auto key = spec->dedupe_key.empty() ? to_text(*one.spec->schedule) : spec->dedupe_key;
    if (one.triggered_at && !record.triggered.contains(one.id)
        && !begun[key].emplace(*one.triggered_at, &one).second)
      faults.push_back(to_text(one.id) + ": began together with another of its key");
    if (reason_of(one) != end_reason::deduplicated)
      continue;
    const auto first = by_id.find(std::get<ended>(one.state).because_of.value_or(task_id{}));
    if (first == by_id.end())
      faults.push_back(to_text(one.id) + ": deduplicated by a task that is not there");
    else if (first->second->triggered_at
             && *first->second->triggered_at + spec->dedupe_window <= std::get<ended>(one.state).at)
      faults.push_back(to_text(one.id) + ": deduplicated after the window");
  }
  for (const auto& [key, all] : begun)
    for (auto one = all.begin(); one != all.end() && std::next(one) != all.end(); ++one) {
      const auto& [at, later] = *std::next(one);
      const auto window = specs[*later->spec->schedule]->dedupe_window;
      if (at - begun_from(*one->second) < window)
        faults.push_back(to_text(later->id) + ": began within the window of its key");
    }
  return faults;
}

}  // namespace carillon::test
