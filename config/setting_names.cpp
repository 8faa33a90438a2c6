#include "config/setting_names.hpp"

#include "config/settings_table.hpp"
#include "config/suggestion.hpp"

#include <algorithm>
#include <vector>

namespace carillon {

namespace {

const std::string definition_sections[] = {"tasks", "services", "scheduler"};

/// What an unknown key may have been meant to be; without a dot also a section.
std::vector<std::string> names_like(std::string_view key) {
  std::vector<std::string> names;
  for (const auto& row : settings_table()) {
    names.emplace_back(row.key);
    if (key.find('.') == std::string_view::npos)
      names.emplace_back(row.key.substr(0, row.key.find('.')));
  }
  return names;
}

/// "task.backup.run" -> "tasks.backup.run"
std::string definition_like(const file_entry& entry) {
  const auto& section = entry.path.front();
  auto meant = closest(section, definition_sections);
  return meant.empty() ? meant
                       : meant + entry.key.substr(std::min(section.size(), entry.key.size()));
}

}  // namespace

bool is_of_definitions(const file_entry& entry) {
  return std::ranges::find(definition_sections, entry.path.front())
         != std::end(definition_sections);
}

bool is_setting_section(std::string_view key) {
  const auto prefix = std::string{key} + ".";
  return std::ranges::any_of(settings_table(),
                             [&](const auto& row) { return row.key.starts_with(prefix); });
}

std::optional<std::string> why_unknown(const file_entry& entry) {
  if (find_setting(entry.key) != nullptr || is_setting_section(entry.key)
      || entry.form == value_form::section)  // its entries are told
    return std::nullopt;
  const auto setting = closest(entry.key, names_like(entry.key));
  return "is not a setting" + did_you_mean(setting.empty() ? definition_like(entry) : setting);
}

}  // namespace carillon
