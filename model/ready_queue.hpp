#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/key_gate.hpp"
#include "model/parked_tasks.hpp"
#include "model/ready_entry.hpp"

namespace carillon {

/// The head of one queue in memory. All of it is in the store's ready index; what does not fit here
/// stays there and is read again when this runs low. Tasks whose key is not free are parked: they
/// hold up nobody behind them.
class ready_queue {
public:
  /// `more_in_store` false: the store holds no tasks of this queue but those that will be offered.
  explicit ready_queue(std::size_t capacity, bool more_in_store = true)
      : capacity_{capacity}, parked_{capacity}, more_in_store_{more_in_store} {}

  /// A task became ready, after that was made durable.
  void offer(const ready_entry& entry);

  /// Asks for the key of a task.
  using ask_key = std::function<key_answer(const ready_entry&)>;
  /// The next tasks to grant, at most `count`. They count as in flight until settled. Only tasks
  /// with a key are asked for, unless `asks_for_all`. The answer `full` ends it.
  std::vector<ready_entry> take(std::size_t count, const ask_key& ask = {},
                                bool asks_for_all = false);

  /// The grant of a taken task was decided, one way or the other.
  void settle(const task_id& id) { in_flight_.erase(id); }

  /// The store holds tasks that were not offered.
  void leave_in_store();
  /// The head runs low and the store holds more: read it from there.
  [[nodiscard]] bool wants_refill() const;
  /// Returns what the reader may skip.
  parked_bounds refill_started();
  /// How many entries to read.
  [[nodiscard]] std::size_t refill_size() const { return capacity_ + parked_.size(); }
  /// What the store's index begins with. `complete`: there was no more.
  void refill(const std::vector<ready_entry>& entries, bool complete,
              const parked_bounds& bounds = {});

  /// Nothing can be taken now.
  [[nodiscard]] bool empty() const { return order_.empty() && parked_.best_open() == nullptr; }
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  /// Neither here nor in the store does a task of this queue wait.
  [[nodiscard]] bool holds_nothing() const {
    return order_.empty() && parked_.size() == 0 && in_flight_.empty() && !more_in_store_
           && !refilling_;
  }
  [[nodiscard]] bool refilling() const { return refilling_; }

  /// The tasks that wait for keys. Who takes tasks must look at its changes afterwards.
  [[nodiscard]] parked_tasks& parked() { return parked_; }

private:
  void insert(const ready_entry& entry);
  void erase(ready_entry entry);
  void unpark(const task_id& id);
  [[nodiscard]] key_answer ask_for(const ready_entry& entry, const ask_key& ask,
                                   bool asks_for_all) const;

  std::size_t capacity_;
  std::set<ready_entry> order_;
  std::unordered_map<task_id, instant> ranks_;  ///< The same entries by id.
  parked_tasks parked_;                         ///< In here, or in order_, or in neither.
  std::unordered_set<task_id> in_flight_;
  bool more_in_store_;          ///< Until a refill has shown the end.
  bool left_in_store_ = false;  ///< An entry was turned away since the refill started.
  bool refilling_ = false;
};

}  // namespace carillon
