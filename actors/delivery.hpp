#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "actors/house.hpp"
#include "actors/interfaces.hpp"

namespace carillon {

struct delivery_settings {
  std::string queue;  ///< is_own_queue()
  std::size_t slots;
};

/// A worker inside the server: keeps one request open at one of its own queues for as many tasks as
/// it has free slots, and runs the commands of those it is given, or what needs nothing from
/// outside.
///
/// Invariants:
///  - An attempt starts only after it is on disk: the task itself orders it then.
///  - What is under way + slots asked for <= slots.
///  - A command is under way until its process is gone.
class delivery_state {
public:
  static inline const char* name = "delivery";

  void init(delivery_actor::stateful_pointer<delivery_state> self, const house* home,
            delivery_settings settings);

  void on_start(const start_delivery& order);
  void on_stop(const stop_delivery& order);
  void on_granted();
  void on_command_ended(const command_ended& news);
  void on_end_commands(bool at_once);
  void on_stop_all(stop_deliveries& ask);
  void report(task_ask news);

private:
  using key = std::pair<task_id, std::uint64_t>;  ///< The task and the token of its attempt.

  void start_command(const task& subject, std::uint64_t token);
  void ask_for_tasks();
  void slot_was_freed();
  [[nodiscard]] std::size_t under_way() const;

  delivery_actor::pointer self_ = nullptr;
  const house* home_ = nullptr;  ///< Not owned; outlives all actors.
  delivery_settings settings_;
  std::map<key, command_port::ticket> commands_;
  bool asking_ = true;  ///< A request is open; the first delivery_granted starts it all.
  std::optional<answer<bool>> stopping_;
  /// Withdraws the open request; read by the queue's actor.
  std::shared_ptr<std::atomic<bool>> stopped_ = std::make_shared<std::atomic<bool>>(false);
};

delivery_actor::behavior_type delivery_behavior(
    delivery_actor::stateful_pointer<delivery_state> self, const house* home,
    const delivery_settings& settings);

}  // namespace carillon
