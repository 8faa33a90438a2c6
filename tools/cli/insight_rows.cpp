#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr parameter from = query("--from", "from", "TIME", "The beginning.");
constexpr parameter to = query("--to", "to", "TIME", "The end.");
constexpr parameter step = query("--step", "step", "DURATION", "One row for each such a time.");
constexpr parameter groups = query("--groups", "limit", "N", "So many groups are shown.");

constexpr parameter of_stats[] = {
    from,
    to,
    step,
    query("--group-by", "group_by", "status|task_type|schedule|queue",
          "A series for each of them."),
    groups,
    query("--task-type", "task_type", "TYPE", "Of these tasks alone."),
    query("--schedule", "schedule_id", "ID", "Of the tasks of this schedule alone."),
    query("--queue", "queue", "QUEUE", "Of the tasks of this queue alone.")};
constexpr parameter of_forecast[] = {
    from, to, step,
    query("--group-by", "group_by", "task_type|schedule|queue", "A series for each of them."),
    groups};
constexpr parameter of_upcoming[] = {from, to, list_limit, list_cursor};
constexpr parameter of_limits[] = {list_limit, list_cursor};
constexpr parameter only_key[] = {name_in_path("KEY", "key", "The key, or the queue.")};

constexpr parameter of_stream[] = {
    words_of_query("--kind", "kind", "KIND", "task, schedule, batch, bulk, queue or host."),
    words_of_query("--status", "status", "STATUS", "Of tasks and schedules."),
    query("--task-type", "task_type", "TYPE", "Of tasks and schedules."),
    query("--tag", "tag", "TAG", "Of tasks and schedules."),
    query("--task", "task_id", "ID", "Of this task."),
    query("--schedule", "schedule_id", "ID", "Of this schedule and its tasks."),
    query("--batch", "batch_id", "ID", "Of this batch and its tasks."),
    query("--after", "last_event_id", "EVENT", "Goes on behind the event with this id.")};

constexpr column stats_columns[] = {{"AT", "at"},
                                    {"GROUP", "^group"},
                                    {"CREATED", "created"},
                                    {"STARTED", "started"},
                                    {"COMPLETED", "completed"},
                                    {"FAILED", "failed"},
                                    {"RETRIES", "retries"},
                                    {"COUNT", "count"},
                                    {"LAG P99 MS", "start_lag_p99_ms"},
                                    {"RUN P99 MS", "run_time_p99_ms"}};
constexpr column forecast_columns[] = {
    {"AT", "at"}, {"GROUP", "^group"}, {"STARTS", "starts"}, {"AT ONCE", "concurrency"}};
constexpr column upcoming_columns[] = {{"AT", "at"},
                                       {"KIND", "kind"},
                                       {"TASK", "task_id"},
                                       {"SCHEDULE", "schedule_id"},
                                       {"NAME", "name|task_type"}};
constexpr column limit_columns[] = {
    {"KEY", "key"},   {"KIND", "kind"},          {"LIMIT", "concurrency"},       {"RATE", "rate"},
    {"HELD", "held"}, {"WAITING", "waiting[#]"}, {"NEXT START", "next_start_at"}};
constexpr column stream_columns[] = {{"AT", "at"},
                                     {"ID", "task_id|schedule_id|batch_id|job_id|queue|host"},
                                     {"STATUS", "status|state"},
                                     {"NAME", "name|task_type|action"}};
constexpr view shows_stats = {"series.points", stats_columns, "at"};
constexpr view shows_forecast = {"series.points", forecast_columns, "at"};
constexpr view shows_upcoming = {"items", upcoming_columns, "at"};
constexpr view shows_limits = {"limits", limit_columns, "key"};
constexpr view shows_limit = {{}, {}, "key"};
constexpr view shows_stream = {
    {}, stream_columns, "task_id|schedule_id|batch_id|job_id|queue|host"};

// clang-format off
constexpr verb rows[] = {
  {"stats",    "", "GET", "/v1/stats",    "Count what became of tasks, in steps of time.", of_stats, shows_stats},
  {"upcoming", "", "GET", "/v1/upcoming", "List what is planned, in the order of time.", of_upcoming, shows_upcoming},
  {"forecast", "", "GET", "/v1/forecast", "Say how much is planned, in steps of time.", of_forecast, shows_forecast},
  {"stream",   "", "GET", "/v1/stream",   "Show every change as it comes.", of_stream, shows_stream, manner::events},
  {"limits", "list", "GET", "/v1/limits",       "List the limits that are in use.", of_limits, shows_limits},
  {"limits", "get",  "GET", "/v1/limits/{key}", "Show a limit, who holds it and who waits.", only_key, shows_limit},
};
// clang-format on

}  // namespace

std::span<const verb> insight_verbs() {
  return rows;
}

}  // namespace carillon::cli
