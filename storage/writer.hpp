#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "model/tally.hpp"
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

/// What the writer did since its start.
struct writer_figures {
  distribution changes{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024, 4'096};  ///< Of a batch.
  distribution bytes{1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20};
  /// Of a batch, in microseconds.
  distribution commit_time{100,    250,    500,     1'000,   2'500,     5'000,    10'000,
                           25'000, 50'000, 100'000, 250'000, 1'000'000, 5'000'000};
  tally failures;  ///< Batches that did not become durable.
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
  /// Changes that wait to be written. Any thread.
  [[nodiscard]] std::size_t queued_changes() const { return queued_changes_.load(); }
  [[nodiscard]] const writer_figures& figures() const { return figures_; }

private:
  struct request {
    change_set changes;
    on_committed done;
  };
  void run();
  void write(std::vector<request>& group);
  void note(std::size_t changes, std::size_t bytes, commit_status status,
            std::chrono::steady_clock::duration took);
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
  std::atomic<std::size_t> queued_changes_ = 0;
  writer_figures figures_;
  std::thread thread_;  ///< Last: starts when all else is there.
};

}  // namespace carillon::storage
