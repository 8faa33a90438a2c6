#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr auto tenant = name_in_path("NAME", "name", "The tenant.");
constexpr parameter only_tenant[] = {tenant};
constexpr auto title = text("--title", "title", "TEXT", "What people call it.");
constexpr auto requests_per_second =
    number("--requests-per-second", "quotas.requests_per_second", "So many requests; 0: any.");
constexpr auto burst = number("--burst", "quotas.burst", "So many at once after a pause.");
constexpr auto requests_at_once =
    number("--requests-at-once", "quotas.requests_at_once", "So many under way; 0: any.");
constexpr auto open_tasks =
    number("--open-tasks", "quotas.open_tasks", "So many tasks that have not ended; 0: any.");
constexpr auto schedules = number("--schedules", "quotas.schedules", "So many of them; 0: any.");

constexpr parameter to_make[] = {
    {"NAME", "name", place::body, form::text, "NAME", "1 to 40 of a-z, 0-9, - and _.", true},
    title,
    requests_per_second,
    burst,
    requests_at_once,
    open_tasks,
    schedules};
constexpr parameter to_update[] = {tenant,
                                   title,
                                   requests_per_second,
                                   burst,
                                   requests_at_once,
                                   open_tasks,
                                   schedules,
                                   {"--clear", "", place::body, form::list, "FIELD",
                                    "quotas.burst and the like: as for all tenants."}};
constexpr parameter to_delete[] = {
    tenant,
    {"--confirm", "confirm", place::query, form::text, "NAME", "The name once more.", true}};

constexpr parameter of_audit[] = {
    query("--who", "who", "ID", "By this one, or by this name."),
    query("--action", "action", "ROUTE", "Such as \"PATCH /v1/schedules/{id}\"."),
    query("--method", "method", "METHOD", "By this method."),
    query("--subject", "subject", "ID", "About this thing."),
    query("--outcome", "outcome", "done|refused", "Done, or refused."),
    query("--from", "from", "TIME", "At this time or later."),
    query("--to", "to", "TIME", "Before this time."),
    query("--text", "text", "TEXT", "With this text anywhere."),
    list_limit,
    list_cursor};
constexpr parameter of_export[] = {
    of_audit[0],
    of_audit[1],
    of_audit[2],
    of_audit[3],
    of_audit[4],
    of_audit[5],
    of_audit[6],
    of_audit[7],
    query("--format", "format", "ndjson|csv", "A record a line, or a table.")};

constexpr column tenant_columns[] = {
    {"NAME", "name"}, {"STATUS", "status"}, {"TITLE", "title"}, {"CREATED", "created_at"}};
constexpr column audit_columns[] = {{"AT", "at"},           {"WHO", "who.name|who.kind"},
                                    {"ACTION", "action"},   {"SUBJECT", "subject|made"},
                                    {"OUTCOME", "outcome"}, {"STATUS", "status"},
                                    {"ADDRESS", "address"}};
constexpr view shows_tenants = {"tenants", tenant_columns, "name"};
constexpr view shows_tenant = {{}, {}, "name"};
constexpr view shows_new_tenant = {{}, {}, "admin_token.token|token"};
constexpr view shows_audit = {"records", audit_columns};

// clang-format off
constexpr verb rows[] = {
  {"tenants", "list",   "GET",    "/v1/tenants",               "List tenants.", {}, shows_tenants},
  {"tenants", "get",    "GET",    "/v1/tenants/{name}",        "Show a tenant with its quotas and usage.", only_tenant, shows_tenant},
  {"tenants", "create", "POST",   "/v1/tenants",               "Make a tenant; its first token is shown once.", to_make, shows_new_tenant},
  {"tenants", "update", "PATCH",  "/v1/tenants/{name}",        "Change its title and quotas.", to_update, shows_tenant},
  {"tenants", "token",  "POST",   "/v1/tenants/{name}/tokens", "Make one more token that may do everything in it.", only_tenant, shows_new_tenant},
  {"tenants", "delete", "DELETE", "/v1/tenants/{name}",        "Remove a tenant and all that it has.", to_delete, shows_tenant},
  {"audit", "list",   "GET", "/v1/audit",        "List who changed what, newest first.", of_audit, shows_audit},
  {"audit", "export", "GET", "/v1/audit/export", "Print all records.", of_export, {}, manner::text},
};
// clang-format on

}  // namespace

std::span<const verb> tenant_verbs() {
  return rows;
}

}  // namespace carillon::cli
