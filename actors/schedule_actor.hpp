#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

/// One schedule that is awake. Apply, save, act, as a task does it.
///
/// Invariants:
///  - `durable_` is what the store holds, with the orders its tasks have not confirmed.
///  - One event is decided at a time. While it is prepared (what it needs is read from the store)
///  or
///    saved, others wait.
///  - Who asked is answered when the decision is on disk and the tasks it is about have heard of
///  it.
class schedule_actor_state {
public:
  static inline const char* name = "schedule";

  void init(schedule_actor::stateful_pointer<schedule_actor_state> self, const house* home,
            schedule_lifecycle::state restored);

  void on_ask(schedule_ask& ask);
  void on_prepared(schedule_prepared& ready);
  void on_saved(storage::commit_status status);
  void on_please_rest();
  void on_rest_now();

private:
  /// What waits for the commit under way.
  struct commit {
    schedule_lifecycle::decision made;
    schedule_change what;
    answer<schedule_outcome> reply;
    hold until_decided;
    schedule_outcome outcome;  ///< Of earlier steps of the same event.
  };

  void work();
  bool refuse_change(const schedule_ask& ask);
  bool refuse_stale(const schedule_ask& ask);
  bool prepare(const schedule_ask& ask);
  void decide(schedule_change what, answer<schedule_outcome> reply, hold until_decided,
              schedule_outcome outcome);
  void act(commit& done);
  void undo(commit& lost);
  void tell(std::vector<schedule_lifecycle::order> orders, const hold& until_decided,
            const std::function<void()>& all_heard);
  void rest_if_done();

  schedule_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  std::optional<schedule_lifecycle::state> durable_;
  std::deque<schedule_ask> inbox_;
  bool preparing_ = false;
  std::optional<commit> saving_;
  std::uint64_t handled_ = 0;
};

schedule_actor::behavior_type schedule_behavior(
    schedule_actor::stateful_pointer<schedule_actor_state> self, const house* home,
    schedule_lifecycle::state restored);

}  // namespace carillon
