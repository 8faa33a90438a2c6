#include "http/query.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_input.hpp"
#include "http/task_output.hpp"
#include "http/task_stream.hpp"

#include <algorithm>

// The native surface: /v1/tasks.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 200;

void post_task(const api& with, const request& asked, responder reply) {
  create_one(with, read_native_task(with, asked.body), native_task, "/v1/tasks/task_",
             std::move(reply));
}

std::vector<task_status> read_statuses(query_reader& query) {
  std::vector<task_status> statuses;
  const auto words = query.text("status");
  if (!words)
    return statuses;
  for (std::size_t begin = 0; begin <= words->size();) {
    const auto end = std::min(words->find(',', begin), words->size());
    const auto status = parse_task_status(std::string_view{*words}.substr(begin, end - begin));
    if (!status) {
      query.refuse("status",
                   "must be scheduled, queued, processing, retrying, completed, failed, canceled, "
                   "expired or skipped, or several of them with commas");
      break;
    }
    if (std::ranges::find(statuses, *status) == statuses.end())
      statuses.push_back(*status);
    begin = end + 1;
  }
  return statuses;
}

storage::task_filter read_filter(query_reader& query) {
  storage::task_filter filter;
  filter.statuses = read_statuses(query);
  filter.task_type = query.text("task_type");
  filter.tag = query.text("tag");
  filter.created_from = query.moment("created_from");
  filter.created_to = query.moment("created_to");
  filter.planned_from = query.moment("scheduled_from");
  filter.planned_to = query.moment("scheduled_to");
  return filter;
}

storage::page_request read_page(query_reader& query) {
  storage::page_request page;
  page.limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  page.offset = static_cast<std::size_t>(query.offset());
  if (const auto cursor = query.text("cursor")) {
    page.after = parse_task_id(*cursor);
    if (!page.after)
      query.refuse("cursor", "must be the next_cursor of an earlier answer");
  }
  return page;
}

std::string write_page(const storage::task_page& page, const storage::page_request& asked) {
  json::writer out;
  out.begin_object().field("total", page.total);
  out.field("limit", static_cast<std::int64_t>(asked.limit));
  out.field("offset", static_cast<std::int64_t>(asked.offset));
  out.field("has_more", page.has_more);
  out.key("next_cursor");
  if (page.has_more)
    out.string(to_uuid(page.items.back().id));
  else
    out.null();
  out.key("tasks").begin_array();
  for (const auto& one : page.items)
    write_native(out, one);
  out.end_array().end_object();
  return out.take();
}

void list_tasks(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  auto filter = read_filter(query);
  const auto page = read_page(query);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list(std::move(filter), page,
                 carillon::answer<storage::task_page>{
                     [page, asked, reply](expected<storage::task_page> found) {
                       if (!found)
                         return reply(std::move(found).error());
                       header_list headers;
                       if (found->has_more)
                         headers.emplace_back("Link",
                                              link_to_next(asked, to_uuid(found->items.back().id)));
                       reply(response{200, write_page(*found, page), std::move(headers)});
                     }});
}

void get_task(const api& with, const request& asked, responder reply) {
  find_one(with, asked, native_task, std::move(reply));
}

void cancel_task(const api& with, const request& asked, responder reply) {
  ask_one(with, asked, event::cancel{}, native_task, std::move(reply));
}

void trigger_task(const api& with, const request& asked, responder reply) {
  ask_one(with, asked, event::trigger{}, native_task, std::move(reply));
}

void retry_task(const api& with, const request& asked, responder reply) {
  ask_one(with, asked, event::retry{}, native_task, std::move(reply));
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/v1/tasks",              post_task,    access::token, create_from_stream},
  {"GET",  "/v1/tasks",              list_tasks,   access::token},
  {"GET",  "/v1/tasks/{id}",         get_task,     access::token},
  {"POST", "/v1/tasks/{id}/cancel",  cancel_task,  access::token},
  {"POST", "/v1/tasks/{id}/trigger", trigger_task, access::token},
  {"POST", "/v1/tasks/{id}/retry",   retry_task,   access::token},
  {"POST", "/v1/tasks/{id}/events",  report_one,   access::token},
};
// clang-format on

}  // namespace

std::span<const route> native_surface() {
  return routes;
}

}  // namespace carillon::http
