#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ready_entry.hpp"

namespace carillon {

/// What a gate says to a task that wants to start.
enum class key_answer {
  start,  ///< It holds the key from now on.
  wait,   ///< Not now: its queue must wait for the key.
  held,   ///< This very task holds the key: it does not wait for a worker at all.
  full,   ///< Nothing of its queue may start now.
};

/// One concurrency_key: who holds it, when a task last started with it, which queues wait for it.
///
/// A queue waits with its best task, and keeps the others itself.
///  - Queues go by the rank of that task, and its limit decides. Nobody passes it, so a stream of
///  tasks with a wider limit starves no task with a tighter one.
///  - A queue that was told of room and has no worker passes: it is in nobody's way then, and asks
///  by itself when it has one.
///  - After every change, look() tells what is to be done. Whenever the first queue in line could
///  start a task, it has been told so or is told then: no wake-up is lost.
class key_gate {
public:
  /// Rates count from `last_start` on.
  explicit key_gate(instant last_start) : last_start_{last_start} {}

  // -- holders
  /// The task may be granted. Until confirmed, the hold is given back when the grant is refused.
  key_answer try_start(std::string_view queue, const ready_entry& entry, instant now);
  /// It is durable that the task runs, whoever started it.
  void confirm(const task_id& id);
  /// The grant was refused. A confirmed hold stays.
  void give_back(const task_id& id);
  /// It is durable that the task does not run.
  void release(const task_id& id) { holders_.erase(id); }

  // -- queues that wait
  void wait(std::string_view queue, const ready_entry& best);
  void pass(std::string_view queue);
  void leave(std::string_view queue);

  struct advice {
    std::optional<std::string> tell = {};       ///< There may be room for this queue.
    std::optional<instant> look_again_at = {};  ///< Then alarm_rang() is to be called.
  };
  advice look(instant now);
  void alarm_rang() { alarm_.reset(); }

  /// Nothing that it knows matters any more.
  [[nodiscard]] bool is_idle(instant now) const;

  /// As it is now, for people.
  struct view {
    std::vector<task_id> holders;
    struct place {
      std::string queue;
      ready_entry best;  ///< Its task that is next.
    };
    std::vector<place> line;                    ///< The queues that wait, the first in turn first.
    std::optional<instant> next_start_at = {};  ///< The rate lets nobody start before.
  };
  [[nodiscard]] view look_on(instant now) const;

  [[nodiscard]] std::vector<task_id> holders() const;
  [[nodiscard]] std::size_t holder_count() const { return holders_.size(); }
  [[nodiscard]] std::size_t waiter_count() const { return waiters_.size(); }

private:
  /// The middle of a millisecond matters to a thousand starts a second.
  using fine_instant = std::chrono::sys_time<std::chrono::microseconds>;

  struct holder {
    bool confirmed = false;
    std::optional<fine_instant> start_before = {};  ///< last_start_ before it started.
    fine_instant start = {};
  };
  enum class stance { waiting, told, passed };
  struct waiter {
    std::string queue;
    ready_entry best;
    stance is = stance::waiting;
  };

  [[nodiscard]] bool has_slot(const key_limit& limit) const;
  [[nodiscard]] fine_instant next_start(const key_limit& limit, instant now) const;
  waiter* find(std::string_view queue);
  [[nodiscard]] const waiter* first_in_line() const;

  std::map<task_id, holder> holders_;
  std::vector<waiter> waiters_;  ///< One a queue: few.
  fine_instant last_start_;
  instant rests_until_ = instant::min();  ///< The last start matters until then.
  std::optional<instant> alarm_;          ///< Somebody will call alarm_rang() then.
};

}  // namespace carillon
