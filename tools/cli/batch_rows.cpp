#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr auto batch_id = id_of("The batch.");
constexpr auto job_id = id_of("The job.");
constexpr parameter only_batch[] = {batch_id};
constexpr parameter only_job[] = {job_id};
constexpr parameter to_wait_for_batch[] = {batch_id, wait_timeout};
constexpr parameter to_wait_for_job[] = {job_id, wait_timeout};

constexpr parameter to_upload[] = {
    {"FILE", "file", place::here, form::text, "FILE",
     "A task a line (NDJSON); - is standard input.", true},
    {"--with-header", "with_header", place::here, form::flag, "",
     "The first line is the batch's header already."},
    text("--name", "name", "NAME", "What people call it."),
    text("--key", "idempotency_key", "KEY",
         "Names the batch, so that a cut upload can be repeated."),
    json_value("--template", "task_template", "What lines leave out is as in this object."),
    texts("--on-complete", "on_complete", "URL", "Called at the end."),
    json_value("--metadata", "metadata", "Handed on at the end."),
    {"--wait", "wait", place::here, form::flag, "", "Waits until all tasks have ended."}};
constexpr parameter of_children[] = {
    batch_id, words_of_query("--status", "status", "STATUS", "As of tasks list."), list_limit,
    list_cursor};

constexpr parameter to_start_job[] = {
    {"ACTION", "action", place::body, form::text, "cancel|retry|trigger|delete",
     "What is done to each task that matches.", true},
    texts("--status", "filter.status", "STATUS", "Only tasks of this status."),
    text("--task-type", "filter.task_type", "TYPE", "Only with this type."),
    text("--tag", "filter.tag", "TAG", "Only with this tag."),
    text("--schedule", "filter.schedule_id", "ID", "Only those that this schedule made."),
    text("--text", "filter.text", "TEXT", "Only with this text."),
    text("--created-from", "filter.created_from", "TIME", "Only those made then or later."),
    text("--created-to", "filter.created_to", "TIME", "Only those made before."),
    text("--scheduled-from", "filter.scheduled_from", "TIME", "Only those planned then or later."),
    text("--scheduled-to", "filter.scheduled_to", "TIME", "Only those planned before."),
    {"--all", "all", place::body, form::flag, "", "All tasks, when no filter is given."},
    {"--dry-run", "dry_run", place::body, form::flag, "", "Counts, and does nothing."},
    detach,
    wait_timeout};
constexpr column batch_columns[] = {{"ID", "id"},
                                    {"STATUS", "status"},
                                    {"NAME", "name"},
                                    {"TOTAL", "counts.total"},
                                    {"DONE", "counts.done"},
                                    {"FAILED", "counts.failed"},
                                    {"PERCENT", "percent"},
                                    {"CREATED", "created_at"}};
constexpr column job_columns[] = {
    {"ID", "id"},     {"ACTION", "action"},   {"STATUS", "status"},     {"TOTAL", "total"},
    {"DONE", "done"}, {"PERCENT", "percent"}, {"CREATED", "created_at"}};
constexpr view shows_batches = {"batches", batch_columns};
constexpr view shows_jobs = {"jobs", job_columns};

// clang-format off
constexpr verb rows[] = {
  {"batches", "list",         "GET",  "/v1/batches",                   "List batches, newest first.", only_pages, shows_batches},
  {"batches", "get",          "GET",  "/v1/batches/{id}",              "Show a batch with its counts.", only_batch},
  {"batches", "create",       "POST", "/v1/batches",                   "Make a batch of a file with a task a line.", to_upload, {}, manner::upload_batch},
  {"batches", "tasks",        "GET",  "/v1/batches/{id}/tasks",        "List its tasks by line.", of_children, shows_tasks},
  {"batches", "seal",         "POST", "/v1/batches/{id}/seal",         "Say that no more tasks come.", only_batch},
  {"batches", "cancel",       "POST", "/v1/batches/{id}/cancel",       "End all its tasks that have not ended.", only_batch},
  {"batches", "retry-failed", "POST", "/v1/batches/{id}/retry_failed", "Run the failed tasks again.", only_batch},
  {"batches", "wait",         "GET",  "/v1/batches/{id}",              "Wait until all its tasks have ended.", to_wait_for_batch, {}, manner::wait_batch},
  {"bulk", "start",  "POST", "/v1/tasks/bulk",             "Do something to all tasks that match, and wait.", to_start_job, {}, manner::start_job},
  {"bulk", "list",   "GET",  "/v1/tasks/bulk",             "List jobs, newest first.", only_list, shows_jobs},
  {"bulk", "get",    "GET",  "/v1/tasks/bulk/{id}",        "Show a job.", only_job},
  {"bulk", "pause",  "POST", "/v1/tasks/bulk/{id}/pause",  "Hold a job.", only_job},
  {"bulk", "resume", "POST", "/v1/tasks/bulk/{id}/resume", "Let it go on.", only_job},
  {"bulk", "cancel", "POST", "/v1/tasks/bulk/{id}/cancel", "End it; what it has done stays done.", only_job},
  {"bulk", "wait",   "GET",  "/v1/tasks/bulk/{id}",        "Wait until a job is over.", to_wait_for_job, {}, manner::wait_job},
};
// clang-format on

}  // namespace

std::span<const verb> batch_verbs() {
  return rows;
}

}  // namespace carillon::cli
