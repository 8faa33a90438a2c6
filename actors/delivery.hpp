#pragma once

#include <map>
#include <optional>
#include <utility>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"
#include "actors/pipelines.hpp"

namespace carillon {

/// The worker inside the server: keeps one request open at the delivery queue for as many tasks as
/// it has free slots, and makes the calls and runs the pipelines of those it is given.
///
/// Invariants:
///  - A call starts only after its attempt is on disk: the task itself orders it then.
///  - calls and pipelines under way + slots asked for <= delivery_slots.
class delivery_state {
public:
  static inline const char* name = "delivery";

  void init(delivery_actor::stateful_pointer<delivery_state> self, const house* home);

  void on_start(const start_delivery& order);
  void on_stop(const stop_delivery& order);
  void on_granted();
  void on_ended(const delivery_ended& news);
  void on_stop_all(stop_deliveries& ask);
  void report(task_ask news);

private:
  void ask_for_tasks();
  void slot_was_freed();
  void report_all(const task_id& id, std::vector<task_event> news);
  [[nodiscard]] std::size_t under_way() const;

  delivery_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  std::map<std::pair<task_id, std::uint64_t>, std::uint64_t> calls_;  ///< To the call's ticket.
  std::optional<pipelines> pipelines_;                                ///< Set by init().
  bool asking_ = true;  ///< A request is open; the first delivery_granted starts it all.
  std::optional<answer<bool>> stopping_;
  /// Withdraws the open request; read by the queue's actor.
  std::shared_ptr<std::atomic<bool>> stopped_ = std::make_shared<std::atomic<bool>>(false);
};

delivery_actor::behavior_type delivery_behavior(
    delivery_actor::stateful_pointer<delivery_state> self, const house* home);

}  // namespace carillon
