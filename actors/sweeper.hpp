#pragma once

#include <chrono>
#include <memory>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

/// Removes ended tasks that are kept no longer, a small piece at a time: the next one is looked for
/// when the one before is decided, so that a sweep of a million leaves room for everybody else.
class sweeper_state {
public:
  static inline const char* name = "sweeper";

  void init(sweeper_actor::stateful_pointer<sweeper_state> self, const house* home);

  void on_look();
  void on_found(const old_tasks_found& old);
  void on_decided(const old_tasks_decided& old);

private:
  void look_again(duration from_now);
  void find_piece();
  void end_sweep();

  sweeper_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  instant next_at_;
  instant marks_at_;  ///< Records of changes and kept answers are looked at then.
  std::shared_ptr<storage::retention_scan> scan_;  ///< Of the sweep under way. One job has it.
  bool is_last_piece_ = false;
  std::uint64_t removed_ = 0;
  std::chrono::steady_clock::time_point began_;
};

sweeper_actor::behavior_type sweeper_behavior(sweeper_actor::stateful_pointer<sweeper_state> self,
                                              const house* home);

}  // namespace carillon
