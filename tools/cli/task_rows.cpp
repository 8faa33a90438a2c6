#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr auto task_id = id_of("The task.");
constexpr parameter only_id[] = {task_id};
constexpr parameter to_trigger[] = {task_id, wait_header};
constexpr parameter to_wait[] = {task_id, wait_timeout};

constexpr parameter of_list[] = {
    words_of_query("--status", "status", "STATUS",
                   "scheduled, queued, processing, retrying, completed, failed, canceled, expired "
                   "or skipped."),
    query("--task-type", "task_type", "TYPE", "With this type."),
    query("--tag", "tag", "TAG", "With this tag."),
    query("--schedule", "schedule_id", "ID", "Made by this schedule."),
    words_of_query("--reason", "reason", "REASON", "That ended for this reason."),
    words_of_query("--batch", "batch_id", "ID", "Of this batch."),
    query("--created-by", "created_by", "ID", "Asked for by this agent or token."),
    query("--finished-from", "finished_from", "TIME", "Ended at this time or later."),
    query("--finished-to", "finished_to", "TIME", "Ended before this time."),
    query("--total", "total", "true|false", "False: nobody counts how many there are."),
    query("--text", "text", "TEXT", "With this text in type, payload, unique id, tag or target."),
    query("--created-from", "created_from", "TIME", "Made at this time or later."),
    query("--created-to", "created_to", "TIME", "Made before this time."),
    query("--scheduled-from", "scheduled_from", "TIME", "Planned for this time or later."),
    query("--scheduled-to", "scheduled_to", "TIME", "Planned for before this time."),
    list_limit,
    list_offset,
    list_cursor};

constexpr parameter to_create[] = {
    text("--target", "target", "URL", "What the server calls when the task is due."),
    text("--task-type", "task_type", "TYPE", "Queue of a task without a target; else a label."),
    json_value("--payload", "payload", "What is handed on, byte for byte."),
    text("--after", "execute_after", "WHEN", "Planned time: a time, or a duration from now on."),
    text("--expires-after", "expires_after", "WHEN", "Not started by then, it expires."),
    text("--unique-id", "unique_id", "TEXT", "If a task has it already, that one is answered."),
    number("--priority", "priority", "1 (first) to 9."),
    text("--timeout", "timeout", "DURATION", "Of each attempt."),
    texts("--tag", "tags", "TAG", "A tag."),
    texts("--component", "components", "NAME", "Who must report before it is completed."),
    number("--max-retries", "retry.max_retries", "Extra tries after the first."),
    text("--backoff", "retry.backoff", "fixed|linear|exponential|exponential_jitter|steep",
         "How the wait grows from try to try."),
    text("--retry-delay", "retry.delay", "DURATION", "Wait before the first retry."),
    text("--concurrency-key", "concurrency_key", "KEY", "Tasks with one key share its limits."),
    number("--concurrency-limit", "concurrency_limit", "So many with the key at once."),
    idempotency_key,
    wait_header};

constexpr parameter to_report[] = {
    task_id,
    {"--type", "type", place::body, form::text, "started|progress|completed|failed|log",
     "What happened.", true},
    text("--component", "component", "NAME", "Whose report it is."),
    text("--message", "message", "TEXT", "What a person is to read."),
    number("--progress", "progress", "0 to 100."),
    text("--time", "time", "TIME", "When; now unless said else.")};

constexpr parameter of_attempts[] = {task_id, list_limit, list_offset};
constexpr parameter of_log[] = {
    task_id, query("--attempt", "attempt", "N", "Of this attempt instead of the newest."),
    query("--from", "from", "N", "The first line; a negative number counts from the end."),
    query("--limit", "limit", "N", "At most so many lines.")};

constexpr column event_columns[] = {{"TIME", "time"},
                                    {"TYPE", "type"},
                                    {"COMPONENT", "component"},
                                    {"PROGRESS", "progress"},
                                    {"MESSAGE", "message"}};
constexpr column attempt_columns[] = {{"NUMBER", "number"},      {"OUTCOME", "outcome"},
                                      {"STARTED", "started_at"}, {"FINISHED", "finished_at"},
                                      {"WORKER", "worker"},      {"HTTP STATUS", "http_status"},
                                      {"ERROR", "error"}};
constexpr view shows_events = {"events", event_columns, "time"};
constexpr view shows_attempts = {"attempts", attempt_columns, "number"};

// clang-format off
constexpr verb rows[] = {
  {"tasks", "list",     "GET",    "/v1/tasks",               "List tasks, newest first.", of_list, shows_tasks},
  {"tasks", "get",      "GET",    "/v1/tasks/{id}",          "Show a task with its attempts and events.", only_id},
  {"tasks", "create",   "POST",   "/v1/tasks",               "Make a task.", to_create},
  {"tasks", "cancel",   "POST",   "/v1/tasks/{id}/cancel",   "End a task; a running attempt is stopped.", only_id},
  {"tasks", "trigger",  "POST",   "/v1/tasks/{id}/trigger",  "Make a scheduled task due now.", to_trigger},
  {"tasks", "retry",    "POST",   "/v1/tasks/{id}/retry",    "Queue a failed task again.", only_id},
  {"tasks", "delete",   "DELETE", "/v1/tasks/{id}",          "Remove a task that has ended.", only_id},
  {"tasks", "events",   "GET",    "/v1/tasks/{id}",          "List what happened to a task.", only_id, shows_events},
  {"tasks", "report",   "POST",   "/v1/tasks/{id}/events",   "Report as a component of a task.", to_report},
  {"tasks", "attempts", "GET",    "/v1/tasks/{id}/attempts", "List the attempts of a task.", of_attempts, shows_attempts},
  {"tasks", "log",      "GET",    "/v1/tasks/{id}/log",      "Print what the command of a task printed.", of_log, {"lines"}, manner::log_lines},
  {"tasks", "explain",  "GET",    "/v1/tasks/{id}/explain",  "Say why a task has not run, or what became of it.", only_id},
  {"tasks", "wait",     "GET",    "/v1/tasks/{id}",          "Wait until a task has ended; exits by its outcome.", to_wait, {}, manner::wait_task},
};
// clang-format on

}  // namespace

std::span<const verb> task_verbs() {
  return rows;
}

}  // namespace carillon::cli
