#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "model/task_id.hpp"

namespace carillon {

/// Those who wait for tasks to end. As long as nobody does, an end costs a look at one number. Any
/// thread; nothing is called under the lock.
class waiting_room {
public:
  /// More than so many do not wait.
  static constexpr std::size_t places = 4'096;

  /// `over` is called once: when the task has ended, or by leave(). Who is not wanted any more
  /// gives the place up when there is no other left. Empty: there is none.
  std::optional<std::uint64_t> enter(const task_id& id, std::function<bool()> is_wanted,
                                     std::function<void()> over);
  /// This one has waited long enough.
  void leave(const task_id& id, std::uint64_t number);
  /// The task has ended, and that is on disk.
  void ended(const task_id& id);

  [[nodiscard]] std::size_t size() const { return count_.load(); }

private:
  struct waiter {
    std::uint64_t number;
    std::function<bool()> is_wanted;
    std::function<void()> over;
  };

  std::mutex mutex_;
  std::unordered_multimap<task_id, waiter> waiting_;
  std::uint64_t last_number_ = 0;
  std::atomic<std::size_t> count_ = 0;
};

}  // namespace carillon
