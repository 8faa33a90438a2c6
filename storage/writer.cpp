#include "storage/writer.hpp"

#include <pthread.h>

#include <utility>

#include "model/log.hpp"

namespace carillon::storage {
namespace {

/// How often a full disk is tried again.
constexpr auto probe_interval = std::chrono::milliseconds{500};

}  // namespace

writer::writer(task_store& store, std::function<void()> on_failure)
    : store_{store}, on_failure_{std::move(on_failure)}, thread_{[this] { run(); }} {
  pthread_setname_np(thread_.native_handle(), "writer");
}

writer::~writer() {
  stop();
}

void writer::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

void writer::submit(change_set changes, on_committed done) {
  bool was_empty = false;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_)
      return;  // whoever waits for the answer hears that there is none
    was_empty = queue_.empty();
    queued_bytes_ += changes.bytes();
    queued_changes_ += 1;
    queue_.push_back({std::move(changes), std::move(done)});
  }
  if (was_empty)
    wake_.notify_one();
}

void writer::run() {
  std::vector<request> group;
  while (true) {
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty())
        return;
      group.swap(queue_);
    }
    write(group);
    group.clear();
  }
}

void writer::write(std::vector<request>& group) {
  std::vector<const change_set*> changes;
  changes.reserve(group.size());
  std::size_t bytes = 0;
  for (const auto& waiting : group) {
    changes.push_back(&waiting.changes);
    bytes += waiting.changes.bytes();
  }
  const auto began = std::chrono::steady_clock::now();
  auto status = commit_status::failed;
  if (!failed_)
    status = may_write() ? store_.commit(changes) : commit_status::no_space;
  batches_ += status == commit_status::durable ? 1 : 0;
  note(group.size(), bytes, status, std::chrono::steady_clock::now() - began);
  if (status == commit_status::no_space && has_room_.exchange(false))
    log(log_level::error, "disk_full", {});
  if (status == commit_status::failed && !std::exchange(failed_, true))
    on_failure_();
  for (auto& waiting : group)
    waiting.done(status);
  queued_bytes_ -= bytes;
  queued_changes_ -= group.size();
}

void writer::note(std::size_t changes, std::size_t bytes, commit_status status,
                  std::chrono::steady_clock::duration took) {
  if (status != commit_status::durable)
    return figures_.failures.add();
  figures_.changes.add(static_cast<std::int64_t>(changes));
  figures_.bytes.add(static_cast<std::int64_t>(bytes));
  figures_.commit_time.add(std::chrono::floor<std::chrono::microseconds>(took).count());
}

/// On a full disk: whether it is time to try again, and the store can.
bool writer::may_write() {
  if (has_room_)
    return true;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_probe_)
    return false;
  next_probe_ = now + probe_interval;
  if (!store_.recover())
    return false;
  has_room_ = true;
  log(log_level::info, "disk_has_room_again", {});
  return true;
}

}  // namespace carillon::storage
