#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/ready_entry.hpp"

namespace carillon {

/// Up to where the waiting tasks of some keys are in memory: whoever reads the store skips what
/// lies behind, so that it finds those whom no key stops.
class parked_bounds {
public:
  /// Notes the key of what is skipped.
  bool skips(const ready_entry& entry);
  [[nodiscard]] const std::unordered_set<std::string>& skipped() const { return skipped_; }

private:
  friend class parked_tasks;
  std::unordered_map<std::string, ready_entry> last_;  ///< In memory, by key.
  std::unordered_set<std::string> skipped_;
};

/// The tasks of one queue that wait for their keys, by key. Those of a closed key wait for news of
/// it; an open one may have room, so its best task takes part in the queue's order.
///
/// Invariants:
///  - A key is here while it has tasks here.
///  - What does not fit is left in the store, the worst ranks of the largest keys first. Each key
///  keeps one, and remembers what it left: that is asked for when its last one goes.
class parked_tasks {
public:
  explicit parked_tasks(std::size_t capacity) : capacity_{capacity} {}

  /// Puts a task to those of its key, and closes the key.
  void park(const ready_entry& entry);
  /// The task waits here no longer. True when this was the last one of its key here but not in the
  /// store.
  bool remove(const task_id& id);

  /// False when no task of it waits.
  bool open(const std::string& key);
  void close(const std::string& key);
  [[nodiscard]] bool is_open(const std::string& key) const;
  /// The best task of all open keys; null when none is open.
  [[nodiscard]] const ready_entry* best_open() const;
  /// Its key is closed for a better one already.
  [[nodiscard]] bool waits_behind_another(const ready_entry& entry) const;

  /// A closed key's best task is another one than before, or the key has none any more.
  struct change {
    std::string key;
    std::optional<ready_entry> best;
  };
  std::vector<change> take_changes();

  /// The store is about to be read. Keys that have their share of the room are bounded; what the
  /// others left there comes with this reading, as far as it gets.
  parked_bounds begin_reading();
  /// The store holds tasks of the key that are not here. False when the key is not here at all.
  bool note_left(const std::string& key);

  [[nodiscard]] bool contains(const task_id& id) const { return entries_.contains(id); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::vector<std::string> keys() const;

private:
  struct queue_of_key {
    std::set<ready_entry> line;
    bool is_open = false;
    bool more_in_store = false;
  };
  void shed();

  std::size_t capacity_;
  std::unordered_map<std::string, queue_of_key> keys_;
  std::unordered_map<task_id, ready_entry> entries_;  ///< The same tasks by id.
  std::set<ready_entry> open_;                        ///< The best of each open key.
  std::unordered_set<std::string> changed_;
};

}  // namespace carillon
