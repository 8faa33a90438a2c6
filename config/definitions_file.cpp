#include "config/definitions_file.hpp"

#include "config/definition_section.hpp"
#include "config/definition_value.hpp"
#include "config/setting_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

namespace carillon {

namespace {

using enum definition_section;

constexpr std::size_t depth_max = 4;  // tasks.NAME.env.VARIABLE

bool is_table(const file_entry& entry) {
  return entry.form == value_form::table || entry.form == value_form::section;
}

bool is_definition_name(std::string_view name) {
  return !name.empty() && name.size() <= definition_name_length_max && is_made_of(name, "._:-");
}

/// Sorts the entries of a file by definition, and reads them one after another.
class definitions_reader {
public:
  explicit definitions_reader(const std::string& path);
  file_definitions read(std::span<const file_entry> entries) &&;

private:
  void take(const file_entry& entry);
  void take_section(const file_entry& entry, std::string_view form);
  void take_zone(const file_entry& entry);
  void take_definition(const file_entry& entry, definition_section of);
  void check_name(const written_definition& found);
  void refuse(const file_entry& entry, std::string message, std::string_view found = {});

  definition_surroundings surroundings_;
  std::map<std::pair<std::string, std::string>, written_definition> found_;  ///< {"tasks", NAME}
  std::map<std::string, const file_entry*> names_;  ///< Who had a name first.
  file_definitions out_;
};

definitions_reader::definitions_reader(const std::string& path) {
  std::error_code ignored;  // then the folder stays as it was named
  const auto absolute = std::filesystem::absolute(path, ignored);
  surroundings_.path = path;
  surroundings_.folder = (ignored ? std::filesystem::path{path} : absolute).parent_path().string();
}

file_definitions definitions_reader::read(std::span<const file_entry> entries) && {
  // A section may stand below its subsections: the outer ones first.
  for (std::size_t depth = 1; depth <= depth_max; ++depth)
    for (const auto& entry : entries)
      if (entry.path.size() == depth && is_of_definitions(entry))
        take(entry);

  std::vector<const written_definition*> in_order;
  for (const auto& [key, section] : found_)
    in_order.push_back(&section);
  std::ranges::stable_sort(in_order, {}, [](const auto* section) { return section->head->line; });
  for (const auto* const section : in_order) {
    check_name(*section);
    out_.all.push_back(read_definition(*section, surroundings_, out_.faults));
  }
  std::ranges::sort(out_.all, {}, [](const definition& one) { return one.spec->name; });
  return std::move(out_);
}

void definitions_reader::refuse(const file_entry& entry, std::string message,
                                std::string_view found) {
  out_.faults.push_back({entry.line,
                         {place_in_file(surroundings_.path, entry.line, entry.key),
                          std::move(message), excerpt(found)}});
}

// -- sorting ------------------------------------------------------------------

void definitions_reader::take(const file_entry& entry) {
  const auto& section = entry.path.front();
  const auto depth = entry.path.size();
  if (section != to_string(scheduler))
    take_definition(entry, section == to_string(tasks) ? tasks : services);
  else if (depth == 1)
    take_section(entry, "[scheduler]");
  else if (depth == 2)
    take_zone(entry);
}

void definitions_reader::take_section(const file_entry& entry, std::string_view form) {
  if (!is_table(entry))
    refuse(entry, fmt::format("is a section; expected {}", form), entry.written);
}

void definitions_reader::take_zone(const file_entry& entry) {
  const auto* const row = find_definition_key(entry.path.at(1), scheduler);
  definition_draft draft;
  if (row == nullptr) {
    refuse_unknown(entry, scheduler, surroundings_.path, out_.faults);
  } else if (!assign(*row, entry, draft)) {
    refuse_value(*row, entry, surroundings_.path, out_.faults);
  } else {
    surroundings_.timezone = draft.spec.timezone;
    surroundings_.timezone_location = place_in_file(surroundings_.path, entry.line, entry.key);
  }
}

/// What is inside an unknown key is not looked at: the key is told.
void definitions_reader::take_definition(const file_entry& entry, definition_section of) {
  const auto& path = entry.path;
  if (path.size() == 1) {
    take_section(entry, fmt::format("[{}.NAME]", entry.key));
  } else if (path.size() == 2) {
    take_section(entry, fmt::format("[{}]", entry.key));
    if (is_table(entry))
      found_.emplace(std::pair{path[0], path[1]}, written_definition{of, &entry, {}, {}});
  } else {
    auto& definition = found_.at({path[0], path[1]});
    if (path.size() == 3)
      definition.keys.push_back(&entry);
    else if (path[2] == "env")
      definition.variables.push_back(&entry);
  }
}

void definitions_reader::check_name(const written_definition& found) {
  const auto& name = found.head->path.at(1);
  if (!is_definition_name(name))
    refuse(*found.head, fmt::format("expected a name of 1 to {} letters, digits and . _ : -",
                                    definition_name_length_max));
  const auto [first, is_new] = names_.emplace(name, found.head);
  if (!is_new)
    refuse(*found.head, fmt::format("is named like {} of line {}: names are unique over tasks and "
                                    "services",
                                    first->second->key, first->second->line));
}

}  // namespace

file_definitions read_definitions(const std::string& path, std::span<const file_entry> entries) {
  return definitions_reader{path}.read(entries);
}

expected<std::vector<definition>> load_definitions(const std::string& path) {
  const auto entries = read_settings_file(path);
  if (!entries)
    return entries.error();
  auto found = read_definitions(path, *entries);
  for (const auto& entry : *entries)
    if (const auto unknown = why_unknown(entry); unknown && !is_of_definitions(entry))
      found.faults.push_back({entry.line, {place_in_file(path, entry.line, entry.key), *unknown}});
  if (!found.faults.empty())
    return configuration_problem(std::move(found.faults));
  return std::move(found.all);
}

}  // namespace carillon
