#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

/// One shard: who of its tasks is awake, and what waits for one to wake.
///
/// Invariants:
///  - A task has one actor or none. While it is read from the store, what is meant for it waits in
///  its entry.
///  - A task is told to rest only when every message sent to it has been handled (`sent` =
///    `handled`), so no message meets an actor that is gone.
///  - A task is in at most one of directory_ and recent_.
///  - At most due_shares_max shares of overdue tasks are under way: a midnight with a million
///    tasks wakes some thousands at a time.
class shard_state {
public:
  static inline const char* name = "shard";

  void init(shard_actor::stateful_pointer<shard_state> self, const house* home);

  void on_create(create_tasks& ask);
  void on_unique_looked_up(unique_looked_up& found);
  void on_unique_saved(unique_saved& first);

  void on_asks(ask_tasks& batch);
  void on_loaded(tasks_loaded& batch);
  void on_may_rest(const may_rest& offer);

  void on_due(tasks_due& batch);
  void on_due_share_decided();
  void on_ticks_saved(const ticks_saved& ticks);
  void on_shut_down();

private:
  struct entry {
    task_actor actor;               ///< Null while the task is read, or its tick is saved.
    std::vector<task_ask> waiting;  ///< Meanwhile.
    std::uint64_t sent = 0;
  };
  struct due_share {
    task_id id;
    hold until_decided;
  };

  void save_new(std::vector<new_task> tasks);
  void create_unique(new_task task);
  void deliver(entry& to, task_ask ask);
  void wake(task_id id, entry& sleeper, task_ptr restored);
  void load(std::vector<task_id> ids);
  [[nodiscard]] static bool needs_no_actor(const entry& sleeper, const task& found);
  void save_ticks(std::vector<ticked_task> ticked);
  void start_due_shares();
  void remember(task_ptr subject);
  task_ptr recall(const task_id& id);

  shard_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  std::unordered_map<task_id, entry> directory_;
  std::deque<task_id> awake_;  ///< In the order of waking; may name some that rest again.
  /// An entry from the first look-up of a unique_id until its first task is on disk; the tasks that
  /// wait for that.
  std::unordered_map<std::string, std::vector<new_task>> unique_waiting_;
  /// Tasks that have just begun to wait in their queue: most are asked for soon, and need not be
  /// read then. What is in here is what the store holds, for whoever changes it takes it out.
  std::unordered_map<task_id, task_ptr> recent_;
  std::deque<task_id> recent_order_;  ///< Oldest first; may name some that were taken out.
  std::deque<due_share> due_;
  int due_shares_ = 0;
};

shard_actor::behavior_type shard_behavior(shard_actor::stateful_pointer<shard_state> self,
                                          const house* home);

}  // namespace carillon
