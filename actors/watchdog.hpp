#pragma once

#include <set>
#include <utility>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

/// Looks after what should never happen. A moment that has passed and still stands in the store at
/// two looks, one after the other, has lost its timer: it is armed again and reported. Zones whose
/// rules have changed are told to the keepers.
class watchdog_state {
public:
  static inline const char* name = "watchdog";

  void init(watchdog_actor::stateful_pointer<watchdog_state> self, const house* home);

  void on_look();
  void on_found(const overdue_found& found);

private:
  watchdog_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  std::set<std::pair<instant, task_id>> suspects_;
};

watchdog_actor::behavior_type watchdog_behavior(
    watchdog_actor::stateful_pointer<watchdog_state> self, const house* home);

}  // namespace carillon
