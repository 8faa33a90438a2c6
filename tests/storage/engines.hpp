#pragma once

#include <catch2/catch.hpp>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>

#include "storage/memory_engine.hpp"
#include "storage/rocksdb_engine.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace carillon::test {

// -- the engines that must keep the contracts ---------------------------------

class in_memory {
public:
  in_memory() { reopen(); }
  [[nodiscard]] storage::engine& engine() { return *open_; }
  /// As after the end of the process.
  void reopen() { open_ = std::make_unique<storage::memory_engine>(disk_); }
  /// The same, on a disk that has no room left for a commit.
  void reopen_full() {
    reopen();
    open_->fail(storage::commit_status::no_space, 1);
  }

private:
  std::shared_ptr<storage::memory_disk> disk_ = std::make_shared<storage::memory_disk>();
  std::unique_ptr<storage::memory_engine> open_;
};

class on_rocksdb {
public:
  on_rocksdb() { reopen(); }
  [[nodiscard]] storage::engine& engine() { return *open_; }
  void reopen() { open(0); }
  void reopen_full() { open(std::numeric_limits<std::uint64_t>::max()); }

private:
  void open(std::uint64_t free_bytes_min) {
    open_.reset();
    storage::rocksdb_settings settings;
    settings.folder = folder_.path().string();
    settings.free_bytes_min = free_bytes_min;
    auto opened = storage::open_rocksdb(settings);
    REQUIRE(opened.has_value());
    open_ = *std::move(opened);
  }

  temporary_folder folder_;
  std::unique_ptr<storage::engine> open_;
};

// -- faults -------------------------------------------------------------------

/// Passes all on to another engine, unless it is told to refuse or to hold commits. Thread safe.
class faulty_engine final : public storage::engine {
public:
  explicit faulty_engine(storage::engine& inner) : inner_{inner} {}

  storage::commit_status commit(const std::vector<const storage::change_set*>& changes) override {
    std::unique_lock lock{mutex_};
    ++commits_;
    moved_.notify_all();
    moved_.wait(lock, [this] { return !held_; });
    if (answer_ != storage::commit_status::durable)
      return answer_;
    return inner_.commit(changes);
  }
  expected<std::optional<std::string>> get(storage::space where,
                                           std::string_view key) const override {
    return inner_.get(where, key);
  }
  std::vector<std::unique_ptr<storage::cursor>> read(storage::space where,
                                                     std::size_t count) const override {
    return inner_.read(where, count);
  }
  bool recover() override {
    const std::lock_guard lock{mutex_};
    ++recoveries_;
    return recovers_;
  }

  void reclaim() const override { inner_.reclaim(); }

  /// Commits answer this from now on; what is not durable writes nothing.
  void answer(storage::commit_status how) {
    const std::lock_guard lock{mutex_};
    answer_ = how;
  }
  void recovers(bool whether) {
    const std::lock_guard lock{mutex_};
    recovers_ = whether;
  }
  /// Commits stand still until let_go().
  void hold() {
    const std::lock_guard lock{mutex_};
    held_ = true;
  }
  void let_go() {
    const std::lock_guard lock{mutex_};
    held_ = false;
    moved_.notify_all();
  }
  void wait_for_commits(int count) {
    std::unique_lock lock{mutex_};
    moved_.wait(lock, [&] { return commits_ >= count; });
  }
  [[nodiscard]] int commits() const {
    const std::lock_guard lock{mutex_};
    return commits_;
  }
  [[nodiscard]] int recoveries() const {
    const std::lock_guard lock{mutex_};
    return recoveries_;
  }

private:
  storage::engine& inner_;
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  storage::commit_status answer_ = storage::commit_status::durable;
  bool recovers_ = true;
  bool held_ = false;
  int commits_ = 0;
  int recoveries_ = 0;
};

}  // namespace carillon::test
