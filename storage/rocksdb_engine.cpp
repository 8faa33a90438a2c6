#include "storage/rocksdb_engine.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/iostats_context.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <sys/statvfs.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <limits>

#include "model/log.hpp"

namespace carillon::storage {
namespace {

using rocksdb::Slice;

constexpr std::size_t hint_prefix_bytes = 3;

/// A file is merged soon when so many of so many neighbouring entries only say that a key is gone.
/// In the index most do from the beginning: entries move whenever a task does.
constexpr std::size_t erased_window = 16'384;
constexpr std::size_t erased_max_of_rows = 8'192;
constexpr std::size_t erased_max_of_index = 14'000;

/// Fewer are not worth a file of their own.
constexpr std::size_t erased_rows_min = 10'000;

/// Few threads read. In the many small parts that are the default, the filters and indexes of
/// files, some hundred KB each, would push each other out.
constexpr int cache_shard_bits = 2;

constexpr std::size_t verify_readahead = 2 << 20;

constexpr auto room_check_interval = std::chrono::milliseconds{100};

Slice to_slice(std::string_view text) {
  return {text.data(), text.size()};
}

class rocksdb_cursor final : public cursor {
public:
  explicit rocksdb_cursor(rocksdb::Iterator* at) : at_{at} {}

  void seek(std::string_view key) override { at_->Seek(to_slice(key)); }
  void seek_for_prev(std::string_view key) override { at_->SeekForPrev(to_slice(key)); }
  void next() override { at_->Next(); }
  void prev() override { at_->Prev(); }
  [[nodiscard]] bool valid() const override { return at_->Valid(); }
  [[nodiscard]] std::string_view key() const override { return at_->key().ToStringView(); }
  [[nodiscard]] std::string_view value() const override { return at_->value().ToStringView(); }

private:
  std::unique_ptr<rocksdb::Iterator> at_;
};

class rocksdb_engine final : public disk_engine {
public:
  rocksdb_engine(rocksdb_settings settings, std::unique_ptr<rocksdb::DB> db,
                 std::vector<rocksdb::ColumnFamilyHandle*> families, std::shared_ptr<void> lock)
      : lock_{std::move(lock)},
        settings_{std::move(settings)},
        db_{std::move(db)},
        index_{families[0]},
        rows_{families[1]} {}

  ~rocksdb_engine() override {
    db_->DestroyColumnFamilyHandle(index_);
    db_->DestroyColumnFamilyHandle(rows_);
    db_->Close();
  }

  commit_status commit(const std::vector<const change_set*>& changes) override {
    if (!has_room())
      return commit_status::no_space;
    rocksdb::WriteBatch batch;
    for (const auto* change : changes) {
      change->for_each([&](const change_set::operation& made) {
        if (made.is_put)
          batch.Put(family(made.where), to_slice(made.key), to_slice(made.value));
        else
          batch.Delete(family(made.where), to_slice(made.key));
        erased_rows_ += made.where == space::rows && !made.is_put ? 1 : 0;
      });
    }
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const auto status = write_timed(durable, batch);
    if (status.ok())
      return commit_status::durable;
    log(log_level::error, "store_write_failed", {{"cause", status.ToString()}});
    return status.IsNoSpace() ? commit_status::no_space : commit_status::failed;
  }

  expected<std::optional<std::string>> get(space where, std::string_view key) const override {
    std::string value;
    const auto status = db_->Get({}, family(where), to_slice(key), &value);
    if (status.IsNotFound())
      return std::optional<std::string>{};
    if (!status.ok())
      return problem{problem_kind::corrupt, "the store cannot be read: " + status.ToString()};
    return std::optional{std::move(value)};
  }

  std::vector<std::unique_ptr<cursor>> read(space where, std::size_t count) const override {
    rocksdb::ReadOptions options;
    options.snapshot = count > 1 ? db_->GetSnapshot() : nullptr;
    std::vector<std::unique_ptr<cursor>> cursors;
    cursors.reserve(count);
    for (std::size_t made = 0; made < count; ++made)
      cursors.push_back(std::make_unique<rocksdb_cursor>(db_->NewIterator(options, family(where))));
    // An iterator keeps what it sees alive by itself.
    if (options.snapshot != nullptr)
      db_->ReleaseSnapshot(options.snapshot);
    return cursors;
  }

  bool recover() override {
    next_room_check_ = {};
    return has_room() && db_->Resume().ok();
  }

  /// What says that a key is gone hides it at once, and gives its room back when it meets it in a
  /// file: not while it is in memory.
  void reclaim() const override {
    if (erased_rows_ < erased_rows_min)
      return;
    erased_rows_ = 0;
    rocksdb::FlushOptions soon;
    soon.wait = false;
    const auto status = db_->Flush(soon, {index_, rows_});
    if (!status.ok())
      log(log_level::warn, "erased rows keep their room for now", {{"cause", status.ToString()}});
  }

