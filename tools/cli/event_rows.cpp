#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr parameter only_event[] = {id_of("The event.")};
constexpr parameter only_source[] = {name_in_path("NAME", "name", "The source.")};
constexpr parameter only_group[] = {name_in_path("NAME", "name", "The group.")};

constexpr parameter to_publish[] = {
    {"TOPIC", "topic", place::body, form::text, "TOPIC", "Who listens to it runs.", true},
    json_value("--payload", "payload", "What they find as the event."),
    text("--id", "id", "TEXT", "The same id again is the same event."),
    text("--source", "source", "TEXT", "Where it comes from.")};
constexpr parameter of_events[] = {query("--topic", "topic", "TOPIC", "With this topic."),
                                   list_limit, list_offset, list_cursor};
constexpr parameter to_make_source[] = {
    {"NAME", "name", place::body, form::text, "NAME", "Stands in its path.", true},
    {"--topic", "topic", place::body, form::text, "TOPIC", "Of its events.", true}};

constexpr parameter to_make_group[] = {
    {"NAME", "name", place::body, form::text, "NAME", "Tasks call group:NAME.", true},
    {"--member", "urls", place::body, form::list, "URL", "An address of it.", true}};
constexpr parameter to_update_group[] = {name_in_path("NAME", "name", "The group."),
                                         {"--member", "urls", place::body, form::list, "URL",
                                          "An address of it; all are replaced.", true}};

constexpr column event_columns[] = {{"ID", "event_id"},         {"TOPIC", "topic"},
                                    {"STATUS", "status"},       {"PUBLISHED", "published_at"},
                                    {"TRIGGERED", "triggered"}, {"NOT TRIGGERED", "not_triggered"}};
constexpr column topic_columns[] = {
    {"TOPIC", "topic"}, {"LISTENERS", "listeners"}, {"LAST EVENT", "last_event_at"}};
constexpr column source_columns[] = {
    {"NAME", "name"}, {"TOPIC", "topic"}, {"PATH", "path"}, {"CREATED", "created_at"}};
constexpr column group_columns[] = {
    {"NAME", "name"}, {"ADDRESSES", "urls[#]"}, {"UPDATED", "updated_at"}};
constexpr view shows_events = {"events", event_columns, "event_id"};
constexpr view shows_event = {{}, {}, "event_id"};
constexpr view shows_topics = {"topics", topic_columns, "topic"};
constexpr view shows_sources = {"event_sources", source_columns, "name"};
constexpr view shows_groups = {"url_groups", group_columns, "name"};
constexpr view shows_named = {{}, {}, "name"};

// clang-format off
constexpr verb rows[] = {
  {"events", "publish", "POST", "/v1/events",        "Publish an event.", to_publish, shows_event},
  {"events", "list",    "GET",  "/v1/events",        "List the events of the last day.", of_events, shows_events},
  {"events", "get",     "GET",  "/v1/events/{id}",   "Show an event and whom it triggered.", only_event, shows_event},
  {"events", "topics",  "GET",  "/v1/events/topics", "List the topics that have listeners.", only_list, shows_topics},
  {"sources", "list",   "GET",    "/v1/event-sources",        "List who may send signed events.", {}, shows_sources},
  {"sources", "create", "POST",   "/v1/event-sources",        "Make a source; its secret is shown once.", to_make_source, shows_named},
  {"sources", "delete", "DELETE", "/v1/event-sources/{name}", "Remove a source.", only_source},
  {"groups", "list",   "GET",    "/v1/url-groups",        "List the groups of addresses.", {}, shows_groups},
  {"groups", "get",    "GET",    "/v1/url-groups/{name}", "Show a group.", only_group, shows_named},
  {"groups", "create", "POST",   "/v1/url-groups",        "Make a group.", to_make_group, shows_named},
  {"groups", "update", "PUT",    "/v1/url-groups/{name}", "Replace its addresses.", to_update_group, shows_named},
  {"groups", "delete", "DELETE", "/v1/url-groups/{name}", "Remove a group.", only_group, shows_named},
};
// clang-format on

}  // namespace

std::span<const verb> event_verbs() {
  return rows;
}

}  // namespace carillon::cli
