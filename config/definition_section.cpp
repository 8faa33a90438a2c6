#include "config/definition_section.hpp"

#include "config/definition_value.hpp"
#include "config/suggestion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

namespace carillon {

namespace {

using enum definition_section;

constexpr int retries_without_end = 1'000'000'000;  // until it succeeds: one a second for 30 years
constexpr std::string_view retry_keys[] = {"retry_attempts", "retry_delay", "retry_backoff"};
constexpr std::string_view restart_keys[] = {"restart_delay", "restart_backoff"};

bool is_variable_name(std::string_view name) {
  return !name.empty() && (name.front() < '0' || name.front() > '9') && is_made_of(name, "_");
}

/// Reads one section, key by key, then what several of them say together.
class section_reader {
public:
  section_reader(const written_definition& from, const definition_surroundings& within,
                 std::vector<line_fault>& faults)
      : from_{from}, within_{within}, faults_{faults} {}

  definition read();

private:
  void read_key(const file_entry& entry);
  void read_variable(const file_entry& entry);
  void check_variables();
  void check_command();
  void check_restart();
  schedule_spec finish();
  void finish_command();
  void finish_task(schedule_spec& spec);
  void finish_service(schedule_spec& spec);

  [[nodiscard]] const file_entry* find(std::string_view key) const;
  [[nodiscard]] std::string location_of(std::string_view key) const;
  void refuse(const file_entry& entry, std::string message, std::string_view found = {});

