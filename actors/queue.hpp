#pragma once

#include <deque>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "model/ready_queue.hpp"

namespace carillon {

/// The queues whose names hash to this actor. A queue is in memory while somebody asks for its
/// tasks; otherwise its tasks are rows in the store's ready index and nothing here. But a host's is
/// in memory while it has tasks at all, since nobody asks for them before the dispatcher was told.
///
/// Invariants:
///  - A task is granted by its own decision, not here: what this hands out is only a proposal, and
///  a task that is gone
///    or taken meanwhile refuses.
///  - A request is in exactly one of: its queue's `waiting`, or `granting_`.
///  - The gates know of every closed key of every queue here, with its best task, and know that the
///  queue has passed of every open one, as soon as a message is handled. So a task that is parked
///  is told of room, or is looked at when somebody asks.
class queue_state {
public:
  static inline const char* name = "queue";

  void init(queue_actor::stateful_pointer<queue_state> self, const house* home, std::size_t number);

  void on_offer(const offer_tasks& offer);
  void on_serve(const serve_queue& ask);
  void on_request(request_tasks& ask);
  void on_decided(grants_decided& done);
  void on_loaded(const queue_loaded& found);
  void on_wait_over(const wait_over& late);
  void on_key_free(const key_free& news);
  void on_rows_found(const rows_found& news);
  void on_pass_host(const pass_host& news);
  void on_sweep();
  void on_look(const look_at_queue& ask) const;

  // queue_changes.cpp
  void on_change(change_queue& ask);
  void on_changed(const queue_saved& outcome);
  void on_settled(const queue_settled& news);

private:
  struct waiter {
    std::uint64_t number;
    task_request request;
    bool is_armed = false;  ///< A wait_over is on its way.
    bool wait_is_over = false;
  };
  struct queue {
    ready_queue ready;
    std::deque<waiter> waiting;
    bool serves_soon = false;  ///< A serve_queue is on its way.
    bool is_full = false;      ///< The queue's own limit stopped what was served last.
    /// What the dispatcher knows of a host's queue since it last asked.
    enum class word { none, told, passed } dispatcher = word::none;
    /// Told: keys that were freed meanwhile. They are kept for what it answers.
    std::vector<std::string> freed = {};
    int idle_sweeps = 0;  ///< Sweeps since anybody asked.
    std::optional<instant> last_asked = {};
  };
  struct granting {
    waiter asker;
    std::vector<ready_entry> taken;
  };

  queue& find_or_add(const std::string& queue_name);
  void serve(const std::string& queue_name, queue& served);
  void serve_waiting(const std::string& queue_name, queue& served);
  void serve_soon(const std::string& queue_name, queue& served);
  void arm_wait(waiter& asker);
  std::vector<ready_entry> take(const std::string& queue_name, queue& from, std::size_t count);
  void grant(waiter to, std::vector<ready_entry> taken);
  void tell_gates(const std::string& queue_name, queue& changed);
  void pass_freed(const std::string& queue_name, queue& passed);
  void tell_dispatcher(const std::string& queue_name, queue& served);
  [[nodiscard]] bool may_forget(const std::string& queue_name, const queue& swept) const;
  void refill_if_low(const std::string& queue_name, queue& low);
  void save_next_change();
  void settle(const std::string& queue_name);
  void serve_if_known(const std::string& queue_name);

  queue_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  std::mt19937_64 random_;
  std::unordered_map<std::string, queue> queues_;
  std::unordered_map<std::uint64_t, granting> granting_;
  hold serving_for_;  ///< Kept until what is being granted is decided.
  std::uint64_t last_number_ = 0;
  std::deque<change_queue> changes_;    ///< The first one is being saved.
  std::vector<change_queue> settling_;  ///< On disk; not answered yet.
};

queue_actor::behavior_type queue_behavior(queue_actor::stateful_pointer<queue_state> self,
                                          const house* home, std::size_t number);

}  // namespace carillon
