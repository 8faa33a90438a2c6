#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/task_store.hpp"

namespace carillon::storage {

/// Looks things up in the store away from the actors' threads.
class lookup_queue {
public:
  using job = std::function<void(const task_store&)>;

  virtual ~lookup_queue() = default;
  /// Runs `look` soon. Jobs run in the order in which they come, when there is one thread.
  virtual void post(job look) = 0;
};

/// Threads that may block on the disk.
class reader final : public lookup_queue {
public:
  reader(const task_store& store, unsigned threads, const std::string& name);
  ~reader() override;

  /// Ends; what has not begun is dropped. At most one thread calls it.
  void stop();

  void post(job look) override;
  [[nodiscard]] std::size_t waiting() const;

private:
  void run();

  const task_store& store_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace carillon::storage
