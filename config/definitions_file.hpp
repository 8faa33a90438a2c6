#pragma once

#include "config/line_fault.hpp"
#include "config/settings_file.hpp"
#include "model/definition.hpp"

#include <span>
#include <string>
#include <vector>

namespace carillon {

/// What the sections [scheduler], [tasks.NAME] and [services.NAME] of a file say.
struct file_definitions {
  std::vector<definition> all;  ///< Sorted by name. Of no use when there are faults.
  std::vector<line_fault> faults;
};

/// Other sections among the entries are left alone. `path` is the file's, for locations and for
/// relative folders.
file_definitions read_definitions(const std::string& path, std::span<const file_entry> entries);

/// Reads the file anew: all its definitions, sorted by name. Settings in it are left alone, but a
/// section that is neither of settings nor of definitions is a fault. On failure the problem holds
/// all faults at once, each with a location such as "carillon.toml:12: tasks.backup.on_overlap".
expected<std::vector<definition>> load_definitions(const std::string& path);

}  // namespace carillon
