#include <algorithm>

#include "config/printable.hpp"
#include "model/json.hpp"
#include "tools/cli/crontab.hpp"

namespace carillon::cli {
namespace {

/// JSON's escapes are TOML's, but for the delete character.
std::string quoted(std::string_view text) {
  const auto escaped = json::writer{}.string(text).take();
  std::string out;
  for (const char each : escaped)
    each == '\x7F' ? out += "\\u007F" : out += each;
  return out;
}

void write_job(std::string& out, const crontab_job& job, std::string_view timezone) {
  out.append("\n# line ").append(std::to_string(job.line)).append("\n[tasks.").append(job.name);
  out.append("]\ncron = ").append(quoted(job.expr)) += "\n";
  out.append("timezone = ")
      .append(quoted(job.timezone.empty() ? timezone : std::string_view{job.timezone})) += "\n";
  if (!job.user.empty())
    out.append("user = ").append(quoted(job.user)) += "\n";
  if (!job.directory.empty())
    out.append("working_dir = ").append(quoted(job.directory)) += "\n";
  if (job.shell == "/bin/sh")
    out.append("run = ").append(quoted(job.script())) += "\n";
  else
    out.append("args = [")
        .append(quoted(job.shell))
        .append(", \"-c\", ")
        .append(quoted(job.script())) += "]\n";
  if (!job.environment.empty())
    out.append("[tasks.").append(job.name).append(".env]\n");
  for (const auto& [name, value] : job.environment)
    out.append(name).append(" = ").append(quoted(value)) += "\n";
}

}  // namespace

std::string to_toml(const crontab& table, std::string_view timezone) {
  std::string out = R"(# Made of a crontab, for the operator's file. Where it differs from cron:
# - while a run is open, the next one waits (on_overlap, parallelism);
# - of the times that the server slept through, the latest is made up for (catch_up);
# - a job runs in the server's folder unless working_dir says else, and nothing is mailed.
)";
  for (const auto& note : table.notes)
    if (note.is_lost)
      out.append("# line ")
          .append(std::to_string(note.line))
          .append(" is left out: ")
          .append(printable(note.text)) += "\n";
  for (const auto& job : table.jobs)
    write_job(out, job, timezone);
  return out;
}

}  // namespace carillon::cli
