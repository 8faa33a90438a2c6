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
expected<std::unique_ptr<engine>> open_rocksdb(const rocksdb_settings& settings);

}  // namespace carillon::storage
