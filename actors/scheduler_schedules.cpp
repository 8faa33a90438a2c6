#include <utility>

#include "actors/schedule_prepare.hpp"
#include "actors/scheduler_parts.hpp"
#include "storage/schedule_record.hpp"
#include "storage/schedule_store.hpp"

// The part of the scheduler that is about schedules and events.

namespace carillon {
namespace {

const problem no_such_schedule{problem_kind::not_found, "no such schedule"};

std::variant<schedule_change, schedule_patch> to_ask(schedule_request asked) {
  return std::visit(
      [](auto&& one) -> std::variant<schedule_change, schedule_patch> {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, schedule_patch>)
          return std::move(one);
        else
          return schedule_change{std::move(one)};
      },
      std::move(asked));
}

expected<explanation> explain_moment(const storage::task_store& store, const zone_source& zones,
                                     const schedule_id& id, instant at, instant now) {
  auto known = load_schedule(store, zones, id);
  if (!known)
    return known.error();
  if (!*known)
    return no_such_schedule;
  task_ptr record;
  if (const auto found = storage::schedule_store{store.disk()}.record_of(id, at)) {
    auto task = store.load(*found);
    if (!task)
      return task.error();
    if (*task)
      record = std::make_shared<const carillon::task>(**std::move(task));
  }
  const auto& subject = (*known)->subject;
  return explain(subject, moments{subject, (*known)->rule}, record, at, now);
}

}  // namespace

expected<recurrence> scheduler::compile(const recurrence_spec& spec,
                                        const rule_locations& locations) const {
  return recurrence::compile(spec, parts_->zones, locations.expr, locations.timezone);
}

// -- commands -------------------------------------------------------------------

void scheduler::create_schedule(new_schedule asked, answer<schedule_ptr> reply) {
  const auto there = parts_->store.open_schedules() + parts_->schedules_under_way;
  if (const auto most = parts_->schedules_max.load(); most > 0 && there >= most)
    return reply(too_many_schedules);
  reply = under_way(parts_->schedules_under_way, std::move(reply));
  // Compiling may have to count: away from the caller's thread.
  parts_->lookups.post([this, asked = std::move(asked),
                        reply = counted(std::move(reply))](const storage::task_store&) {
    const auto at = now();
    auto rule = compile_rule(*asked.spec, at, at, parts_->zones, asked.locations);
    if (!rule)
      return reply(rule.error());
    const auto id = parts_->ids.next_schedule(at);
    caf::anon_send(parts_->home.keeper_for(id),
                   make_schedule{id, asked.spec, *std::move(rule), asked.enabled, reply});
  });
}

void scheduler::ask_schedule(const schedule_id& id, schedule_request asked,
                             answer<schedule_outcome> reply, schedule_versions only_if) {
  const bool makes_tasks = std::holds_alternative<schedule_event::run>(asked)
                           || std::holds_alternative<schedule_event::backfill>(asked);
  if (makes_tasks && has_all_tasks())
    return reply(too_many_tasks);
  tell_schedule(id, std::move(asked), false, std::move(reply), std::move(only_if));
}

std::uint64_t scheduler::version_of(const schedule& subject) {
  return storage::version_of(subject);
}

void scheduler::tell_schedule(const schedule_id& id, schedule_request asked, bool by_file,
                              answer<schedule_outcome> reply, schedule_versions only_if) {
  ask_schedules batch;
  batch.asks.push_back(
      {id, to_ask(std::move(asked)), counted(std::move(reply)), {}, by_file, std::move(only_if)});
  caf::anon_send(parts_->home.keeper_for(id), std::move(batch));
}

// -- questions --------------------------------------------------------------------

void scheduler::find_schedule(const schedule_id& id, answer<schedule_ptr> reply) const {
  parts_->queries.post([id, reply = std::move(reply)](const storage::task_store& store) {
    auto found = storage::schedule_store{store.disk()}.load(id);
    if (!found)
      return reply(found.error());
    if (!*found)
      return reply(no_such_schedule);
    reply(std::make_shared<const schedule>(**std::move(found)));
  });
}

void scheduler::explain(const schedule_id& id, instant at, answer<explanation> reply) const {
  parts_->queries.post([this, id, at, reply = std::move(reply)](const storage::task_store& store) {
    reply(explain_moment(store, parts_->zones, id, at, now()));
  });
}

}  // namespace carillon
