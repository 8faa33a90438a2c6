#include "actors/house.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "actors/clock.hpp"
#include "actors/delivery.hpp"
#include "actors/keeper.hpp"
#include "actors/queue.hpp"
#include "actors/shard.hpp"
#include "actors/watchdog.hpp"

namespace carillon {

void spawn_house(caf::actor_system& system, house& home) {
  home.clock = system.spawn(clock_behavior, const_cast<const house*>(&home), &home.horizon);
  home.delivery = system.spawn(delivery_behavior, const_cast<const house*>(&home));
  for (std::size_t at = 0; at < home.queues.size(); ++at)
    home.queues[at] = system.spawn(queue_behavior, const_cast<const house*>(&home), at);
  for (auto& shard : home.shards)
    shard = system.spawn(shard_behavior, const_cast<const house*>(&home));
  for (unsigned shard = 0; shard < shard_count; ++shard)
    home.keepers[shard] = system.spawn(keeper_behavior, const_cast<const house*>(&home), shard);
  home.watchdog = system.spawn(watchdog_behavior, const_cast<const house*>(&home));
}

void resume_house(const house& home) {
  caf::anon_send(home.clock, look_at_time{});
  caf::anon_send(home.delivery, delivery_granted{});
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
}

void close_house(house& home) {
  const auto end = [](auto& actor) {
    caf::anon_send(actor, shut_down{});
    destroy(actor);  // lets go of the handle
  };
  end(home.watchdog);
  end(home.clock);
  end(home.delivery);
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
  schedule_event::told news{
      {subject.id, now.status, now.is_held, due_at(subject), subject.spec->scheduled_for},
      has_ended(subject)};
  told_.push_back({*maker, std::move(news), before.status == task_status::scheduled, {}});
}

void announcements::offer(const task& subject) {
  const auto* waiting = std::get_if<queued>(&subject.state);
  if (waiting == nullptr || waiting->held)
    return;
  const auto queue = queue_of(*subject.spec);
  auto found = std::ranges::find(offers_, queue, [](const auto& known) { return known.first; });
  if (found == offers_.end())
    found = offers_.insert(found, {std::string{queue}, {}});
  const auto& limit = subject.spec->limit;
  found->second.push_back({rank_of(*subject.spec, waiting->since), subject.id,
                           limit.key.empty() ? nullptr : std::make_shared<const key_limit>(limit)});
}

void announcements::send(const hold& until_decided) {
  if (!timers_.empty())
    caf::anon_send(home_.clock, arm_timers{std::exchange(timers_, {})});
  for (auto& [queue, entries] : offers_)
    caf::anon_send(home_.queue_for(queue), offer_tasks{queue, std::move(entries), until_decided});
  offers_.clear();
  for (auto& news : std::exchange(told_, {})) {
    news.until_decided = until_decided;
    caf::anon_send(home_.keeper_for(news.maker), std::move(news));
  }
}

}  // namespace carillon
