#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

/// One task that is awake. Apply, save, act: what happens is decided by lifecycle::apply, the
/// outcome goes to the writer, and only when it is on disk do effects run and askers hear.
///
/// Invariants:
///  - `durable_` is what the store holds; everything shown outside comes from it.
///  - While a commit is under way, further asks wait; all that have gathered are then decided
///  together and
///    saved as one.
///  - After a commit that wrote nothing, the task is what it was.
class task_actor_state {
public:
  static inline const char* name = "task";

  void init(task_actor::stateful_pointer<task_actor_state> self, const house* home,
            task_ptr restored);

  void on_ask(task_ask& ask);
  void on_saved(storage::commit_status status);
  void on_please_rest();
  void on_rest_now();

private:
  /// What waits for the commit under way.
  struct commit {
    task_ptr after;
    index_facts facts;
    std::vector<task_effect> effects;
    std::vector<part_id> parts;
    std::vector<task_ptr> born;  ///< New tasks that are saved with it.
    std::vector<std::pair<answer<task_ptr>, expected<task_ptr>>> replies;
    std::vector<hold> holds;
    bool has_tick = false;
    std::optional<event::server_started> start = {};  ///< Said but once.
    bool was_granted = false;                         ///< Even if it has ended again by now.
    bool removed = false;
    std::vector<task_news> news = {};  ///< Kept only when somebody looks on.
  };

  void work();
  void decide(const task_ask& ask, commit& made, std::vector<task_news>& news);
  void act(commit& done);
  void tell_gate(const commit& done, const hold& until_decided);
  void perform(const task_effect& effect, announcements& told, const hold& until_decided);
  void undo(commit& lost);
  void rest_if_done();

  task_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  task_ptr durable_;
  index_facts facts_{};
  bool is_removed_ = false;  ///< Nothing of it is on disk any more.
  std::vector<task_ask> inbox_;
  std::optional<commit> saving_;
  std::uint64_t handled_ = 0;
};

task_actor::behavior_type task_behavior(task_actor::stateful_pointer<task_actor_state> self,
                                        const house* home, task_ptr restored);

}  // namespace carillon
