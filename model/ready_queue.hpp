#pragma once

#include <cstddef>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/instant.hpp"
#include "model/task_id.hpp"

namespace carillon {

/// A task that waits in a queue; the lowest rank goes first (rank_of).
struct ready_entry {
  instant rank;
  task_id id;

  auto operator<=>(const ready_entry&) const = default;
};

/// The head of one queue in memory. All of it is in the store's ready index; what does not fit here
/// stays there and is read again when this runs low.
class ready_queue {
public:
  explicit ready_queue(std::size_t capacity) : capacity_{capacity} {}

  /// A task became ready, after that was made durable.
  void offer(const ready_entry& entry);

  /// The next tasks to grant, at most `count`. They count as in flight until settled.
  std::vector<task_id> take(std::size_t count);

  /// The grant of a taken task was decided, one way or the other.
  void settle(const task_id& id) { in_flight_.erase(id); }

  /// A taken task may wait again without an offer.
  void more_is_in_store() {
    more_in_store_ = true;
    left_in_store_ = true;
  }

  /// The head runs low and the store holds more: read it from there.
  [[nodiscard]] bool wants_refill() const;
  void refill_started() {
    refilling_ = true;
    left_in_store_ = false;
  }
  /// What the store's index begins with. `complete`: there was no more.
  void refill(const std::vector<ready_entry>& entries, bool complete);

  [[nodiscard]] bool empty() const { return order_.empty(); }
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] bool refilling() const { return refilling_; }

private:
  void insert(const ready_entry& entry);

  std::size_t capacity_;
  std::set<ready_entry> order_;
  std::unordered_map<task_id, instant> ranks_;  ///< The same entries by id.
  std::unordered_set<task_id> in_flight_;
  bool more_in_store_ = true;   ///< Until a refill has shown the end.
  bool left_in_store_ = false;  ///< An entry was turned away since the refill started.
  bool refilling_ = false;
};

}  // namespace carillon
