#include "http/query.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_input.hpp"
#include "http/task_output.hpp"

// The tasks surface in 000's form: one-off tasks.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 200;

void post_task(const api& with, const request& asked, responder reply) {
  create_one(with, read_one_off_task(with, asked.body), one_off_task, "/tasks/", std::move(reply));
}

std::string write_page(const storage::task_page& page, std::int64_t limit, std::int64_t offset) {
  json::writer out;
  out.begin_object().key("items").begin_array();
  for (const auto& one : page.items)
    write_one_off(out, one);
  out.end_array();
  out.field("total", page.total);
  out.field("limit", limit);
  out.field("offset", offset);
  out.field("has_more", page.has_more);
  out.end_object();
  return out.take();
}

void list_tasks(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto limit = query.limit(limit_default, limit_max);
  const auto offset = query.offset();
  storage::task_filter filter;
  if (const auto word = query.text("status")) {
    filter.statuses = one_off_statuses(*word);
    if (filter.statuses.empty())
      query.refuse("status", "must be " + std::string{one_off_words});
  }
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list(filter, {static_cast<std::size_t>(limit), static_cast<std::size_t>(offset), {}},
                 carillon::answer<storage::task_page>{
                     [limit, offset, reply](expected<storage::task_page> page) {
                       if (!page)
                         return reply(std::move(page).error());
                       reply(response{200, write_page(*page, limit, offset)});
                     }});
}

void get_task(const api& with, const request& asked, responder reply) {
  find_one(with, asked, one_off_task, std::move(reply));
}

void trigger_task(const api& with, const request& asked, responder reply) {
  ask_one(with, asked, event::trigger{}, one_off_task, std::move(reply));
}

void cancel_task(const api& with, const request& asked, responder reply) {
  ask_one(with, asked, event::cancel{true}, one_off_task, std::move(reply));
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/tasks",              post_task,    access::token},
  {"GET",  "/tasks",              list_tasks,   access::token},
  {"GET",  "/tasks/{id}",         get_task,     access::token},
  {"POST", "/tasks/{id}/trigger", trigger_task, access::token},
  {"POST", "/tasks/{id}/cancel",  cancel_task,  access::token},
  {"POST", "/tasks/{id}/events",  report_one,   access::token},
};
// clang-format on

}  // namespace

std::span<const route> tasks_surface() {
  return routes;
}

}  // namespace carillon::http
