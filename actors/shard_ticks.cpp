#include <utility>

#include "actors/errands.hpp"
#include "actors/marks.hpp"
#include "actors/shard.hpp"

// The ticks of sleeping tasks, the words of their schedules, and what is asked of many at once.
// What follows from most of them is one step: the shard decides it by the same lifecycle::apply and
// saves it for all tasks of a share together. An actor is spawned only for what has more to do:
// whatever holds a key or is carried out by somebody.

namespace carillon {
namespace {

/// How long a tick waits that could not be saved.
constexpr duration retick_delay = std::chrono::seconds{1};

}  // namespace

/// Its only message leads to one step, and only the queue and its schedule need to hear of it.
bool shard_state::needs_no_actor(const entry& sleeper, const task& found) {
  if (sleeper.waiting.size() != 1)
    return false;
  if (found.spec->parent)
    return false;  // it has a parent to tell
  const auto& what = sleeper.waiting.front().event;
  const bool waits = std::holds_alternative<scheduled>(found.state);
  if (std::holds_alternative<event::tick>(what))
    return waits || std::holds_alternative<retrying>(found.state);
  if (std::holds_alternative<event::cancel>(what))
    return !std::holds_alternative<processing>(found.state) && !runs_in_steps(*found.spec);
  if (std::holds_alternative<event::trigger>(what) || std::holds_alternative<event::retry>(what))
    return !runs_in_steps(*found.spec);
  return std::holds_alternative<event::admit>(what) || std::holds_alternative<event::forget>(what)
         || (waits && std::holds_alternative<event::due>(what));
}

void shard_state::save_ticks(std::vector<ticked_task> ticked) {
  const auto now = home_->time->now();
  storage::change_set changes;
  for (auto& one : ticked) {
    auto& waiting = directory_.at(one.before->id).waiting;
    const auto ask = std::move(waiting.front());
    waiting.clear();
    one.holds.push_back(ask.until_decided);
    one.reply = ask.reply;
    auto decided = lifecycle::apply(*one.before, ask.event, now);
    if (!decided || !decided->changed) {
      one.after = one.before;
      if (!decided)
        one.refused = decided.error();
      continue;
    }
    one.after = std::make_shared<const task>(std::move(decided->next));
    one.removed = decided->removed;
    one.effects = std::move(decided->effects);
    for (auto& born : decided->born)
      one.born.push_back(std::make_shared<const task>(std::move(born)));
    encode({one.after, facts_of(*one.before), std::move(decided->news), one.removed}, changes);
    encode_born(one.born, changes);
    leave_mark(one.reply, one.after->id, changes);
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
      told.arm(known->id, facts_of(*known).next_moment);
      told.offer(*known);
      told.tell_schedule(*known, facts_of(*one.before));
      told.tell_batch(*known, facts_of(*one.before));
      if (known != one.before)
        told.show(one.before, known, one.removed);
      for (const auto& born : one.born)
        told.born(born);
      if (one.removed && runs_in_steps(*known->spec))
        forget_children(*home_, known->id);
      for (const auto& effect : one.effects)
        if (const auto* drop = std::get_if<effect::drop_log>(&effect))
          told.drop_log(*known, drop->attempt);
      one.reply(one.refused ? expected<task_ptr>{*one.refused} : expected<task_ptr>{known});
    } else {
      told.arm(known->id, home_->time->now() + retick_delay);
      one.reply(problem{problem_kind::unavailable, "the disk is full: nothing was saved"});
    }
    std::move(one.holds.begin(), one.holds.end(), std::back_inserter(holds));
    const auto id = known->id;
    const auto sleeper = directory_.find(id);
    if (one.removed) {
      for (auto& ask : sleeper->second.waiting)
        ask.reply(problem{problem_kind::not_found, "no such task"});
      directory_.erase(sleeper);
      continue;
    }
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
