#include "tests/support/month_receiver.hpp"

namespace carillon::test {

using namespace std::chrono_literals;

constexpr std::size_t starts_compared = 20;

receiver::receiver(actor_world& world, dice& random, chronicle& record)
    : world_{world}, random_{random}, record_{record} {
  world_.on_call = [this](std::size_t which) { on_call(which); };
}

void receiver::on_call(std::size_t which) {
  check(which);
  const auto now = world_.now();
  const int status = is_kind_ || random_.percent(80) ? 200 : random_.percent(85) ? 500 : 410;
  const auto lasts = is_kind_ || random_.percent(75) ? duration{0} : random_.between(1s, 40min);
  waiting_.emplace(now + lasts, waiting_call{which, status});
}

bool receiver::answer_due() {
  bool was_any = false;
  while (!waiting_.empty() && waiting_.begin()->first <= world_.now()) {
    const auto [which, status] = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    was_any |= !world_.calls()[which].ended;
    world_.answer_call(which, status);
  }
  return was_any;
}

void receiver::check(std::size_t which) {
  const auto& call = world_.calls()[which];
  const auto subject = world_.stored(call.id);
  const auto complain = [&](const char* what) {
    record_.faults.push_back(to_text(call.id) + ": " + what);
  };
  if (!subject) {
    complain("was called and is not on disk");
    return;
  }
  if (!seen_.emplace(call.id, call.attempt).second)
    complain("an attempt was called twice");
  const auto moved = record_.moved.find(call.id);
  const auto due = moved == record_.moved.end() ? subject->spec->scheduled_for : moved->second;
  if (call.at < due && !record_.triggered.contains(call.id))
    complain("was called before its time");
  check_overlap(which, *subject);
}

void receiver::check_overlap(std::size_t which, const task& subject) {
  const auto& maker = *subject.spec->schedule;
  auto known = callers_.find(maker);
  if (known == callers_.end())
    known =
        callers_.emplace(maker, caller{world_.stored_schedule(maker)->spec->overlap, {}, {}}).first;
  auto& [rules, open, started] = known->second;
  if (rules.policy == overlap_policy::allow || record_.triggered.contains(subject.id))
    return;
  std::erase_if(open, [&](std::size_t one) { return world_.calls()[one].ended; });
  open.insert(which);
  if (std::ssize(open) > rules.parallelism)
    record_.faults.push_back(to_text(maker) + ": more than its parallelism at once");
  if (rules.parallelism > 1 || world_.calls()[which].attempt > 1)
    return;
  for (const auto& [triggered, id] : started)
    if (*subject.triggered_at < triggered && subject.id < id)
      record_.faults.push_back(to_text(id) + ": overtook one that waited longer");
  started.emplace_back(*subject.triggered_at, subject.id);
  if (started.size() > starts_compared)
    started.pop_front();
}

}  // namespace carillon::test
