#include "tools/cli/common_rows.hpp"

#include <algorithm>
#include <array>

namespace carillon::cli {
namespace {

constexpr auto schedule_id = id_of("The schedule.");
constexpr parameter only_id[] = {schedule_id};

constexpr parameter of_list[] = {
    words_of_query("--status", "status", "STATUS", "active, disabled, ended, canceled or deleted."),
    query("--enabled", "enabled", "true|false", "Active, or disabled."), list_limit, list_offset,
    list_cursor};

constexpr parameter of_rule[] = {
    text("--name", "name", "NAME", "What people call it."),
    text("--description", "description", "TEXT", "What it is for."),
    text("--cron", "cron", "EXPR", "When: a cron expression."),
    text("--kind", "schedule_kind", "cron|rrule|once|event|manual", "Another way to say when."),
    text("--expr", "schedule_expr", "EXPR", "The expression of --kind."),
    text("--timezone", "timezone", "ZONE", "Such as Europe/Berlin; needed with --cron."),
    text("--start-at", "start_at", "TIME", "Nothing runs before."),
    text("--end-at", "end_at", "TIME", "Nothing runs after."),
    {"--enabled", "enabled", place::body, form::boolean, "true|false", "False: it is paused."},
    text("--target", "task_template.target", "URL", "What its tasks call."),
    text("--task-type", "task_template.task_type", "TYPE", "Queue or label of its tasks."),
    json_value("--payload", "task_template.payload", "Payload of its tasks."),
    number("--priority", "task_template.priority", "1 (first) to 9, of its tasks."),
    text("--timeout", "task_template.timeout", "DURATION", "Of each attempt of its tasks."),
    texts("--tag", "task_template.tags", "TAG", "A tag of its tasks."),
    text("--on-overlap", "on_overlap", "skip|queue|terminate|allow",
         "What a moment does while a task is open."),
    number("--parallelism", "parallelism", "So many of its tasks may be open."),
    text("--catch-up", "catch_up", "latest|all|skip", "Which missed moments run later."),
    text("--catch-up-window", "catch_up_window", "DURATION", "Older ones do not."),
    text("--lead", "lead", "DURATION", "Tasks are made so long before."),
    text("--jitter", "jitter", "DURATION", "Every moment is later by up to so much."),
    text("--dst-gap", "dst.gap", "after|skip", "A local time that clocks skip over."),
    text("--dst-repeat", "dst.repeat", "first|second|both", "A local time that comes twice."),
    number("--keep-runs", "keep_runs", "So many ended tasks are kept."),
    text("--keep-for", "keep_for", "DURATION", "So long ended tasks are kept.")};

constexpr parameter to_snooze[] = {schedule_id,
                                   {"--delay", "delay", place::body, form::text, "DURATION",
                                    "So much later is the next moment.", true}};
constexpr parameter to_run[] = {schedule_id, wait_header};
constexpr parameter to_backfill[] = {
    schedule_id,
    {"--from", "from", place::body, form::text, "TIME", "The first moment.", true},
    {"--to", "to", place::body, form::text, "TIME", "The last moment.", true},
    {"--dry-run", "dry_run", place::body, form::flag, "", "Counts, and makes none."}};
constexpr parameter of_tasks[] = {
    schedule_id, words_of_query("--status", "status", "STATUS", "As of tasks list."), list_limit,
    list_offset, list_cursor};
constexpr parameter of_preview[] = {
    schedule_id, query("--count", "limit", "N", "So many moments (10, at most 100)."),
    query("--from", "start_from", "TIME", "After this time; now unless said else.")};
constexpr parameter of_explain[] = {
    schedule_id,
    {"--at", "at", place::query, form::text, "TIME", "The moment that is asked about.", true}};

constexpr auto to_create = [] {
  std::array<parameter, std::size(of_rule) + 1> all{};
  std::copy(std::begin(of_rule), std::end(of_rule), all.begin());
  all.back() = idempotency_key;
  return all;
}();

/// An update takes the fields of a rule, and the id.
constexpr auto to_update = [] {
  std::array<parameter, std::size(of_rule) + 3> all{};
  all[0] = schedule_id;
  all[1] = {"--clear",  "",      place::body,
            form::list, "FIELD", "A field that is to have its default again, such as end_at."};
  all[2] = if_match;
  std::copy(std::begin(of_rule), std::end(of_rule), all.begin() + 3);
  return all;
}();

constexpr column schedule_columns[] = {{"ID", "id"},
                                       {"STATUS", "status"},
                                       {"NAME", "name"},
                                       {"RULE", "schedule_expr"},
                                       {"ZONE", "timezone"},
                                       {"NEXT", "next_execution_at"},
                                       {"RUNS", "execution_count"}};
constexpr column moment_columns[] = {{"LOCAL", "local"}, {"AT", "at"}};
constexpr view shows_schedules = {"schedules", schedule_columns};
constexpr view shows_moments = {"moments", moment_columns, "at"};

// clang-format off
constexpr verb rows[] = {
  {"schedules", "list",     "GET",    "/v1/schedules",               "List schedules, newest first.", of_list, shows_schedules},
  {"schedules", "get",      "GET",    "/v1/schedules/{id}",          "Show a schedule.", only_id},
  {"schedules", "create",   "POST",   "/v1/schedules",               "Make a schedule.", to_create},
  {"schedules", "update",   "PATCH",  "/v1/schedules/{id}",          "Change the fields that are named.", to_update},
  {"schedules", "pause",    "POST",   "/v1/schedules/{id}/pause",    "Let nothing of it run until it is resumed.", only_id},
  {"schedules", "resume",   "POST",   "/v1/schedules/{id}/resume",   "Let it run again.", only_id},
  {"schedules", "snooze",   "POST",   "/v1/schedules/{id}/snooze",   "Put off its next moment.", to_snooze},
  {"schedules", "run",      "POST",   "/v1/schedules/{id}/run",      "Run it once more, now.", to_run},
  {"schedules", "backfill", "POST",   "/v1/schedules/{id}/backfill", "Make tasks for past moments without one.", to_backfill},
  {"schedules", "cancel",   "POST",   "/v1/schedules/{id}/cancel",   "End it for good; what waits is canceled.", only_id},
  {"schedules", "delete",   "DELETE", "/v1/schedules/{id}",          "Delete it; tasks that are made already still run.", only_id},
  {"schedules", "tasks",    "GET",    "/v1/schedules/{id}/tasks",    "List the tasks that it made.", of_tasks, shows_tasks},
  {"schedules", "preview",  "GET",    "/v1/schedules/{id}/preview",  "List the moments to come.", of_preview, shows_moments},
  {"schedules", "explain",  "GET",    "/v1/schedules/{id}/explain",  "Say what became or becomes of a moment.", of_explain},
};
// clang-format on

}  // namespace

std::span<const verb> schedule_verbs() {
  return rows;
}

}  // namespace carillon::cli
