#include "actors/clock.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/log.hpp"

namespace carillon {
namespace {

/// A change of the wall clock is noticed within this time.
constexpr duration look_interval_max = std::chrono::seconds{1};

/// The clock went back further than its own reading varies.
constexpr duration step_back_min{100};

}  // namespace

void clock_state::init(clock_actor::stateful_pointer<clock_state> self, const house* home,
                       std::atomic<instant>* horizon) {
  self_ = self;
  home_ = home;
  horizon_ = horizon;
  *horizon_ = instant::min();  // nothing is in memory until the first look
}

// -- timers -------------------------------------------------------------------

void clock_state::on_arm(const arm_timers& armed) {
  for (const auto& [moment, id] : armed.timers)
    wheel_.arm(moment, id);
  on_look();
}

void clock_state::on_look() {
  const auto now = home_->time->now();
  if (horizon_->load() == instant::min() || now < last_look_ - step_back_min)
    restart(now);
  last_look_ = now;
  fire_due(now);
  fire_due_alarms(now);
  if (!scanning_ && horizon_->load() < now + home_->settings.horizon / 2)
    extend_horizon(now + home_->settings.horizon);
  arm_wake_up(now);
}

/// Forgets what is in memory and reads the store from the beginning of time.
void clock_state::restart(instant now) {
  if (horizon_->load() != instant::min())
    log(log_level::warn, "the clock went back", {{"to", format_instant(now)}});
  wheel_.reset(now);
  fire_due_alarms(instant::max());  // what still has to wait is armed again
  *horizon_ = instant::min();
  scan_again_ = scanning_;
}

void clock_state::fire_due(instant now) {
  const auto due = wheel_.take_due(now);
  if (due.empty())
    return;
  const auto until_decided = begin_moment();
  std::array<std::vector<task_id>, shard_count> tasks;
  std::array<std::vector<schedule_id>, shard_count> schedules;
  for (const auto& id : due)
    (names_schedule(id) ? schedules : tasks)[shard_of(id)].push_back(id);
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    if (!schedules[shard].empty())
      self_->send(home_->keepers[shard], schedules_due{std::move(schedules[shard]), until_decided});
    if (!tasks[shard].empty())
      self_->send(home_->shards[shard], tasks_due{std::move(tasks[shard]), until_decided});
  }
}

hold clock_state::begin_moment() {
  ++moments_under_way_;
  return make_hold(
      [to = caf::actor_cast<clock_actor>(self_)] { caf::anon_send(to, moment_decided{}); });
}

// -- keys and hosts with a rate, hosts that rest ------------------------------------

void clock_state::on_arm_key(const arm_key& armed) {
  alarms_.emplace(armed.moment, alarm{armed.key, false});
  on_look();
}

void clock_state::on_arm_host(const arm_host& armed) {
  alarms_.emplace(armed.moment, alarm{armed.queue, true});
  on_look();
}

std::optional<instant> clock_state::next_alarm() const {
  return alarms_.empty() ? std::nullopt : std::optional{alarms_.begin()->first};
}

void clock_state::fire_due_alarms(instant now) {
  const auto end = alarms_.upper_bound(now);
  if (end == alarms_.begin())
    return;
  const auto until_decided = begin_moment();
  for (auto at = alarms_.begin(); at != end; at = alarms_.erase(at)) {
    if (at->second.is_host)
      self_->send(home_->dispatcher, host_alarm{at->second.name, until_decided});
    else
      home_->gates->alarm_rang(at->second.name, until_decided);
  }
}

void clock_state::arm_wake_up(instant now) {
  if (home_->manual_time != nullptr)
    return;
  const auto latest = now + look_interval_max;
  const auto first = std::min(wheel_.next().value_or(latest), next_alarm().value_or(latest));
  const auto wake_up = std::clamp(first, now, latest);
  // One is on its way that is early enough. (It is stale when its moment has passed.)
  if (next_wake_up_ > now && next_wake_up_ <= wake_up)
    return;
  next_wake_up_ = wake_up;
  self_->delayed_send(self_, wake_up - now, look_at_time{});
}

