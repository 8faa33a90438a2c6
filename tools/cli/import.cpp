#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "model/json.hpp"
#include "model/recurrence.hpp"
#include "model/rule_words.hpp"
#include "tools/cli/answer_view.hpp"
#include "tools/cli/client.hpp"
#include "tools/cli/crontab.hpp"
#include "tools/cli/exit_code.hpp"
#include "tools/cli/local_commands.hpp"

namespace carillon::cli {
namespace {

expected<std::string> read_file(const std::string& name) {
  if (name == "-")
    return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
  std::ifstream file{name, std::ios::binary};
  if (!file)
    return problem{problem_kind::invalid, name + ": " + std::strerror(errno)};
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

/// What cron goes by: the name behind /etc/localtime.
std::string zone_of_machine() {
  std::error_code none;
  const auto link = std::filesystem::read_symlink("/etc/localtime", none).string();
  constexpr std::string_view folder = "zoneinfo/";
  const auto at = link.find(folder);
  return at == std::string::npos ? "UTC" : link.substr(at + folder.size());
}

bool is_system_table(const std::string& name) {
  return name == "/etc/crontab" || name.starts_with("/etc/cron.d/");
}

/// A job as --dry-run lists it.
void write_job(json::writer& out, const crontab_job& job, const std::string& timezone,
               const zone_source& zones, instant now) {
  const recurrence_spec spec{
      schedule_kind::cron, job.expr, job.timezone.empty() ? timezone : job.timezone, {}, now};
  out.begin_object().field("line", job.line).field("name", job.name).field("cron", job.expr);
  out.field("timezone", spec.timezone).field("when", rule_in_words(spec));
  const auto rule = recurrence::compile(spec, zones, "cron", "timezone");
  const auto next = rule ? rule->next(now) : std::nullopt;
  out.key("next");
  if (next)
    out.string(format_local(rule->where(), next->at));
  else
    out.null();
  out.field("user", job.user).field("run", job.script()).end_object();
}

std::string list_of(const crontab& table, const std::string& timezone, const zone_source& zones) {
  const auto now = std::chrono::floor<duration>(std::chrono::system_clock::now());
  json::writer out;
  out.begin_object().key("jobs").begin_array();
  for (const auto& job : table.jobs)
    write_job(out, job, timezone, zones, now);
  return out.end_array().end_object().take();
}

}  // namespace

int import_crontab(const invocation& called, const screen& on, const zone_source& zones) {
  const auto* const named = called.find("file");
  const auto name = named == nullptr ? "-" : *named;
  const auto text = read_file(name);
  if (!text)
    return give_up(failure_of(text.error()));
  const auto* const given = called.find("timezone");
  const auto timezone = given == nullptr ? zone_of_machine() : *given;
  if (!zones.find(timezone))
    return give_up({exit_code::usage, "carillon: --timezone: there is no zone " + timezone + "\n"});
  const auto table = read_crontab(*text, called.has("system") || is_system_table(name));
  print(called.has("dry_run")
            ? show(called.what->shows, list_of(table, timezone, zones), called.options, on)
            : to_toml(table, timezone));
  for (const auto& note : table.notes)
    tell("carillon: line " + std::to_string(note.line) + ": " + note.text
         + (note.is_lost ? " (left out)\n" : "\n"));
  const bool is_whole = std::ranges::none_of(table.notes, &crontab_note::is_lost);
  return is_whole ? exit_code::done : exit_code::refused;
}

}  // namespace carillon::cli
