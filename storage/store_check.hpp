#pragma once

#include <memory>
#include <string>

#include "storage/check_report.hpp"
#include "storage/rocksdb_engine.hpp"

namespace carillon::storage {

struct check_settings {
  std::string seal_key;                ///< seal_key_of(): what secrets are opened with.
  std::string logs;                    ///< The folder of logs; empty: it is not looked at.
  bool repairs = false;                ///< Writes what is derived from rows; never a row.
  std::size_t examples_max = 10;       ///< Of each kind of fault.
  std::size_t repair_bytes = 1 << 20;  ///< Of one commit.
};

/// Reads all of a store that nothing writes, and compares: every row must decode, what is derived
/// must be there as its rows say and nothing else, counters must be what is counted. Memory does
/// not grow with the store, but for one number for each type and queue.
///
/// With `repairs` the report is of what is left after that.
check_report check_store(engine& disk, const check_settings& settings);

/// Opens the database of a data folder that is there. Without `repairs` nothing in it is changed.
expected<std::unique_ptr<disk_engine>> open_for_check(const std::string& data_folder, bool repairs);

/// The same to copy it.
expected<std::unique_ptr<disk_engine>> open_to_copy(const std::string& data_folder);

/// The checksums of its files first: of a damaged database nothing more is read, and nothing is
/// written to it.
check_report check_folder(disk_engine& disk, const std::string& data_folder, bool repairs);

}  // namespace carillon::storage