// -- the horizon --------------------------------------------------------------

void clock_state::extend_horizon(instant to) {
  const auto from = horizon_->load();
  *horizon_ = to;  // before the store is read: see house::horizon
  scanning_ = true;
  home_->lookups->post(
      [self = caf::actor_cast<clock_actor>(self_), from, to](const storage::task_store& store) {
        horizon_scanned found;
        for (unsigned shard = 0; shard < shard_count; ++shard) {
          const auto here = store.scan_due(shard, from, to, SIZE_MAX);
          found.timers.insert(found.timers.end(), here.begin(), here.end());
        }
        caf::anon_send(self, std::move(found));
      });
}

void clock_state::on_scanned(const horizon_scanned& found) {
  scanning_ = false;
  if (std::exchange(scan_again_, false)) {
    *horizon_ = instant::min();
  } else {
    for (const auto& [moment, id] : found.timers)
      wheel_.arm(moment, id);
  }
  on_look();
  continue_advance();
}

// -- the manual clock ---------------------------------------------------------

void clock_state::on_advance(advance_clock& ask) {
  advances_.push_back(std::move(ask));
  if (advances_.size() == 1)
    continue_advance();
}

void clock_state::on_moment_decided() {
  --moments_under_way_;
  continue_advance();
}

/// One step of the advance under way: to the next due moment, over an empty stretch, or to its end.
void clock_state::continue_advance() {
  if (advances_.empty() || moments_under_way_ > 0 || scanning_)
    return;
  const auto target = advances_.front().to;
  auto next = wheel_.next();
  // Beyond the horizon there may be timers that come before the alarm.
  if (const auto rings = next_alarm(); rings && *rings < horizon_->load())
    next = std::min(next.value_or(*rings), *rings);
  if (next && *next <= target) {
    move_manual_time(*next);
    return;
  }
  if (horizon_->load() <= target) {
    measure_empty_stretch();
    return;
  }
  move_manual_time(target);
  if (moments_under_way_ > 0 || scanning_)
    return;
  const auto done = std::move(advances_.front());
  advances_.pop_front();
  done.reply(home_->time->now());
  continue_advance();
}

void clock_state::move_manual_time(instant to) {
  home_->manual_time->set(std::max(to, home_->time->now()));
  on_look();
}

/// Nothing is due before the horizon: asks what comes first beyond it, so that an empty year is one
/// step.
void clock_state::measure_empty_stretch() {
  scanning_ = true;
  home_->lookups->post([self = caf::actor_cast<clock_actor>(self_),
                        from = horizon_->load()](const storage::task_store& store) {
    caf::anon_send(self, empty_stretch_measured{store.first_due(from)});
  });
}

void clock_state::on_measured(const empty_stretch_measured& stretch) {
  if (wheel_.next()) {  // armed while the store was asked: it comes first
    scanning_ = false;
    return continue_advance();
  }
  const auto target = advances_.front().to;
  const auto end =
      std::min({stretch.first.value_or(target), next_alarm().value_or(target), target});
  wheel_.take_due(end);  // it is empty: this moves its position
  extend_horizon(end + home_->settings.horizon);
}

clock_actor::behavior_type clock_behavior(clock_actor::stateful_pointer<clock_state> self,
                                          const house* home, std::atomic<instant>* horizon) {
  auto& state = self->state;
  state.init(self, home, horizon);
  return {
      [&state](const arm_timers& armed) { state.on_arm(armed); },
      [&state](look_at_time) { state.on_look(); },
      [&state](const horizon_scanned& found) { state.on_scanned(found); },
      [&state](const empty_stretch_measured& stretch) { state.on_measured(stretch); },
      [&state](moment_decided) { state.on_moment_decided(); },
      [&state](advance_clock& ask) { state.on_advance(ask); },
      [&state](const arm_key& armed) { state.on_arm_key(armed); },
      [&state](const arm_host& armed) { state.on_arm_host(armed); },
      [self](const tell_mailbox& ask) { ask.reply(self->mailbox().size()); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
