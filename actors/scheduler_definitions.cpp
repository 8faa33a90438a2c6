#include <utility>

#include "actors/gather.hpp"
#include "actors/scheduler_parts.hpp"
#include "storage/schedule_store.hpp"

// The part of the scheduler that is about the operator's file and what its commands print.

namespace carillon {
namespace {

const problem no_such_definition{problem_kind::not_found, "no such task"};

definition_changes told(const definition_plan& plan) {
  definition_changes changes;
  for (const auto& each : plan.added)
    changes.added.push_back(each.spec->name);
  for (const auto& each : plan.changed)
    changes.changed.push_back({each.spec->name, each.reasons});
  for (const auto& [name, id] : plan.removed)
    changes.removed.push_back(name);
  return changes;
}

}  // namespace

void scheduler::apply_definitions(std::vector<definition> wanted,
                                  answer<definition_changes> reply) {
  auto& book = parts_->definitions;
  if (!book.begin_reload())
    return reply(problem{problem_kind::conflict, "a reload is under way"});
  const answer<definition_changes> done{[&book, reply](expected<definition_changes> changes) {
    book.end_reload();
    reply(std::move(changes));
  }};
  parts_->lookups.post([this, wanted = std::move(wanted), done](const storage::task_store& store) {
    auto plan = plan_definitions(wanted, parts_->definitions.all(), store, parts_->zones, now());
    if (!plan)
      return done(plan.error());
    carry_out(*std::move(plan), done);
  });
}

void scheduler::carry_out(definition_plan plan, const answer<definition_changes>& done) {
  auto& book = parts_->definitions;
  const auto count = plan.added.size() + plan.changed.size() + plan.removed.size();
  if (count == 0)
    return done(definition_changes{});
  auto all = std::make_shared<gather<bool>>(
      count, [changes = told(plan), done](const std::vector<expected<bool>>& outcomes) {
        for (const auto& outcome : outcomes)
          if (!outcome)
            return done(outcome.error());
        done(changes);
      });
  std::size_t slot = 0;
  const auto told_to = [&](auto kind, std::function<void()> note) {
    using value = typename decltype(kind)::type;
    return answer<value>{[reply = slot_of(all, slot++), note](const expected<value>& outcome) {
      if (!outcome)
        return reply(outcome.error());
      note();
      reply(true);
    }};
  };
  for (auto& each : plan.added) {
    const auto id = parts_->ids.next_schedule(now());
    const auto& name = each.spec->name;
    caf::anon_send(parts_->home.keeper_for(id),
                   make_schedule{id, each.spec, std::move(each.rule), true,
                                 told_to(std::type_identity<schedule_ptr>{},
                                         [&book, name, id] { book.put(name, id); })});
  }
  const auto tell = [&](const schedule_id& id, std::variant<schedule_change, schedule_patch> what,
                        answer<schedule_outcome> reply) {
    ask_schedules batch;
    batch.asks.push_back({id, std::move(what), std::move(reply), {}, true});
    caf::anon_send(parts_->home.keeper_for(id), std::move(batch));
  };
  for (auto& each : plan.changed) {
    schedule_patch patch;
    patch.apply = [spec = each.spec](const schedule_spec&) -> expected<schedule_spec> {
      return *spec;
    };
    tell(each.id, std::move(patch), told_to(std::type_identity<schedule_outcome>{}, [] {}));
  }
  for (auto& [name, id] : plan.removed)
    tell(id, schedule_change{schedule_event::remove{}},
         told_to(std::type_identity<schedule_outcome>{}, [&book, name] { book.erase(name); }));
}

// -- questions --------------------------------------------------------------------

void scheduler::find_definition(const std::string& name, answer<schedule_ptr> reply) const {
  const auto id = parts_->definitions.find(name);
  if (!id)
    return reply(no_such_definition);
  find_schedule(*id, std::move(reply));
}

void scheduler::list_definitions(answer<std::vector<schedule_ptr>> reply) const {
  parts_->queries.post([this, reply = std::move(reply)](const storage::task_store& store) {
    const storage::schedule_store schedules{store.disk()};
    std::vector<schedule_ptr> found;
    for (const auto& [name, id] : parts_->definitions.all()) {
      auto one = schedules.load(id);
      if (!one)
        return reply(one.error());
      if (*one)
        found.push_back(std::make_shared<const schedule>(**std::move(one)));
    }
    reply(std::move(found));
  });
}

void scheduler::ask_definition(const std::string& name, schedule_request asked,
                               answer<schedule_outcome> reply) {
  const auto id = parts_->definitions.find(name);
  if (!id)
    return reply(no_such_definition);
  tell_schedule(*id, std::move(asked), true, std::move(reply));
}

// -- what commands print ------------------------------------------------------------

void scheduler::read_log(const task_id& run, std::int64_t from, std::size_t limit,
                         answer<storage::log_page> reply) const {
  parts_->queries.post(
      [this, run, from, limit, reply = std::move(reply)](const storage::task_store&) {
        reply(parts_->logs.read(run, from, limit));
      });
}

void scheduler::read_raw_log(const task_id& run, std::uint64_t offset, std::size_t limit,
                             answer<storage::log_bytes> reply) const {
  parts_->queries.post(
      [this, run, offset, limit, reply = std::move(reply)](const storage::task_store&) {
        reply(parts_->logs.read_raw(run, offset, limit));
      });
}

change_feed& scheduler::changes() const {
  return parts_->home.changes;
}

run_feed& scheduler::runs() const {
  return parts_->runs;
}

}  // namespace carillon
