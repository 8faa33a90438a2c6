#include "actors/watchdog.hpp"

#include <utility>

#include "model/log.hpp"

namespace carillon {
namespace {

/// Two looks and the time that a moment may be late lie within a minute.
constexpr duration look_interval = std::chrono::seconds{20};
constexpr std::size_t suspects_per_shard = 256;

}  // namespace

void watchdog_state::init(watchdog_actor::stateful_pointer<watchdog_state> self,
                          const house* home) {
  self_ = self;
  home_ = home;
  self_->delayed_send(self_, look_interval, look_around{});
}

void watchdog_state::on_look() {
  home_->lookups->post([to = caf::actor_cast<watchdog_actor>(self_),
                        home = home_](const storage::task_store& store) {
    overdue_found found;
    const auto late = home->time->now() - late_min;
    for (unsigned shard = 0; shard < shard_count; ++shard) {
      const auto here = store.scan_due(shard, instant::min(), late, suspects_per_shard);
      found.timers.insert(found.timers.end(), here.begin(), here.end());
    }
    if (home->refresh_zones)
      found.changed_zones = home->refresh_zones();
    caf::anon_send(to, std::move(found));
  });
}

void watchdog_state::on_found(const overdue_found& found) {
  std::set<std::pair<instant, task_id>> seen;
  arm_timers lost;
  for (const auto& timer : found.timers) {
    const std::pair suspect{timer.moment, timer.id};
    if (suspects_.contains(suspect))
      lost.timers.push_back(timer);
    seen.insert(suspect);
  }
  suspects_ = std::move(seen);
  if (!lost.timers.empty()) {
    home_->timers_rearmed += lost.timers.size();
    log(log_level::warn, "timers were late and are armed again",
        {{"count", std::to_string(lost.timers.size())},
         {"first", to_text(lost.timers.front().id)},
         {"due", format_instant(lost.timers.front().moment)}});
    self_->send(home_->clock, std::move(lost));
  }
  if (!found.changed_zones.empty()) {
    const auto names = std::make_shared<const std::vector<std::string>>(found.changed_zones);
    for (const auto& keeper : home_->keepers)
      self_->send(keeper, zones_changed{names});
  }
  self_->delayed_send(self_, look_interval, look_around{});
}

watchdog_actor::behavior_type watchdog_behavior(
    watchdog_actor::stateful_pointer<watchdog_state> self, const house* home) {
  auto& state = self->state;
  state.init(self, home);
  return {
      [&state](look_around) { state.on_look(); },
      [&state](const overdue_found& found) { state.on_found(found); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
