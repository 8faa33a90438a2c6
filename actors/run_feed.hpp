#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "actors/news_ring.hpp"
#include "model/task.hpp"

namespace carillon {

/// What happened to an attempt that is a run of its own for people.
enum class run_news : std::uint8_t { created, started, updated, completed, failed, deleted };

/// A change that is on disk.
struct run_change {
  std::uint64_t number;  ///< Rises by one with every change, and more with every life.
  run_news what;
  task_ptr subject;  ///< After it; of a deleted one before it.
  int attempt;       ///< From 1, also before it began.
};

/// Tells whoever looks on that runs have changed, or have printed something. Those who look on are
/// woken and then read at their own speed, so that a slow one holds nobody up. Any thread.
class run_feed {
public:
  /// Numbers begin behind `base`, so that those of an earlier life are never taken for ours.
  explicit run_feed(std::uint64_t base) : ring_{base, changes_kept_max} {}

  /// Keeps its watcher awake as long as it lives. Release it on any thread.
  using watch_handle = std::shared_ptr<void>;

  /// The changes of a command's task from `before` (null: new) to `after`; of other tasks nothing.
  void publish(const task_ptr& before, const task_ptr& after, bool removed);
  /// A run has printed something.
  void printed(const task_id& run);

  struct batch {
    std::vector<run_change> changes;
    bool has_gap = false;  ///< Some between `number` and the first of them are forgotten.
  };
  /// What came after that number, the oldest first, at most `limit`.
  [[nodiscard]] batch after(std::uint64_t number, std::size_t limit) const;
  [[nodiscard]] std::uint64_t last_number() const { return ring_.last_number(); }

  /// `wake` is called after every change; it must not block, and may come once more while the
  /// handle is released.
  watch_handle watch(std::function<void()> wake) { return ring_.watch(std::move(wake)); }
  /// `wake` is called when the run has printed something or has ended.
  watch_handle watch_output(const task_id& run, std::function<void()> wake);

private:
  using waker = std::shared_ptr<std::function<void()>>;

  /// So many changes can be caught up with.
  static constexpr std::size_t changes_kept_max = 4'096;

  void add(run_news what, const task_ptr& subject, int attempt);

  news_ring<run_change> ring_;
  std::mutex mutex_;
  std::unordered_map<task_id, std::map<std::uint64_t, waker>> readers_;  ///< With the mutex held.
  std::uint64_t handles_ = 0;                                            ///< The same.
};

}  // namespace carillon
