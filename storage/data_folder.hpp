#pragma once

#include <string>

#include "model/problem.hpp"

namespace carillon::storage {

/// The version of the whole layout: keys, records, number of shards. It stands in the file FORMAT
/// of the data folder, outside the database, so that a newer one is refused before a byte is
/// changed.
///
/// To change it: 1. increase format_version; 2. migrate older folders in open_data_folder(), one
/// version at a time and crash-safe; 3. describe it in docs/storage.md.
inline constexpr int format_version = 1;

/// Makes the folder (mode 0700) when it is not there and checks its format. Returns the path of the
/// database in it.
expected<std::string> open_data_folder(const std::string& folder);

/// The same of a folder that must be there; changes nothing.
expected<std::string> find_data_folder(const std::string& folder);

/// Makes durable which files a folder has.
expected<void> sync_folder(const std::string& path);

/// Writes a small file, mode 0600, so that after a crash it is there whole or not at all.
expected<void> write_durably(const std::string& path, const std::string& text);

}  // namespace carillon::storage
