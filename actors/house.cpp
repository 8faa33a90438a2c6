#include "actors/house.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "actors/batches.hpp"
#include "actors/bulk_jobs.hpp"
#include "actors/clock.hpp"
#include "actors/delivery.hpp"
#include "actors/dispatcher.hpp"
#include "actors/event_hub.hpp"
#include "actors/keeper.hpp"
#include "actors/queue.hpp"
#include "actors/shard.hpp"
#include "actors/sweeper.hpp"
#include "actors/watchdog.hpp"

namespace carillon {
namespace {

/// A service is always on: it waits for no slot.
constexpr std::size_t service_slots = 100'000;

/// What needs nothing from outside is decided as fast as it can be saved.
constexpr std::size_t inner_slots = 256;

}  // namespace

void spawn_house(caf::actor_system& system, house& home) {
  home.clock = system.spawn(clock_behavior, const_cast<const house*>(&home), &home.horizon);
  const auto spawn_runner = [&](std::string_view queue, std::size_t slots) {
    return system.spawn(delivery_behavior, const_cast<const house*>(&home),
                        delivery_settings{std::string{queue}, slots});
  };
  home.dispatcher = system.spawn(dispatcher_behavior, const_cast<const house*>(&home));
  home.commands_runner = spawn_runner(command_queue, home.settings.command_slots);
  home.services_runner = spawn_runner(service_queue, service_slots);
  home.inner_runner = spawn_runner(inner_queue, inner_slots);
  for (std::size_t at = 0; at < home.queues.size(); ++at)
    home.queues[at] = system.spawn(queue_behavior, const_cast<const house*>(&home), at);
  for (auto& shard : home.shards)
    shard = system.spawn(shard_behavior, const_cast<const house*>(&home));
  for (unsigned shard = 0; shard < shard_count; ++shard)
    home.keepers[shard] = system.spawn(keeper_behavior, const_cast<const house*>(&home), shard);
  home.watchdog = system.spawn(watchdog_behavior, const_cast<const house*>(&home));
  home.batches = system.spawn(batches_behavior, const_cast<const house*>(&home));
  home.sweeper = system.spawn(sweeper_behavior, const_cast<const house*>(&home));
  home.events = system.spawn(event_hub_behavior, const_cast<const house*>(&home));
  home.bulk_jobs = system.spawn(bulk_jobs_behavior, const_cast<const house*>(&home));
  home.alarms = system.spawn(alarm_behavior);
}

void resume_house(const house& home) {
  caf::anon_send(home.clock, look_at_time{});
  for (const auto* runner : {&home.commands_runner, &home.services_runner, &home.inner_runner})
    caf::anon_send(*runner, delivery_granted{});
  caf::anon_send(home.dispatcher, find_hosts{});
  home.lookups->post([&home](const storage::task_store& store) {
    std::map<unsigned, ask_tasks> by_shard;
    for (const auto& id : store.ids_with_status(task_status::processing))
      by_shard[shard_of(id)].asks.push_back(
          {id, event::server_started{home.settings.server_epoch}});
    for (auto& [shard, asks] : by_shard)
      caf::anon_send(home.shards[shard], std::move(asks));
  });
  for (const auto& keeper : home.keepers)
    caf::anon_send(keeper, resume_schedules{});
  caf::anon_send(home.batches, resume_batches{});
  caf::anon_send(home.events, resume_events{});
  caf::anon_send(home.bulk_jobs, resume_bulks{});
}

void close_house(house& home) {
  const auto end = [](auto& actor) {
    caf::anon_send(actor, shut_down{});
    destroy(actor);  // lets go of the handle
  };
  end(home.alarms);
  end(home.batches);
  end(home.events);
  end(home.bulk_jobs);
  end(home.sweeper);
  end(home.watchdog);
  end(home.clock);
  end(home.dispatcher);
  end(home.commands_runner);
  end(home.services_runner);
  end(home.inner_runner);
  std::ranges::for_each(home.keepers, end);
  std::ranges::for_each(home.queues, end);
  std::ranges::for_each(home.shards, end);
}

void announcements::arm(const task_id& id, std::optional<instant> moment) {
  if (moment && *moment < home_.horizon.load())
    timers_.push_back({*moment, id});
}

void announcements::tell_schedule(const task& subject, const index_facts& before) {
  const auto& maker = subject.spec->schedule;
  const auto now = facts_of(subject);
  if (!maker || (before.status == now.status && before.is_held == now.is_held))
    return;
  auto news = news_of(subject);
  const bool must_hear =
      before.status == task_status::scheduled || subject.spec->cause == trigger_cause::service;
  told_.push_back({*maker, std::move(news), must_hear, {}});
}

void announcements::tell_batch(const task& subject, const index_facts& before) {
  const auto& place = subject.spec->batch;
  if (place && has_ended(subject) && before.status < task_status::completed
      && home_.bell.child_ended(place->batch))
    ended_batches_.push_back(place->batch);
}

void announcements::show(task_ptr before, task_ptr after, bool removed) {
  const auto now = home_.time->now();
  count_change(home_.figures, before.get(), *after);
  if (!removed)
    home_.stats.note(before.get(), *after, now);
  if (removed || (has_ended(*after) && (before == nullptr || !has_ended(*before))))
    home_.waiting.ended(after->id);
  if (home_.changes.is_on())
    changes_.push_back(change_of(before.get(), *after, removed, now));
  if (after->spec->command && !is_errand(*after->spec))
    shown_.push_back({std::move(before), std::move(after), removed});
}

void announcements::report(const task& subject, const std::vector<task_news>& news) {
  if (home_.changes.is_on())
    for (const auto& one : news)
      changes_.push_back(report_of(subject, one, home_.time->now()));
}

void announcements::show_schedule(const schedule* before, const schedule& after) {
  if (home_.changes.is_on())
    changes_.push_back(change_of(before, after, home_.time->now()));
}

void announcements::drop_log(const task& subject, int attempt) {
  dropped_logs_.push_back(run_id(subject.id, attempt));
}

void announcements::offer(const task& subject) {
  const auto* waiting = std::get_if<queued>(&subject.state);
  if (waiting == nullptr || waiting->held)
    return;
  const auto queue = queue_of(*subject.spec);
  auto found = std::ranges::find(offers_, queue, [](const auto& known) { return known.first; });
  if (found == offers_.end())
    found = offers_.insert(found, {queue, {}});
  const auto& limit = subject.spec->limit;
  found->second.push_back({rank_of(*subject.spec, waiting->since), subject.id,
                           limit.key.empty() ? nullptr : std::make_shared<const key_limit>(limit)});
}

void announcements::born(const task_ptr& subject) {
  arm(subject->id, facts_of(*subject).next_moment);
  offer(*subject);
  show(nullptr, subject);
}

void announcements::send(const hold& until_decided) {
  // First, so that what follows from a change is told after it.
  home_.changes.publish(std::exchange(changes_, {}));
  if (!timers_.empty())
    caf::anon_send(home_.clock, arm_timers{std::exchange(timers_, {})});
  for (auto& [queue, entries] : offers_)
    caf::anon_send(home_.queue_for(queue), offer_tasks{queue, std::move(entries), until_decided});
  offers_.clear();
  for (const auto& change : std::exchange(shown_, {}))
    home_.runs->publish(change.before, change.after, change.removed);
  if (!dropped_logs_.empty())
    home_.drop_logs(std::exchange(dropped_logs_, {}));
  for (const auto& id : std::exchange(ended_batches_, {}))
    caf::anon_send(home_.batches, ask_batch{id, batch_event::look{}, {}, 0, until_decided});
  for (auto& news : std::exchange(told_, {})) {
    news.until_decided = until_decided;
    caf::anon_send(home_.keeper_for(news.maker), std::move(news));
  }
}

}  // namespace carillon
