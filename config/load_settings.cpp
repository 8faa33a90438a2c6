#include "config/load_settings.hpp"

#include "config/printable.hpp"
#include "config/setting_text.hpp"
#include "config/settings_file.hpp"
#include "config/settings_table.hpp"
#include "config/suggestion.hpp"
#include "model/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace carillon {

namespace {

constexpr std::string_view environment_prefix = "CARILLON_";
constexpr std::string_view config_variable = "CARILLON_CONFIG";

std::string quoted(std::string_view text) {
  return json::writer{}.string(text).take();
}

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

bool is_section(std::string_view key) {
  const auto prefix = std::string{key} + ".";
  return std::ranges::any_of(settings_table(),
                             [&](const auto& row) { return row.key.starts_with(prefix); });
}

/// Variables that carry no setting: where the file is, and those of the test programs.
bool is_no_setting(std::string_view variable) {
  return variable == config_variable || variable == "CARILLON_CORPORA"
         || variable == "CARILLON_SEED" || variable.starts_with("CARILLON_TEST_");
}

/// Whether a value that stands so in a file can be one of the row's type.
bool fits(const setting_row& row, value_form form) {
  switch (form) {
    case value_form::text:
      return !is_list(row) && !std::holds_alternative<field_of<int>>(row.field);
    case value_form::integer:
      return std::holds_alternative<field_of<int>>(row.field)
             || std::holds_alternative<field_of<std::size_t>>(row.field);
    case value_form::time:
      return std::holds_alternative<field_of<std::optional<instant>>>(row.field);
    case value_form::list_of_texts:
      return is_list(row);
    case value_form::table:
    case value_form::other:
      return false;
  }
  return false;
}

/// "a, b" -> {"a", "b"}; an empty text is an empty list.
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto part = text.substr(0, comma);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    part = part.substr(0, part.find_last_not_of(' ') + 1);
    parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

/// A value as a source gives it.
struct given_value {
  std::vector<std::string> texts;
  std::string origin;
  std::string written = {};  ///< As it stands in a file; empty elsewhere.
};

/// What an origin is called in a fault: files go without the word, as compilers do it.
std::string place_of(std::string_view origin) {
  constexpr std::string_view file = "file ";
  return std::string{origin.starts_with(file) ? origin.substr(file.size()) : origin};
}

/// Gathers values and faults, source by source.
class loader {
public:
  loader() { loaded_.origins.assign(settings_table().size(), "default"); }

  void read_file(const std::string& path);
  void read_environment(const environment_map& environment);
  void read_flags(const std::vector<given_flag>& flags);
  void check_relations();
  expected<loaded_settings> finish() &&;

private:
  void set(const setting_row& row, const given_value& given);
  void read_entry(const std::string& path, const file_entry& entry);
  void check_relation(const setting_relation& relation);
  void refuse(std::string location, std::string message, std::string_view found = {});
  void refuse_value(const setting_row& row, std::string_view origin, std::string_view found);
  std::string& origin_of(const setting_row& row);

  loaded_settings loaded_;
  std::vector<fault> faults_;
  std::set<std::string_view> keys_at_fault_;
};

std::string& loader::origin_of(const setting_row& row) {
  return loaded_.origins[static_cast<std::size_t>(&row - settings_table().data())];
}

void loader::refuse(std::string location, std::string message, std::string_view found) {
  faults_.push_back({std::move(location), std::move(message), excerpt(found)});
}

void loader::refuse_value(const setting_row& row, std::string_view origin, std::string_view found) {
  refuse(fmt::format("{}: {}", place_of(origin), row.key), "expected " + allowed(row), found);
  keys_at_fault_.insert(row.key);
}

void loader::set(const setting_row& row, const given_value& given) {
  const auto wrong = assign(row, given.texts, loaded_.values);
  if (!wrong)
    origin_of(row) = given.origin;
  else
    refuse_value(row, given.origin,
                 given.written.empty() || is_list(row) ? quoted(*wrong) : given.written);
}

// -- sources ------------------------------------------------------------------

void loader::read_file(const std::string& path) {
  auto entries = read_settings_file(path);
  if (!entries) {
    std::ranges::move(entries.error().faults, std::back_inserter(faults_));
    return;
  }
  for (const auto& entry : *entries)
    read_entry(path, entry);
}

void loader::read_entry(const std::string& path, const file_entry& entry) {
  const auto place = fmt::format("{}:{}", path, entry.line);
  if (const auto* const row = find_setting(entry.key)) {
    if (fits(*row, entry.form))
      set(*row, {entry.texts, "file " + place, entry.written});
    else
      refuse_value(*row, place, entry.written);
    return;
  }
  const auto location = place + ": " + entry.key;
  if (!is_section(entry.key))
    refuse(location, "is not a setting" + did_you_mean(closest(entry.key, names_like(entry.key))));
  else if (entry.form != value_form::table)
    refuse(location, fmt::format("is a section; expected [{}]", entry.key), entry.written);
}

void loader::read_environment(const environment_map& environment) {
  std::vector<std::string> names;  // without the prefix, which says nothing about likeness
  for (const auto& row : settings_table())
    names.push_back(environment_name(row).substr(environment_prefix.size()));

  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(environment_prefix) || is_no_setting(variable))
      continue;
    const auto name = variable.substr(environment_prefix.size());
    const auto origin = "environment " + variable;
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      refuse(origin, "is not a setting" + did_you_mean(closest(name, names), environment_prefix));
      continue;
    }
    const auto& row = settings_table()[static_cast<std::size_t>(found - names.begin())];
    set(row, {is_list(row) ? split_list(value) : std::vector{value}, origin});
  }
}

