#include <utility>

#include "actors/shard.hpp"

// The ticks of sleeping tasks. What follows from most of them is one step, from scheduled or
// retrying to queued: the shard decides it by the same lifecycle::apply and saves it for all tasks
// of a share together. An actor is spawned only for what has more to do.

namespace carillon {
namespace {

/// How long a tick waits that could not be saved.
constexpr duration retick_delay = std::chrono::seconds{1};

}  // namespace

/// Its only message is a tick, and only the queue needs to hear of the outcome.
bool shard_state::needs_no_actor(const entry& sleeper, const task& found) {
  return sleeper.waiting.size() == 1
         && std::holds_alternative<event::tick>(sleeper.waiting.front().event)
         && (std::holds_alternative<scheduled>(found.state)
             || std::holds_alternative<retrying>(found.state));
}

void shard_state::save_ticks(std::vector<ticked_task> ticked) {
  const auto now = home_->time->now();
  storage::change_set changes;
  for (auto& one : ticked) {
    auto& waiting = directory_.at(one.before->id).waiting;
    one.holds.push_back(std::move(waiting.front().until_decided));
    waiting.clear();
    auto decided = lifecycle::apply(*one.before, event::tick{}, now);
    if (!decided || !decided->changed) {
      one.after = one.before;
      continue;
    }
    one.after = std::make_shared<const task>(std::move(decided->next));
    encode({one.after, facts_of(*one.before), std::move(decided->news)}, changes);
  }
  auto all = std::make_shared<std::vector<ticked_task>>(std::move(ticked));
  home_->writer->submit(std::move(changes), [me = caf::actor_cast<shard_actor>(self_),
                                             all](storage::commit_status status) {
    caf::anon_send(me, ticks_saved{all, status});
  });
}

void shard_state::on_ticks_saved(const ticks_saved& ticks) {
  const bool durable = ticks.status == storage::commit_status::durable;
  announcements told{*home_};
  std::vector<hold> holds;
  for (auto& one : *ticks.tasks) {
    auto& known = durable ? one.after : one.before;
    if (durable) {
      told.arm(*known, facts_of(*known).next_moment);
      told.offer(*known);
    } else {
      told.arm(*known, home_->time->now() + retick_delay);
    }
    std::move(one.holds.begin(), one.holds.end(), std::back_inserter(holds));
    const auto id = known->id;
    const auto sleeper = directory_.find(id);
    if (!sleeper->second.waiting.empty()) {
      wake(id, sleeper->second, std::move(known));
      continue;
    }
    directory_.erase(sleeper);
    if (std::holds_alternative<queued>(known->state))
      remember(std::move(known));
  }
  told.send(hold{nullptr, [holds = std::move(holds)](void*) {}});
}

}  // namespace carillon
