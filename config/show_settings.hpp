#pragma once

#include "config/load_settings.hpp"

#include <string>

namespace carillon {

/// Aligned columns: key, value as in a file, origin.
std::string show_as_text(const loaded_settings& loaded);

/// One object with a member for each key: {"value": ..., "origin": "..."}. Counts and sizes are
/// numbers (bytes), durations are words, lists are arrays.
std::string show_as_json(const loaded_settings& loaded);

}  // namespace carillon