void loader::read_flags(const std::vector<given_flag>& flags) {
  for (const auto& row : settings_table())
    for (const auto& flag : flags) {
      if (row.flag.name.empty() || flag.name != row.flag.name)
        continue;
      const auto origin = "flag " + flag.name;
      if (!is_list(row) && flag.values.size() > 1)
        refuse(fmt::format("{}: {}", origin, row.key), "is given more than once");
      else
        set(row, {flag.values, origin});
    }
}

// -- relations ----------------------------------------------------------------

void loader::check_relations() {
  for (const auto& relation : settings_relations())
    check_relation(relation);

  const auto& start = *find_setting("clock.start");
  const auto& clock = loaded_.values.clock;
  if (clock.start && clock.mode != clock_mode::manual)
    refuse(fmt::format("{}: {}", place_of(origin_of(start)), start.key),
           "needs clock.mode = \"manual\": real time cannot be set");
}

void loader::check_relation(const setting_relation& relation) {
  if (keys_at_fault_.contains(relation.smaller) || keys_at_fault_.contains(relation.larger))
    return;  // told already, and the value here is not the one that was meant
  const auto& smaller = *find_setting(relation.smaller);
  const auto& larger = *find_setting(relation.larger);
  if (number_of(smaller, loaded_.values) <= number_of(larger, loaded_.values))
    return;
  const auto value = [&](const auto& row) { return texts_of(row, loaded_.values).front(); };
  if (origin_of(smaller) != "default")
    refuse(fmt::format("{}: {}", place_of(origin_of(smaller)), smaller.key),
           fmt::format("must not be greater than {}, which is {} ({})", larger.key, value(larger),
                       origin_of(larger)),
           value(smaller));
  else
    refuse(
        fmt::format("{}: {}", place_of(origin_of(larger)), larger.key),
        fmt::format("must not be less than {}, which is {} (default)", smaller.key, value(smaller)),
        value(larger));
}

expected<loaded_settings> loader::finish() && {
  if (faults_.empty())
    return std::move(loaded_);
  auto detail = fmt::format("the configuration has {} fault{}", faults_.size(),
                            faults_.size() == 1 ? "" : "s");
  return problem{problem_kind::invalid, std::move(detail), std::move(faults_)};
}

}  // namespace

expected<loaded_settings> load_settings(const setting_sources& sources) {
  loader merged;
  auto file = sources.file;
  if (const auto named = sources.environment.find(config_variable);
      !file && named != sources.environment.end() && !named->second.empty())
    file = named->second;
  if (file)
    merged.read_file(*file);
  merged.read_environment(sources.environment);
  merged.read_flags(sources.flags);
  merged.check_relations();
  return std::move(merged).finish();
}

std::string fault_lines(const problem& cause) {
  std::string out;
  for (const auto& [location, message, found] : cause.faults) {
    auto line = fmt::format("carillon: {}: {}", location, message);
    if (!found.empty())
      line += ", found " + found;
    out += printable(line) + "\n";
  }
  return out;
}

}  // namespace carillon
