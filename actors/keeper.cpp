#include "actors/keeper.hpp"

#include <algorithm>
#include <utility>

#include "actors/marks.hpp"
#include "actors/schedule_actor.hpp"
#include "actors/schedule_commit.hpp"
#include "actors/schedule_prepare.hpp"
#include "model/log.hpp"
#include "storage/schedule_store.hpp"

namespace carillon {
namespace {

/// How long a schedule waits that could not be read at its time.
constexpr duration reread_delay = std::chrono::minutes{1};

}  // namespace

void keeper_state::init(keeper_actor::stateful_pointer<keeper_state> self, const house* home,
                        unsigned shard) {
  self_ = self;
  home_ = home;
  shard_ = shard;
}

// -- creation -----------------------------------------------------------------

void keeper_state::on_make(make_schedule& ask) {
  auto made = std::make_shared<schedule_lifecycle::decision>(
      schedule_lifecycle::create(ask.id, std::move(ask.spec), std::move(ask.rule), ask.enabled,
                                 surroundings_of(*home_, ask.id)));
  storage::change_set changes;
  encode(*made, nullptr, changes);
  leave_mark(ask.reply, ask.id, changes);
  home_->writer->submit(std::move(changes), [home = home_, made, reply = std::move(ask.reply)](
                                                storage::commit_status status) {
    if (status != storage::commit_status::durable) {
      take_back(*home, *made);
      reply(problem{problem_kind::unavailable, "the disk is full: nothing was saved"});
      return;
    }
    announce(*home, *made, nullptr, {});
    reply(std::make_shared<const schedule>(made->next.subject));
  });
}

// -- what is meant for a schedule -----------------------------------------------

void keeper_state::on_asks(ask_schedules& batch) {
  std::vector<schedule_id> asleep;
  for (auto& ask : batch.asks) {
    const auto id = ask.id;
    const auto [found, added] = directory_.try_emplace(id);
    deliver(found->second, std::move(ask));
    if (added)
      asleep.push_back(id);
  }
  if (!asleep.empty())
    load(std::move(asleep));
}

void keeper_state::on_due(const schedules_due& batch) {
  ask_schedules ticks;
  for (const auto& id : batch.ids)
    ticks.asks.push_back({id, schedule_change{schedule_event::tick{}}, {}, batch.until_decided});
  on_asks(ticks);
}

/// A sleeping schedule need not hear of tasks that nothing waits for.
void keeper_state::on_told(task_told& news) {
  if (!directory_.contains(news.maker) && !holding_.contains(news.maker) && !news.must_hear)
    return;
  ask_schedules batch;
  batch.asks.push_back(
      {news.maker, schedule_change{std::move(news.news)}, {}, std::move(news.until_decided)});
  on_asks(batch);
}

void keeper_state::on_rouse(const rouse_schedules& wanted) {
  ask_schedules batch;
  for (const auto& id : wanted.ids)
    batch.asks.push_back({id, schedule_change{schedule_event::restored{}}});
  on_asks(batch);
}

void keeper_state::deliver(entry& to, schedule_ask ask) {
  if (!to.actor) {
    to.waiting.push_back(std::move(ask));
    return;
  }
  ++to.sent;
  self_->send(to.actor, std::move(ask));
}

void keeper_state::load(std::vector<schedule_id> ids) {
  home_->lookups->post([to = caf::actor_cast<keeper_actor>(self_), zones = home_->zones,
                        ids = std::move(ids)](const storage::task_store& store) {
    schedules_loaded batch;
    batch.found.reserve(ids.size());
    for (const auto& id : ids)
      batch.found.push_back({id, load_schedule(store, *zones, id)});
    caf::anon_send(to, std::move(batch));
  });
}

void keeper_state::on_loaded(schedules_loaded& batch) {
  sleeping_events group;
  for (auto& [id, found] : batch.found) {
    const auto sleeper = directory_.find(id);
    if (sleeper == directory_.end())
      continue;
    if (found && *found) {
      if (!run_asleep(id, sleeper->second, **found, group))
        wake(id, sleeper->second, **std::move(found));
      continue;
    }
    refuse(sleeper->second,
           found ? problem{problem_kind::not_found, "no such schedule"} : found.error());
    directory_.erase(sleeper);
  }
  save_asleep(std::move(group));
}

/// It cannot be read: whoever asked is told, and its moment comes again.
void keeper_state::refuse(entry& sleeper, const problem& cause) {
  for (auto& ask : sleeper.waiting) {
    ask.reply(cause);
    const auto* change = std::get_if<schedule_change>(&ask.what);
    if (cause.kind == problem_kind::not_found || change == nullptr
        || !std::holds_alternative<schedule_event::tick>(*change))
      continue;
    log(log_level::error, "a schedule cannot be read at its time",
        {{"schedule", to_text(ask.id)}, {"cause", cause.detail}});
    announcements told{*home_};
    told.arm(ask.id, home_->time->now() + reread_delay);
    told.send({});
  }
}

void keeper_state::wake(const schedule_id& id, entry& sleeper, schedule_lifecycle::state restored) {
  sleeper.actor = self_->spawn(schedule_behavior, home_, std::move(restored));
  if (holding_.erase(id) > 0)
    deliver(sleeper, {id, schedule_change{schedule_event::restored{}}});
  for (auto& ask : std::exchange(sleeper.waiting, {}))
    deliver(sleeper, std::move(ask));
  awake_.push_back(id);
  if (awake_.size() <= home_->settings.awake_tasks_max / shard_count)
    return;
  const auto oldest = awake_.front();
  awake_.pop_front();
  const auto known = directory_.find(oldest);
  if (known != directory_.end() && known->second.actor) {
    awake_.push_back(oldest);  // it may be busy; its turn comes again
    self_->send(known->second.actor, please_rest{});
  }
}

void keeper_state::on_may_rest(const schedule_may_rest& offer) {
  const auto found = directory_.find(offer.id);
  if (found == directory_.end() || !found->second.actor || found->second.sent != offer.handled)
    return;
  if (offer.holds_tasks)
    holding_.insert(offer.id);
  self_->send(found->second.actor, rest_now{});
  directory_.erase(found);
}

// -- start, zones, end ------------------------------------------------------------

void keeper_state::on_resume() {
  home_->lookups->post([to = caf::actor_cast<keeper_actor>(self_),
                        shard = shard_](const storage::task_store& store) {
    const storage::schedule_store schedules{store.disk()};
    auto held = schedules.with_held_tasks(shard);
    // Services among them: their instances ended with the server.
    for (const auto& [unused, id] : schedules.of_file(shard))
      if (std::ranges::find(held, id) == held.end())
        held.push_back(id);
    if (!held.empty())
      caf::anon_send(to, rouse_schedules{std::move(held)});
  });
}

void keeper_state::on_zones_changed(const zones_changed& news) {
  home_->lookups->post([to = caf::actor_cast<keeper_actor>(self_), shard = shard_,
                        names = news.names,
                        zones = home_->zones](const storage::task_store& store) {
    const storage::schedule_store schedules{store.disk()};
    ask_schedules batch;
    for (const auto& id : schedules.living(shard)) {
      const auto known = schedules.load(id);
      if (!known || !*known
          || (names && std::ranges::find(*names, (*known)->spec->timezone) == names->end()))
        continue;
      auto rule = recurrence::compile(recurrence_spec_of(**known), *zones, "", "");
      if (rule)
        batch.asks.push_back({id, schedule_change{schedule_event::zone_changed{*std::move(rule)}}});
    }
    if (!batch.asks.empty())
      caf::anon_send(to, std::move(batch));
  });
}

void keeper_state::on_shut_down() {
  for (auto& [id, awake] : std::exchange(directory_, {}))
    if (awake.actor)
      self_->send(awake.actor, rest_now{});
  self_->quit();
}

keeper_actor::behavior_type keeper_behavior(keeper_actor::stateful_pointer<keeper_state> self,
                                            const house* home, unsigned shard) {
  auto& state = self->state;
  state.init(self, home, shard);
  return {
      [&state](make_schedule& ask) { state.on_make(ask); },
      [&state](ask_schedules& batch) { state.on_asks(batch); },
      [&state](const schedules_due& batch) { state.on_due(batch); },
      [&state](task_told& news) { state.on_told(news); },
      [&state](schedules_loaded& batch) { state.on_loaded(batch); },
      [&state](const events_saved& group) { state.on_events_saved(group); },
      [&state](const rouse_schedules& wanted) { state.on_rouse(wanted); },
      [&state](const schedule_may_rest& offer) { state.on_may_rest(offer); },
      [home](const order_again& lost) { send_order(*home, lost.word, {}, lost.heard); },
      [&state](resume_schedules) { state.on_resume(); },
      [&state](const zones_changed& news) { state.on_zones_changed(news); },
      [self](const tell_mailbox& ask) { ask.reply(self->mailbox().size()); },
      [&state](shut_down) { state.on_shut_down(); },
  };
}

}  // namespace carillon
