#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/check_report.hpp"
#include "storage/rocksdb_engine.hpp"

// Copies of a data folder that can be served as they are.

namespace carillon::storage {

struct backup_facts {
  std::string folder;
  std::int64_t files = 0;
  std::uint64_t bytes = 0;
  std::int64_t tasks = 0;
};

/// Adds what belongs to a backup to the draft of it. How many tasks there were.
using backup_addition = std::function<expected<std::int64_t>(const std::string& draft)>;

/// Where a backup may be made: an absolute path below `allowed` whose parent is there and which is
/// not there itself. What it leads to without links.
expected<std::string> backup_path(const std::string& allowed, const std::string& to);

/// Copies what is durable now to a folder that is not there yet. It appears when all of it is
/// synced, or not at all. Files of the database that never change are shared with it where the file
/// system can. Output of commands is copied as it is found. The token is left out. Blocks; writers
/// go on. One at a time.
expected<backup_facts> make_backup(const disk_engine& disk, const std::string& data_folder,
                                   const std::string& to, const backup_addition& also);

/// Copies a store into a folder that it makes, without making that durable. How many tasks it has.
expected<std::int64_t> copy_store(const disk_engine& disk, const std::string& data_folder,
                                  const std::string& to);

/// What was found in the copies: the operator's store, and those of tenants.
struct restored_stores {
  check_report own;
  std::vector<tenant_report> tenants;
};

/// Copies a backup into a folder that is not there yet, or is empty, and reads all of it: it can be
/// served when nothing is at fault. Shares no file with the backup.
expected<restored_stores> restore_backup(const std::string& from, const std::string& to);

}  // namespace carillon::storage
