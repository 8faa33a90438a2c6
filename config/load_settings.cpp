#include "config/load_settings.hpp"

#include "config/contradictions.hpp"
#include "config/definitions_file.hpp"
#include "config/line_fault.hpp"
#include "config/printable.hpp"
#include "config/setting_names.hpp"
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

/// Variables that carry no setting: where the file is, and those of the test programs.
bool is_no_setting(std::string_view variable) {
  // What a command of the operator's file is told, which may be this program again.
  constexpr std::string_view of_commands[] = {
      "CARILLON_TASK",         "CARILLON_RUN_ID",   "CARILLON_ATTEMPT", "CARILLON_SCHEDULED_FOR",
      "CARILLON_TRIGGERED_BY", "CARILLON_INSTANCE", "CARILLON_DATA"};
  // What the commands that ask a server look at.
  constexpr std::string_view of_clients[] = {"CARILLON_URL", "CARILLON_TOKEN", "CARILLON_CA_FILE"};
  return std::ranges::find(of_commands, variable) != std::end(of_commands)
         || std::ranges::find(of_clients, variable) != std::end(of_clients)
         || variable == config_variable || variable == "CARILLON_CORPORA"
         || variable == "CARILLON_SEED" || variable.starts_with("CARILLON_TEST_");
}

/// Whether a value that stands so in a file can be one of the row's type.
bool fits(const setting_row& row, value_form form) {
  switch (form) {
    case value_form::text:
      return !is_list(row) && !std::holds_alternative<field_of<int>>(row.field)
             && !std::holds_alternative<field_of<bool>>(row.field);
    case value_form::integer:
      return std::holds_alternative<field_of<int>>(row.field)
             || std::holds_alternative<field_of<std::size_t>>(row.field);
    case value_form::time:
      return std::holds_alternative<field_of<std::optional<instant>>>(row.field);
    case value_form::list_of_texts:
      return is_list(row);
    case value_form::boolean:
      return std::holds_alternative<field_of<bool>>(row.field);
    case value_form::table:
    case value_form::section:
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
  void check_listen();
  void refuse(std::string location, std::string message, std::string_view found = {});
  void refuse_value(const setting_row& row, std::string_view origin, std::string_view found);
  std::string& origin_of(const setting_row& row);

  loaded_settings loaded_;
  std::vector<line_fault> faults_;
  unsigned line_ = line_fault::after_all;  ///< Of the file, while its entries are read.
  std::set<std::string_view> keys_at_fault_;
};

std::string& loader::origin_of(const setting_row& row) {
  return loaded_.origins[static_cast<std::size_t>(&row - settings_table().data())];
}

void loader::refuse(std::string location, std::string message, std::string_view found) {
  faults_.push_back({line_, {std::move(location), std::move(message), excerpt(found)}});
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
  loaded_.file = path;
  const auto entries = read_settings_file(path);
  if (!entries) {
    for (const auto& what : entries.error().faults)
      faults_.push_back({0, what});
    return;
  }
  for (const auto& entry : *entries)
    if (!is_of_definitions(entry))
      read_entry(path, entry);
  auto definitions = read_definitions(path, *entries);
  loaded_.definitions = std::move(definitions.all);
  std::ranges::move(definitions.faults, std::back_inserter(faults_));
}

void loader::read_entry(const std::string& path, const file_entry& entry) {
  line_ = entry.line;
  const auto place = fmt::format("{}:{}", path, entry.line);
  const auto location = place_in_file(path, entry.line, entry.key);
  if (const auto* const row = find_setting(entry.key)) {
    if (fits(*row, entry.form))
      set(*row, {entry.texts, "file " + place, entry.written});
    else if (entry.form != value_form::section)  // its entries are told
      refuse_value(*row, place, entry.written);
  } else if (const auto unknown = why_unknown(entry)) {
    refuse(location, *unknown);
  } else if (entry.form != value_form::table && entry.form != value_form::section) {
    refuse(location, fmt::format("is a section; expected [{}]", entry.key), entry.written);
  }
  line_ = line_fault::after_all;
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
  check_listen();
  for (const auto& [key, message] : contradictions(loaded_.values))
    refuse(fmt::format("{}: {}", place_of(origin_of(*find_setting(key))), key), message);
}

void loader::check_listen() {
  const auto& http = loaded_.values.http;
  const auto open = std::ranges::find_if(http.listen, is_beyond_loopback);
  if (http.insecure_bind || open == http.listen.end())
    return;
  const auto& listen = *find_setting("http.listen");
  refuse(fmt::format("{}: {}", place_of(origin_of(listen)), listen.key),
         "is beyond the loopback, and nothing is encrypted there: name the address in "
         "http.tls_listen, put a proxy with TLS before a loopback address, or set "
         "http.insecure_bind = true",
         format_endpoint(*open));
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
  return configuration_problem(std::move(faults_));
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
