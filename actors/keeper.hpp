#pragma once

#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

/// The schedules of one shard: who of them is awake, and what waits for one to wake.
///
/// Invariants:
///  - A schedule has one actor or none. While it is read from the store, what is meant for it waits
///    in its entry.
///  - A schedule is told to rest only when every message sent to it has been handled.
///  - Sleeping schedules that an event runs are decided and saved here, many in one batch. Until
///    that is on disk what is meant for them waits in their entries.
///  - A schedule whose tasks wait for it is awake, or in `holding_`.
class keeper_state {
public:
  static inline const char* name = "keeper";

  void init(keeper_actor::stateful_pointer<keeper_state> self, const house* home, unsigned shard);

  void on_make(make_schedule& ask);
  void on_asks(ask_schedules& batch);
  void on_due(const schedules_due& batch);
  void on_told(task_told& news);
  void on_loaded(schedules_loaded& batch);
  void on_events_saved(const events_saved& group);
  void on_rouse(const rouse_schedules& wanted);
  void on_may_rest(const schedule_may_rest& offer);
  void on_resume();
  void on_zones_changed(const zones_changed& news);
  void on_shut_down();

private:
  struct entry {
    schedule_actor actor;               ///< Null while the schedule is read.
    std::vector<schedule_ask> waiting;  ///< Meanwhile.
    std::uint64_t sent = 0;
  };

  void deliver(entry& to, schedule_ask ask);
  void wake(const schedule_id& id, entry& sleeper, schedule_lifecycle::state restored);
  void load(std::vector<schedule_id> ids);
  bool run_asleep(const schedule_id& id, entry& sleeper, const schedule_lifecycle::state& found,
                  sleeping_events& group);
  void save_asleep(sleeping_events group);
  void refuse(entry& sleeper, const problem& cause);

  keeper_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  unsigned shard_ = 0;
  std::unordered_map<schedule_id, entry> directory_;
  std::unordered_set<schedule_id> holding_;
  std::deque<schedule_id> awake_;  ///< In the order of waking; may name some that rest again.
};

keeper_actor::behavior_type keeper_behavior(keeper_actor::stateful_pointer<keeper_state> self,
                                            const house* home, unsigned shard);

}  // namespace carillon
