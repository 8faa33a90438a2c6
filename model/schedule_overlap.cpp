#include "model/schedule_steps.hpp"

#include <algorithm>

// How the tasks of one schedule stand in each other's way.

namespace carillon::schedule_lifecycle {
namespace {

// An order counts as carried out before the task has confirmed it.

bool is_held(const open_task& one) {
  return one.ordered ? *one.ordered == admission::wait : one.is_held;
}

bool is_admitted(const open_task& one) {
  return one.ordered ? *one.ordered == admission::run
                     : one.status != task_status::scheduled && !one.is_held;
}

bool is_caught_up(trigger_cause cause) {
  return cause == trigger_cause::catch_up || cause == trigger_cause::backfill;
}

}  // namespace

event::due steps::overlap_verdict(trigger_cause cause) const {
  const auto& open = now_.next.open;
  const auto& rules = now_.next.subject.spec->overlap;
  const auto admitted = std::ranges::count_if(open, is_admitted);
  const auto held = std::ranges::count_if(open, is_held);
  if (rules.policy == overlap_policy::allow || (admitted < rules.parallelism && held == 0))
    return {admission::run};
  // What is caught up runs one behind the other, whatever the policy.
  if (is_caught_up(cause) || rules.policy == overlap_policy::terminate)
    return {admission::wait};
  if (rules.policy == overlap_policy::skip)
    return {admission::skip, end_reason::overlap};
  if (held < rules.queue_limit)
    return {admission::wait};
  return {admission::skip, end_reason::queue_full};
}

/// The one that waits already, else the oldest that runs. The new one is held until that has really
/// ended.
void steps::replace_oldest() {
  auto& open = now_.next.open;
  auto oldest = std::ranges::find_if(open, is_held);
  if (oldest == open.end())
    oldest = std::ranges::find_if(open, is_admitted);
  now_.orders.push_back({oldest->id, event::cancel{false, end_reason::replaced}});
  if (is_held(*oldest))
    oldest->ordered = admission::skip;
}

event::due steps::verdict(trigger_cause cause, const task_id& id) {
  const auto& subject = now_.next.subject;
  const auto& spec = *subject.spec;
  const auto decided = overlap_verdict(cause);
  if (decided.what == admission::skip)
    return decided;
  if (spec.dedupe_window > duration{0}) {
    const auto key = spec.dedupe_key.empty() ? to_uuid(subject.id) : spec.dedupe_key;
    const auto first = around_.dedupe->claim(key, spec.dedupe_window, around_.now, id);
    if (first && *first != id)  // its own claim was saved, and then the server ended
      return {admission::skip, end_reason::deduplicated, first};
    now_.claims.push_back({key, id, around_.now + spec.dedupe_window});
  }
  if (decided.what == admission::wait && spec.overlap.policy == overlap_policy::terminate
      && !is_caught_up(cause))
    replace_oldest();
  return decided;
}

void steps::admit_held() {
  auto& open = now_.next.open;
  const auto& rules = now_.next.subject.spec->overlap;
  const auto room = rules.policy == overlap_policy::allow ? std::ssize(open) : rules.parallelism;
  auto admitted = std::ranges::count_if(open, is_admitted);
  for (auto& one : open) {
    if (!is_held(one) || admitted >= room)
      continue;
    // Held by an order that is under way, it is admitted when it says so.
    if (one.ordered)
      break;
    one.ordered = admission::run;
    ++admitted;
    now_.orders.push_back({one.id, event::admit{}});
  }
}

}  // namespace carillon::schedule_lifecycle
