#pragma once

#include "config/settings_file.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace carillon {

/// [tasks], [services] and [scheduler]: what config/definitions_file.hpp reads.
bool is_of_definitions(const file_entry& entry);

/// A section of settings, "http".
bool is_setting_section(std::string_view key);

/// For an entry that is neither a setting nor a section of them: that it is not one, and what may
/// have been meant.
std::optional<std::string> why_unknown(const file_entry& entry);

}  // namespace carillon
