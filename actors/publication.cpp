#include "actors/publication.hpp"

#include <map>
#include <utility>

#include "actors/gather.hpp"
#include "actors/house.hpp"
#include "storage/schedule_store.hpp"
#include "storage/step_record.hpp"

namespace carillon {
namespace {

using heard = expected<schedule_outcome>;

/// The first `listeners.size()` answers are those of schedules, the others of tasks.
expected<published_event> outcome_of(const task_id& id, const std::vector<schedule_id>& listeners,
                                     const std::vector<heard>& answers) {
  published_event done{id, {}};
  for (std::size_t at = 0; at < answers.size(); ++at) {
    if (!answers[at] && answers[at].error().kind == problem_kind::unavailable)
      return answers[at].error();
    // One that was paused or deleted meanwhile does not listen any more.
    if (at < listeners.size() && answers[at] && !answers[at]->made.empty())
      done.triggered.emplace_back(listeners[at], answers[at]->made.back());
  }
  return done;
}

void tell_schedules(const house& home, const publication& what,
                    const std::vector<schedule_id>& listeners,
                    const std::shared_ptr<gather<schedule_outcome>>& all) {
  for (std::size_t at = 0; at < listeners.size(); ++at) {
    ask_schedules batch;
    batch.asks.push_back({listeners[at],
                          schedule_change{schedule_event::run{trigger_cause::event, what.payload}},
                          slot_of(all, at),
                          {},
                          false});
    caf::anon_send(home.keeper_for(listeners[at]), std::move(batch));
  }
}

void tell_tasks(const house& home, const publication& what, const std::vector<task_id>& waiters,
                std::size_t first_slot, const std::shared_ptr<gather<schedule_outcome>>& all) {
  std::map<unsigned, ask_tasks> by_shard;
  for (std::size_t at = 0; at < waiters.size(); ++at) {
    answer<task_ptr> reply{[slot = slot_of(all, first_slot + at)](const expected<task_ptr>& told) {
      slot(told ? heard{schedule_outcome{}} : heard{told.error()});
    }};
    by_shard[shard_of(waiters[at])].asks.push_back(
        {waiters[at], event::published{what.topic, what.payload}, std::move(reply)});
  }
  for (auto& [shard, batch] : by_shard)
    caf::anon_send(home.shards[shard], std::move(batch));
}

}  // namespace

void publish_event(const house& home, publication what, answer<published_event> reply) {
  home.queries->post([&home, what = std::move(what),
                      reply = std::move(reply)](const storage::task_store& store) {
    const auto listeners = storage::schedule_store{store.disk()}.listeners(what.topic);
    const auto waiters = storage::waiters_of(store.disk(), what.topic);
    if (listeners.empty() && waiters.empty())
      return reply(published_event{what.id, {}});
    const auto all = std::make_shared<gather<schedule_outcome>>(
        listeners.size() + waiters.size(), [id = what.id, listeners, reply](const auto& answers) {
          reply(outcome_of(id, listeners, answers));
        });
    tell_schedules(home, what, listeners, all);
    tell_tasks(home, what, waiters, listeners.size(), all);
  });
}

}  // namespace carillon
