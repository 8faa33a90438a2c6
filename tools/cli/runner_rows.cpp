#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr auto job = name_in_path("NAME", "name", "As the operator's file has it.");
constexpr auto run_id = id_of("The run.");
constexpr parameter only_job[] = {job};
constexpr parameter only_run[] = {run_id};
constexpr parameter to_run[] = {job, wait_header};

constexpr parameter of_runs[] = {
    words_of_query("--status", "status", "STATUS", "pending, running, ended, or an end reason."),
    query("--job", "task_name", "NAME", "Of this job or service."),
    query("--triggered-by", "triggered_by", "cron|api|service|startup", "Started by this."),
    query("--search", "search", "TEXT", "With this text in name or id."),
    query("--created-after", "created_after", "TIME", "Made then or later."),
    query("--created-before", "created_before", "TIME", "Made then or earlier."),
    query("--sort", "sort_field", "created_at|start_at|duration|exit_code|status|task_name",
          "In this order."),
    query("--direction", "sort_direction", "desc|asc", "The greatest or the smallest first."),
    list_limit,
    list_offset};
constexpr parameter of_log[] = {
    run_id,
    query("--from", "from", "N", "The first line; a negative number counts from the end."),
    query("--limit", "limit", "N", "At most so many lines."),
    {"--follow", "follow", place::here, form::flag, "", "Goes on until the run has ended."}};

constexpr column job_columns[] = {{"NAME", "name"},
                                  {"KIND", "kind"},
                                  {"CRON", "cron"},
                                  {"ZONE", "timezone"},
                                  {"NEXT", "next_run_at"},
                                  {"GROUP", "group"},
                                  {"DESCRIPTION", "description"}};
constexpr column run_columns[] = {
    {"ID", "id"},          {"JOB", "task_name"},   {"STATUS", "status"},    {"END", "end_reason"},
    {"EXIT", "exit_code"}, {"BY", "triggered_by"}, {"STARTED", "start_at"}, {"ENDED", "end_at"}};
constexpr view shows_jobs = {"[]", job_columns, "name"};
constexpr view shows_job = {{}, {}, "name"};
constexpr view shows_runs = {"runs", run_columns};
constexpr view shows_run_events = {{}, run_columns};

// clang-format off
constexpr verb rows[] = {
  {"jobs", "list",    "GET",  "/api/tasks",                "List the jobs and services of the operator's file.", {}, shows_jobs},
  {"jobs", "get",     "GET",  "/api/tasks/{name}",         "Show a job or service.", only_job, shows_job},
  {"jobs", "run",     "POST", "/api/tasks/{name}/run",     "Run a job now.", to_run},
  {"jobs", "start",   "POST", "/api/tasks/{name}/start",   "Start a service.", only_job},
  {"jobs", "stop",    "POST", "/api/tasks/{name}/stop",    "Stop a service; it stays off until it is started.", only_job},
  {"jobs", "restart", "POST", "/api/tasks/{name}/restart", "Replace the instances of a service one by one.", only_job},
  {"jobs", "reload",  "POST", "/api/reload",               "Read the operator's file again."},
  {"runs", "list",    "GET",    "/api/runs",           "List the runs of jobs and services.", of_runs, shows_runs},
  {"runs", "get",     "GET",    "/api/runs/{id}",      "Show a run.", only_run},
  {"runs", "stop",    "POST",   "/api/runs/{id}/stop", "Stop a run.", only_run},
  {"runs", "delete",  "DELETE", "/api/runs/{id}",      "Remove a run and its log.", only_run},
  {"runs", "log",     "GET",    "/api/runs/{id}/log",  "Print what a run printed.", of_log, {"lines"}, manner::log_lines},
  {"runs", "follow",  "GET",    "/api/runs/stream",    "Show runs as they change.", {}, shows_run_events, manner::events},
  {"runs", "summary", "GET",    "/api/runs/summary",   "Count the runs."},
};
// clang-format on

}  // namespace

std::span<const verb> runner_verbs() {
  return rows;
}

}  // namespace carillon::cli