  expected<void> checkpoint(const std::string& folder) const override {
    rocksdb::Checkpoint* made = nullptr;
    auto status = rocksdb::Checkpoint::Create(db_.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> owned{made};
    // The log is copied, however long it is: nothing is flushed, so that no writer waits.
    if (status.ok())
      status = made->CreateCheckpoint(folder, std::numeric_limits<std::uint64_t>::max());
    if (!status.ok())
      return problem{problem_kind::unavailable,
                     "the database cannot be copied: " + status.ToString()};
    return {};
  }

  expected<void> verify() const override {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.readahead_size = verify_readahead;
    const auto status = db_->VerifyChecksum(options);
    if (!status.ok())
      return problem{problem_kind::corrupt, status.ToString()};
    return {};
  }
  [[nodiscard]] const distribution* sync_times() const override { return &sync_times_; }

private:
  /// RocksDB knows how long this thread has waited for syncs, when it is asked to look.
  rocksdb::Status write_timed(const rocksdb::WriteOptions& options, rocksdb::WriteBatch& batch) {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableTimeExceptForMutex);
    auto& waited = rocksdb::get_iostats_context()->fsync_nanos;
    waited = 0;
    auto status = db_->Write(options, &batch);
    sync_times_.add(static_cast<std::int64_t>(waited / 1'000));
    return status;
  }

  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(space where) const {
    return where == space::rows ? rows_ : index_;
  }

  /// Refusing early keeps the log whole: a write that a full disk cuts short is far dearer.
  bool has_room() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_room_check_)
      return has_room_;
    next_room_check_ = now + room_check_interval;
    struct statvfs disk {};
    has_room_ = ::statvfs(settings_.folder.c_str(), &disk) != 0
                || std::uint64_t{disk.f_bavail} * disk.f_frsize >= settings_.free_bytes_min;
    return has_room_;
  }

  std::shared_ptr<void> lock_;  ///< Null: the database has its own.
  rocksdb_settings settings_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* index_;
  rocksdb::ColumnFamilyHandle* rows_;
  std::chrono::steady_clock::time_point next_room_check_{};
  bool has_room_ = true;
  distribution sync_times_{50,     100,    250,    500,     1'000,   2'500,     5'000,
                           10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000, 5'000'000};
  mutable std::atomic<std::size_t> erased_rows_ = 0;  ///< Since the last reclaim().
};

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // One writer: what concurrent writers would need only costs.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  // Log files are not recycled: RocksDB allows it only with the recovery that skips broken records.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_total_wal_size = 128 << 20;
  options.max_background_jobs = 2;
  options.bytes_per_sync = 1 << 20;
  options.max_open_files = 512;
  options.keep_log_file_num = 3;
  options.max_log_file_size = 8 << 20;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache,
                                            std::size_t memtable_bytes, std::size_t erased_max) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = 3;
  // Behind shard, kind and (say) status, keys begin with ids or moments and mostly rise: where the
  // last one of its kind went in is a good place to begin the search.
  options.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewFixedPrefixTransform(hint_prefix_bytes));
  // What was just flushed is soon merged: compressing it then is early enough.
  options.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  options.level0_file_num_compaction_trigger = 8;
  options.level_compaction_dynamic_level_bytes = true;
  options.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(erased_window, erased_max));
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families_of(const rocksdb_settings& settings) {
  const auto cache = rocksdb::NewLRUCache(settings.block_cache_bytes, cache_shard_bits);
  // An index entry is a tenth of a row.
  const auto index = family_options(cache, settings.memtable_bytes, erased_max_of_index);
  const auto rows = family_options(cache, settings.memtable_bytes, erased_max_of_rows);
  return {{rocksdb::kDefaultColumnFamilyName, index}, {"rows", rows}};
}

problem does_not_open(const rocksdb::Status& status) {
  return {problem_kind::corrupt, "the store does not open: " + status.ToString()};
}

/// What keeps other processes off a database, held as a server holds it.
class database_lock {
public:
  explicit database_lock(const std::string& folder)
      : status_{rocksdb::Env::Default()->LockFile(folder + "/LOCK", &lock_)} {}
  ~database_lock() {
    if (lock_ != nullptr)
      rocksdb::Env::Default()->UnlockFile(lock_);
  }
  database_lock(const database_lock&) = delete;
  database_lock& operator=(const database_lock&) = delete;

  [[nodiscard]] const rocksdb::Status& status() const { return status_; }

private:
  rocksdb::FileLock* lock_ = nullptr;
  rocksdb::Status status_;
};

}  // namespace

expected<std::unique_ptr<disk_engine>> open_rocksdb(const rocksdb_settings& settings) {
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto status =
      rocksdb::DB::Open(database_options(), settings.folder, families_of(settings), &handles, &db);
  if (!status.ok())
    return does_not_open(status);
  return std::unique_ptr<disk_engine>{std::make_unique<rocksdb_engine>(
      settings, std::unique_ptr<rocksdb::DB>{db}, handles, nullptr)};
}

expected<std::unique_ptr<disk_engine>> open_rocksdb_to_read(const std::string& folder) {
  if (!std::filesystem::exists(folder + "/CURRENT"))
    return problem{problem_kind::not_found, "there is no database in " + folder};
  auto lock = std::make_shared<database_lock>(folder);
  if (!lock->status().ok())
    return problem{problem_kind::conflict,
                   folder + " is used by another process: " + lock->status().ToString()};
  const rocksdb_settings settings{folder};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(database_options(), folder,
                                                   families_of(settings), &handles, &db);
  if (!status.ok())
    return does_not_open(status);
  return std::unique_ptr<disk_engine>{std::make_unique<rocksdb_engine>(
      settings, std::unique_ptr<rocksdb::DB>{db}, handles, std::move(lock))};
}

}  // namespace carillon::storage
