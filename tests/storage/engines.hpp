#pragma once

#include <catch2/catch.hpp>
#include <memory>

#include "storage/memory_engine.hpp"
#include "storage/rocksdb_engine.hpp"
#include "tests/storage/temporary_folder.hpp"

// The engines that must keep the contracts: a new one is one more type in CARILLON_ENGINES.

namespace carillon::test {

class in_memory {
 public:
  [[nodiscard]] storage::engine& engine() { return *open_; }
  /// As after the end of the process.
  void reopen() { open_ = std::make_unique<storage::memory_engine>(disk_); }
  /// The next commit finds no room on the disk.
  void fill_once() { open_->fail(storage::commit_status::no_space, 1); }

 private:
  std::shared_ptr<storage::memory_disk> disk_ = std::make_shared<storage::memory_disk>();
  std::unique_ptr<storage::memory_engine> open_ = std::make_unique<storage::memory_engine>(disk_);
};

class on_rocksdb {
 public:
  on_rocksdb() { open(0); }
  [[nodiscard]] storage::engine& engine() {
    // Room comes back with the first look after the refused commit.
    if (std::exchange(full_, false))
      refused_ = true;
    return *open_;
  }
  void reopen() { open(0); }

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

}  // namespace carillon::test
