#include "actors/sweeper.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "actors/gather.hpp"
#include "actors/marks.hpp"
#include "model/duration.hpp"
#include "model/log.hpp"

namespace carillon {
namespace {

constexpr std::size_t piece_size = 256;

/// All kept answers are read for it.
constexpr duration marks_interval = std::chrono::minutes{10};

/// After a start the first sweep does not wait for a long interval to pass.
constexpr duration first_sweep_max = std::chrono::minutes{1};

/// A manual clock moves without a word: real time between two looks at it.
constexpr duration look_interval = std::chrono::milliseconds{250};

}  // namespace

void sweeper_state::init(sweeper_actor::stateful_pointer<sweeper_state> self, const house* home) {
  self_ = self;
  home_ = home;
  if (home_->settings.sweep_interval > duration{0})
    look_again(std::min(home_->settings.sweep_interval, first_sweep_max));
}

void sweeper_state::look_again(duration from_now) {
  next_at_ = home_->time->now() + from_now;
  self_->delayed_send(self_, home_->manual_time != nullptr ? look_interval : from_now,
                      sweep_when_due{});
}

void sweeper_state::on_look() {
  const auto now = home_->time->now();
  if (home_->manual_time != nullptr && now < next_at_) {
    self_->delayed_send(self_, look_interval, sweep_when_due{});
    return;
  }
  scan_ = std::make_shared<storage::retention_scan>(home_->settings.keep, now);
  removed_ = 0;
  began_ = std::chrono::steady_clock::now();
  find_piece();
}

void sweeper_state::find_piece() {
  home_->housekeeping->post(
      [to = caf::actor_cast<sweeper_actor>(self_), scan = scan_](const storage::task_store& store) {
        caf::anon_send(to, old_tasks_found{scan->next(store.disk(), piece_size)});
      });
}

void sweeper_state::on_found(const old_tasks_found& old) {
  const auto& ids = old.piece.ids;
  is_last_piece_ = old.piece.is_last;
  if (ids.empty()) {
    on_decided({});
    return;
  }
  const auto whole = std::make_shared<gather<task_ptr>>(
      ids.size(), [to = caf::actor_cast<sweeper_actor>(self_)](auto outcomes) {
        caf::anon_send(to, old_tasks_decided{std::move(outcomes)});
      });
  std::map<unsigned, ask_tasks> by_shard;
  for (std::size_t at = 0; at < ids.size(); ++at)
    by_shard[shard_of(ids[at])].asks.push_back({ids[at], event::forget{}, slot_of(whole, at)});
  for (auto& [shard, asks] : by_shard)
    self_->send(home_->shards[shard], std::move(asks));
}

/// What was retried or removed meanwhile is no concern of the sweep any more.
void sweeper_state::on_decided(const old_tasks_decided& old) {
  bool disk_is_full = false;
  for (const auto& outcome : old.outcomes) {
    removed_ += outcome ? 1 : 0;
    disk_is_full |= !outcome && outcome.error().kind == problem_kind::unavailable;
  }
  if (is_last_piece_ || disk_is_full)
    end_sweep();
  else
    find_piece();
}

void sweeper_state::end_sweep() {
  scan_.reset();
  home_->tasks_swept += removed_;
  if (removed_ > 0) {
    const auto lasted = std::chrono::ceil<duration>(std::chrono::steady_clock::now() - began_);
    log(log_level::info, "removed ended tasks that are kept no longer",
        {{"count", std::to_string(removed_)}, {"lasted", format_duration_words(lasted)}});
    home_->housekeeping->post([](const storage::task_store& store) { store.disk().reclaim(); });
  }
  if (home_->settings.keep.age)
    self_->send(home_->batches, sweep_batches{home_->time->now() - *home_->settings.keep.age});
  if (const auto now = home_->time->now(); now >= marks_at_) {
    marks_at_ = now + marks_interval;
    sweep_marks(*home_);
  }
  look_again(home_->settings.sweep_interval);
}

sweeper_actor::behavior_type sweeper_behavior(sweeper_actor::stateful_pointer<sweeper_state> self,
                                              const house* home) {
  auto& state = self->state;
  state.init(self, home);
  return {
      [&state](sweep_when_due) { state.on_look(); },
      [&state](const old_tasks_found& old) { state.on_found(old); },
      [&state](const old_tasks_decided& old) { state.on_decided(old); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
