#include <algorithm>
#include <utility>

#include "actors/keeper.hpp"
#include "actors/schedule_commit.hpp"

// The part of a keeper that runs sleeping schedules for events, many at a time and without an actor
// for each.

namespace carillon {
namespace {

/// The one thing that waits for the schedule, if that is an event.
const schedule_event::run* event_of(const std::vector<schedule_ask>& waiting) {
  const auto* change =
      waiting.size() == 1 ? std::get_if<schedule_change>(&waiting.front().what) : nullptr;
  const auto* run = change != nullptr ? std::get_if<schedule_event::run>(change) : nullptr;
  return run != nullptr && run->event_id ? run : nullptr;
}

}  // namespace

/// False: it must be woken as ever, and nothing was done.
bool keeper_state::run_asleep(const schedule_id& id, entry& sleeper,
                              const schedule_lifecycle::state& found, sleeping_events& group) {
  const auto* event = event_of(sleeper.waiting);
  if (event == nullptr || holding_.contains(id))
    return false;
  auto decided = schedule_lifecycle::apply(found, *event, surroundings_of(*home_, id));
  if (decided && (decided->again || !decided->orders.empty())) {
    take_back(*home_, *decided);
    return false;
  }
  auto ask = std::move(sleeper.waiting.front());
  sleeper.waiting.clear();
  if (!decided) {
    directory_.erase(id);
    ask.reply(decided.error());
    return true;
  }
  encode(*decided, &found.subject, group.changes);
  group.all.push_back({found.subject, *std::move(decided), std::move(ask.reply)});
  return true;
}

void keeper_state::save_asleep(sleeping_events group) {
  if (group.all.empty())
    return;
  const auto all = std::make_shared<std::vector<sleeping_event>>(std::move(group.all));
  home_->writer->submit(std::move(group.changes), [to = caf::actor_cast<keeper_actor>(self_),
                                                   all](storage::commit_status status) {
    caf::anon_send(to, events_saved{all, status});
  });
}

void keeper_state::on_events_saved(const events_saved& group) {
  const bool is_durable = group.status == storage::commit_status::durable;
  announcements told{*home_};
  std::vector<schedule_outcome> outcomes;
  outcomes.reserve(group.all->size());
  for (auto& one : *group.all) {
    if (!is_durable) {
      take_back(*home_, one.made);
      continue;
    }
    auto made = announce(one.made, &one.before, told);
    outcomes.push_back({std::make_shared<const schedule>(one.made.next.subject), std::move(made)});
  }
  told.send({});
  for (std::size_t at = 0; at < group.all->size(); ++at) {
    const auto& one = (*group.all)[at];
    if (is_durable)
      one.reply(std::move(outcomes[at]));
    else
      one.reply(problem{problem_kind::unavailable, "the disk is full: nothing was saved"});
  }
  std::vector<schedule_id> wanted;
  for (auto& one : *group.all) {
    const auto id = one.before.id;
    const auto sleeper = directory_.find(id);
    if (sleeper == directory_.end())
      continue;
    if (is_durable && std::ranges::any_of(one.made.next.open, &open_task::is_held))
      holding_.insert(id);
    if (sleeper->second.waiting.empty())
      directory_.erase(sleeper);
    else if (is_durable)
      wake(id, sleeper->second, std::move(one.made.next));
    else
      wanted.push_back(id);
  }
  if (!wanted.empty())
    load(std::move(wanted));
}

}  // namespace carillon
