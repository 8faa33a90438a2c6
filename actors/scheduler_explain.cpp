#include "actors/scheduler_parts.hpp"
#include "storage/schedule_store.hpp"

// The part of the scheduler that says why a task does not run. The facts are gathered one after the
// other, so they need not be of one moment.

namespace carillon {
namespace {

using explained = answer<task_explanation>;

/// What memory and the store know of what the task waits for.
task_surroundings look_around_task(const house& home, const storage::task_store& store,
                                   const task& subject) {
  task_surroundings around;
  const auto queue = queue_of(*subject.spec);
  around.queue = home.queue_rules->find(queue).settings;
  around.queue_holders = home.gates->holders_of(limit_of_queue(queue, {}).key);
  if (const auto& key = subject.spec->limit.key; !key.empty())
    around.key_holders = home.gates->holders_of(key);
  around.calls_per_host = home.settings.calls_per_host;
  if (!subject.spec->schedule || !facts_of(subject).is_held)
    return around;
  for (const auto& open : storage::schedule_store{store.disk()}.open_tasks(*subject.spec->schedule))
    if (open.id != subject.id && !open.is_held && open.status != task_status::scheduled)
      around.siblings.push_back(open.id);
  return around;
}

void ask_host(const house& home, const task_ptr& subject, task_surroundings around,
              const explained& reply) {
  const std::string host{host_of_queue(queue_of(*subject->spec))};
  auto heard = [subject, around = std::move(around),
                reply](const expected<std::vector<host_facts>>& found) mutable {
    if (found && !found->empty()) {
      const auto& known = found->front();
      around.host = {known.state, known.rests_until, known.calls, known.last_failure};
    }
    reply(explain(*subject, around));
  };
  caf::anon_send(home.dispatcher,
                 list_hosts{host, answer<std::vector<host_facts>>{std::move(heard)}});
}

void ask_queue(const house& home, const task_ptr& subject, task_surroundings around,
               const explained& reply) {
  const auto queue = queue_of(*subject->spec);
  auto heard = [subject, around = std::move(around),
                reply](const expected<queue_demand>& found) mutable {
    if (found) {
      around.askers = found->asking;
      around.last_asked = found->last_asked;
    }
    reply(explain(*subject, around));
  };
  caf::anon_send(home.queue_for(queue), look_at_queue{queue, answer<queue_demand>{heard}});
}

}  // namespace

void scheduler::explain_task(const task_id& id, explained reply) const {
  parts_->queries.post(
      [&home = parts_->home, id, reply = std::move(reply)](const storage::task_store& store) {
        auto found = store.load_record(id);
        if (!found)
          return reply(found.error());
        if (!*found)
          return reply(problem{problem_kind::not_found, "no such task"});
        const auto subject = std::make_shared<const task>(**std::move(found));
        auto around = look_around_task(home, store, *subject);
        const auto queue = queue_of(*subject->spec);
        if (!std::holds_alternative<queued>(subject->state))
          return reply(explain(*subject, around));
        if (is_host_queue(queue))
          return ask_host(home, subject, std::move(around), reply);
        ask_queue(home, subject, std::move(around), reply);
      });
}

}  // namespace carillon