  const written_definition& from_;
  const definition_surroundings& within_;
  std::vector<line_fault>& faults_;
  definition_draft draft_;
  std::set<std::string_view> keys_at_fault_;
};

definition section_reader::read() {
  if (from_.of == tasks)
    draft_.spec.timezone = within_.timezone;
  for (const auto* const entry : from_.keys)
    read_key(*entry);
  for (const auto* const entry : from_.variables)
    read_variable(*entry);
  check_variables();
  check_command();
  if (from_.of == tasks)
    check_restart();

  const bool is_default_zone = find("timezone") == nullptr && !within_.timezone_location.empty();
  return {std::make_shared<const schedule_spec>(finish()), location_of("cron"),
          is_default_zone ? within_.timezone_location : location_of("timezone")};
}

// -- places -------------------------------------------------------------------

const file_entry* section_reader::find(std::string_view key) const {
  const auto found = std::ranges::find(
      from_.keys, key, [](const auto* entry) -> const std::string& { return entry->path.at(2); });
  return found == from_.keys.end() ? nullptr : *found;
}

/// Of a key that is not there it is the section's line.
std::string section_reader::location_of(std::string_view key) const {
  const auto* const entry = find(key);
  return place_in_file(within_.path, (entry != nullptr ? entry : from_.head)->line,
                       fmt::format("{}.{}", from_.head->key, key));
}

void section_reader::refuse(const file_entry& entry, std::string message, std::string_view found) {
  faults_.push_back(
      {entry.line,
       {place_in_file(within_.path, entry.line, entry.key), std::move(message), excerpt(found)}});
}

// -- keys ---------------------------------------------------------------------

void section_reader::read_key(const file_entry& entry) {
  const std::string_view key = entry.path.at(2);
  const auto* const row = find_definition_key(key, from_.of);
  if (row == nullptr) {
    refuse_unknown(entry, from_.of, within_.path, faults_);
  } else if (!assign(*row, entry, draft_)) {
    refuse_value(*row, entry, within_.path, faults_);
    keys_at_fault_.insert(key);
  }
}

/// Values of variables may be secrets: they are never told.
void section_reader::read_variable(const file_entry& entry) {
  const auto& name = entry.path.at(3);
  if (!is_variable_name(name))
    refuse(entry, "is no name of a variable: letters, digits and _, the first no digit");
  else if (name.starts_with("CARILLON_"))
    refuse(entry, "is refused: names that begin with CARILLON_ are the server's");
  else if (entry.form != value_form::text
           || !has_shape(entry.texts.front(), text_shape::bytes, {0, environment_value_bytes_max}))
    refuse(entry, fmt::format("expected a text of 0 to {} bytes", environment_value_bytes_max));
  else
    draft_.command.environment.emplace_back(name, entry.texts.front());
}

void section_reader::check_variables() {
  if (const auto count = from_.variables.size(); count > environment_variables_max)
    refuse(*find("env"), fmt::format("expected at most {} variables", environment_variables_max),
           std::to_string(count));
  std::ranges::sort(draft_.command.environment);  // so that their order changes no definition
}

// -- keys together --------------------------------------------------------------

void section_reader::check_command() {
  const auto* const run = find("run");
  const auto* const args = find("args");
  if (run == nullptr && args == nullptr)
    faults_.push_back(
        {from_.head->line, {location_of("run"), "is missing: what is started, as run or as args"}});
  else if (run != nullptr && args != nullptr)
    refuse(run->line < args->line ? *args : *run,
           "is one too many: a definition has either run or args");
}

void section_reader::check_restart() {
  if (keys_at_fault_.contains("restart"))
    return;
  const bool restarts = draft_.file.restart == restart_policy::on_failure;
  for (const auto key : retry_keys)
    if (const auto* const entry = find(key); entry != nullptr && restarts)
      refuse(*entry,
             "is not for a task with restart = \"on_failure\", which has no other retries; use "
             "restart_delay and restart_backoff");
  for (const auto key : restart_keys)
    if (const auto* const entry = find(key); entry != nullptr && !restarts)
      refuse(*entry,
             "needs restart = \"on_failure\" on a task; for retries use retry_delay and "
             "retry_backoff");
}

// -- the definition -------------------------------------------------------------

schedule_spec section_reader::finish() {
  finish_command();
  auto spec = std::move(draft_.spec);
  spec.name = from_.head->path.at(1);
  spec.work.task_type = spec.name;
  spec.work.command = std::move(draft_.command);
  if (from_.of == tasks)
    finish_task(spec);
  else
    finish_service(spec);
  spec.file = std::move(draft_.file);
  return spec;
}

void section_reader::finish_command() {
  auto& command = draft_.command;
  if (!draft_.run.empty())
    command.args = {"/bin/sh", "-c", draft_.run};
  if (!command.directory.empty())
    command.directory =
        (std::filesystem::path{within_.folder} / command.directory).lexically_normal().string();
}

void section_reader::finish_task(schedule_spec& spec) {
  spec.kind = find("cron") != nullptr ? schedule_kind::cron : schedule_kind::manual;
  spec.work.retry = draft_.retry;
  if (draft_.file.restart == restart_policy::on_failure) {
    spec.work.retry = draft_.restart;
    spec.work.retry.retries_max = retries_without_end;
    spec.work.retry.forgets_after = restart_reset;
  }
}

void section_reader::finish_service(schedule_spec& spec) {
  spec.kind = schedule_kind::service;
  spec.service.waits = draft_.restart;
}

}  // namespace

definition read_definition(const written_definition& from, const definition_surroundings& within,
                           std::vector<line_fault>& faults) {
  return section_reader{from, within, faults}.read();
}

void refuse_unknown(const file_entry& key, definition_section of, const std::string& path,
                    std::vector<line_fault>& faults) {
  std::string message{why_elsewhere(key.path.back(), of)};
  if (message.empty()) {
    std::vector<std::string> known;
    for (const auto& row : definition_table())
      if (find_definition_key(row.key, of) == &row)
        known.emplace_back(row.key);
    message = fmt::format("is not a key of {}{}", to_string(of),
                          did_you_mean(closest(key.path.back(), known)));
  }
  faults.push_back({key.line, {place_in_file(path, key.line, key.key), std::move(message)}});
}

void refuse_value(const definition_row& row, const file_entry& found, const std::string& path,
                  std::vector<line_fault>& faults) {
  auto message = "expected " + allowed(row);
  if (row.key == "restart" && row.of == tasks && found.written == "\"always\"")
    message += "; what is always on is a service, in [services.NAME]";
  const bool may_be_secret = row.key == "env";
  faults.push_back({found.line,
                    {place_in_file(path, found.line, found.key), std::move(message),
                     may_be_secret ? "" : excerpt(found.written)}});
}

}  // namespace carillon
