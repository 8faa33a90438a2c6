#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/key_value.hpp"
#include "storage/task_store.hpp"

namespace carillon::storage {

/// Takes changes and makes them durable, in the order in which they come.
class commit_queue {
public:
  using on_committed = std::function<void(commit_status)>;

  virtual ~commit_queue() = default;
  /// `done` is called once, on the queue's own thread, when the outcome is known; it must not
  /// block.
  virtual void submit(change_set changes, on_committed done) = 0;
};

/// The one writer: a thread that drains all that is queued, writes it as one batch with one sync,
/// and then answers all of it. A slow disk so makes larger groups, not longer queues.
class writer final : public commit_queue {
public:
  /// `on_failure` is called once, when a write or sync has failed for another reason than a full
  /// disk: what is on disk is unknown then, nothing more is written, and the process must end.
  writer(task_store& store, std::function<void()> on_failure);
  ~writer() override;

  /// Writes what is queued, answers it, and takes no more. At most one thread calls it.
  void stop();

  void submit(change_set changes, on_committed done) override;

  /// Bytes that wait to be written: what admission control looks at. Any thread.
  [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_.load(); }
  /// False while the disk is full.
  [[nodiscard]] bool has_room() const { return has_room_.load(); }
  /// Batches written so far, each with one sync.
  [[nodiscard]] std::uint64_t batches() const { return batches_.load(); }

private:
  struct request {
    change_set changes;
    on_committed done;
  };
  void run();
  void write(std::vector<request>& group);
  bool may_write();

  task_store& store_;
  std::function<void()> on_failure_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<request> queue_;
  bool stopping_ = false;
  bool failed_ = false;  ///< Only the writer's thread looks.
  std::chrono::steady_clock::time_point next_probe_{};
  std::atomic<std::size_t> queued_bytes_ = 0;
  std::atomic<bool> has_room_ = true;
  std::atomic<std::uint64_t> batches_ = 0;
  std::thread thread_;  ///< Last: starts when all else is there.
};

}  // namespace carillon::storage
