#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/key_value.hpp"

namespace carillon::storage {

struct rocksdb_settings {
  std::string folder;
  std::size_t block_cache_bytes = 32 << 20;
  std::size_t memtable_bytes = 32 << 20;
  std::uint64_t free_bytes_min = 64 << 20;  ///< Less room on the disk than this: no_space.
};

/// The engine on disk. One process at a time.
class disk_engine : public engine {
public:
  /// A database of its own with what is durable now, in a folder that is not there yet. Shares
  /// files that never change with this one where the file system can, and copies the others.
  /// Writers go on meanwhile. Any thread.
  virtual expected<void> checkpoint(const std::string& folder) const = 0;
  /// Reads every file of the database and compares it with its checksums.
  virtual expected<void> verify() const = 0;
};
expected<std::unique_ptr<disk_engine>> open_rocksdb(const rocksdb_settings& settings);

/// For a look at a database that must be there. Changes nothing; all writes fail. The problem is of
/// kind conflict while another process has it open.
expected<std::unique_ptr<disk_engine>> open_rocksdb_to_read(const std::string& folder);

}  // namespace carillon::storage
