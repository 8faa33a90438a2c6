#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr auto definition_id = id_of("The definition.");
constexpr parameter only_id[] = {definition_id};

constexpr parameter of_list[] = {
    query("--status", "status", "active|paused|canceled|completed", "In this state."),
    query("--created-by", "created_by", "AGENT", "Made by this agent."),
    query("--kind", "schedule_kind", "cron|rrule|once|event|manual", "Of this kind."), list_limit,
    list_offset};

constexpr parameter to_create[] = {
    text("--title", "title", "TEXT", "What people call it."),
    text("--description", "description", "TEXT", "What it is for."),
    text("--kind", "schedule_kind", "cron|rrule|once|event|manual", "How it is started."),
    text("--expr", "schedule_expr", "EXPR", "When, or on which topic."),
    text("--timezone", "timezone", "ZONE", "Such as Europe/Berlin."),
    json_value("--pipeline", "payload.pipeline", "Its steps."),
    json_value("--params", "payload.params", "What the steps can read."),
    text("--created-by", "created_by", "AGENT", "Who makes it."),
    number("--priority", "priority", "1 (first) to 9."),
    number("--max-retries", "max_retries", "Extra attempts after the first.")};
constexpr parameter to_update[] = {
    definition_id,
    to_create[0],
    to_create[1],
    to_create[2],
    to_create[3],
    to_create[4],
    to_create[5],
    to_create[6],
    to_create[8],
    to_create[9],
    {"--clear", "", place::body, form::list, "FIELD", "A field that is to have its default."}};
constexpr parameter to_snooze[] = {
    definition_id,
    {"--seconds", "delay_seconds", place::body, form::number, "N", "So much later.", true},
    text("--reason", "reason", "TEXT", "Why.")};
constexpr parameter of_runs[] = {
    definition_id,
    query("--success", "success", "true|false", "Only those."),
    {"--errors", "include_errors", place::query, form::flag, "", "With what went wrong."},
    list_limit,
    list_offset};
constexpr parameter of_stats[] = {definition_id,
                                  query("--days", "days", "N", "Over so many days (30).")};

constexpr column definition_columns[] = {{"ID", "id"},
                                         {"STATUS", "status"},
                                         {"TITLE", "title"},
                                         {"KIND", "schedule_kind"},
                                         {"RULE", "schedule_expr"},
                                         {"NEXT", "next_run_at"}};
constexpr column run_columns[] = {{"ID", "id"},
                                  {"STATUS", "status"},
                                  {"ATTEMPT", "attempt"},
                                  {"STARTED", "started_at"},
                                  {"FINISHED", "finished_at"},
                                  {"ERROR", "error"}};
constexpr view shows_definitions = {"items", definition_columns, "id", "schedule_kind"};
constexpr view shows_runs = {"items", run_columns};

// clang-format off
constexpr verb rows[] = {
  {"definitions", "list",   "GET",  "/tasks",                 "List the definitions of pipelines.", of_list, shows_definitions},
  {"definitions", "get",    "GET",  "/tasks/{id}",            "Show a definition.", only_id},
  {"definitions", "create", "POST", "/tasks",                 "Make a definition.", to_create},
  {"definitions", "update", "PUT",  "/tasks/{id}",            "Change the fields that are named.", to_update},
  {"definitions", "run",    "POST", "/tasks/{id}/run_now",    "Run it once more, now.", only_id},
  {"definitions", "snooze", "POST", "/tasks/{id}/snooze",     "Put off its next moment.", to_snooze},
  {"definitions", "pause",  "POST", "/tasks/{id}/pause",      "Let nothing of it run until it is resumed.", only_id},
  {"definitions", "resume", "POST", "/tasks/{id}/resume",     "Let it run again.", only_id},
  {"definitions", "cancel", "POST", "/tasks/{id}/cancel",     "End it for good.", only_id},
  {"definitions", "runs",   "GET",  "/runs?task_id={id}",     "List its runs, newest first.", of_runs, shows_runs},
  {"definitions", "stats",  "GET",  "/runs/task/{id}/stats",  "Count its runs.", of_stats},
};
// clang-format on

}  // namespace

std::span<const verb> definition_verbs() {
  return rows;
}

}  // namespace carillon::cli
