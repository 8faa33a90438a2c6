#include <algorithm>

#include "model/schedule_steps.hpp"

// The instances of a service: each is a slot with at most one open task.

namespace carillon::schedule_lifecycle {
namespace {

/// So many short runs in a row are a loop: then it waits, whatever the rules say.
constexpr int failures_of_loop = 5;
constexpr duration wait_in_loop = std::chrono::seconds{1};

/// A server that stops starts nothing more; its next start does not wait for this.
constexpr duration until_next_start = std::chrono::minutes{5};

const event::cancel stop_order{false, end_reason::stopped};

duration wait_before(const service_rules& rules, int failures, std::uint64_t seed) {
  const auto wait = backoff(rules.waits, failures, seed);
  return failures > failures_of_loop ? std::max(wait, wait_in_loop) : wait;
}

bool stays_ended(const service_rules& rules, end_reason reason) {
  return rules.restart == restart_policy::never
         || (rules.restart == restart_policy::on_failure && reason == end_reason::success);
}

}  // namespace

open_task* steps::instance_task(int instance) {
  auto& open = now_.next.open;
  const auto found = std::ranges::find(open, instance, &open_task::instance);
  return found == open.end() ? nullptr : &*found;
}

void steps::start_instance(int instance) {
  const auto id = around_.new_id();
  auto spec = spec_for(around_.now, trigger_cause::service);
  spec->instance = instance;
  auto task = lifecycle::create_due(id, std::move(spec), {admission::run}, around_.now);
  open_task open{id, status_of(task.next), false, around_.now, around_.now};
  open.instance = instance;
  now_.next.open.push_back(std::move(open));
  now_.made.push_back(std::move(task));
  began(around_.now);
}

void steps::keep_instances() {
  auto& subject = now_.next.subject;
  if (subject.spec->kind != schedule_kind::service || subject.status != schedule_status::active)
    return;
  const int wanted = subject.spec->service.instances;
  subject.slots.resize(static_cast<std::size_t>(wanted));
  for (auto& one : now_.next.open)
    if (one.instance >= wanted && !one.ordered)
      give_up(one, stop_order);
  for (int instance = 0; instance < wanted; ++instance) {
    auto& slot = subject.slots[static_cast<std::size_t>(instance)];
    if (slot.is_done || instance_task(instance) != nullptr)
      continue;
    // Without a time it was on when the server ended, or is new.
    if (slot.start_at.value_or(around_.now) > around_.now)
      continue;
    slot.start_at.reset();
    start_instance(instance);
  }
}

void steps::start_instances() {
  auto& subject = now_.next.subject;
  if (subject.spec->kind == schedule_kind::service)
    subject.slots.assign(static_cast<std::size_t>(subject.spec->service.instances), {around_.now});
}

void steps::resume_instances() {
  for (auto& slot : now_.next.subject.slots)
    if (slot.start_at)
      slot.start_at = around_.now;
  keep_instances();
}

void steps::stop_instances() {
  now_.next.subject.slots.clear();
  for (auto& one : now_.next.open)
    give_up(one, stop_order);
}

void steps::replace_instances() {
  auto& slots = now_.next.subject.slots;
  for (std::size_t at = 0; at < slots.size(); ++at) {
    // Whatever is off is started at once.
    const bool is_on = instance_task(static_cast<int>(at)) != nullptr;
    slots[at] = is_on ? service_slot{{}, 0, false, true} : service_slot{around_.now};
  }
  keep_instances();
  replace_next();
}

void steps::replace_next() {
  auto& subject = now_.next.subject;
  if (subject.status != schedule_status::active)
    return;
  const auto& open = now_.next.open;
  const bool all_are_on = std::ranges::all_of(open, [&](const open_task& one) {
    const auto instance = static_cast<std::size_t>(one.instance);
    const bool makes_room = instance < subject.slots.size() && subject.slots[instance].start_at;
    return one.status == task_status::processing && !one.ordered && !makes_room;
  });
  if (!all_are_on)
    return;
  for (std::size_t at = 0; at < subject.slots.size(); ++at) {
    auto& slot = subject.slots[at];
    auto* task = instance_task(static_cast<int>(at));
    if (!slot.is_replaced || task == nullptr)
      continue;
    slot = {around_.now};
    give_up(*task, stop_order);
    return;
  }
}

void steps::instance_ended(const schedule_event::told& news) {
  auto& subject = now_.next.subject;
  const auto instance = static_cast<std::size_t>(news.now.instance);
  if (subject.status != schedule_status::active || instance >= subject.slots.size())
    return;
  auto& slot = subject.slots[instance];
  const auto& rules = subject.spec->service;
  if (slot.is_done || instance_task(news.now.instance) != nullptr)  // old news
    return;
  if (slot.start_at)  // it was stopped so that another one takes its place
    return keep_instances();
  if (stays_ended(rules, news.reason)) {
    slot = {{}, 0, true};
    return;
  }
  if (news.reason == end_reason::server_stopped) {
    slot = {around_.now + until_next_start, slot.failures};
    return;
  }
  if (news.reason == end_reason::crashed) {  // with the server: no fault of the service
    slot = {around_.now, slot.failures};
    return keep_instances();
  }
  const int failures = news.lasted >= restart_reset ? 1 : slot.failures + 1;
  slot = {around_.now + wait_before(rules, failures, random_part(subject.id) + instance), failures};
  keep_instances();
}

}  // namespace carillon::schedule_lifecycle
