#include "http/lists.hpp"
#include "http/preference.hpp"
#include "http/runner_runs.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_filter_input.hpp"
#include "http/task_input.hpp"
#include "http/task_output.hpp"
#include "http/task_stream.hpp"
#include "http/trace_input.hpp"

// The native surface: /v1/tasks.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 200;

void post_task(const api& with, const request& asked, responder reply) {
  create_one(with, read_native_task(with, asked.body, origin_of(asked)), native_task,
             "/v1/tasks/task_", preferred_wait(asked, with.wait_max), std::move(reply));
}

void list_tasks(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  auto filter = read_task_filter(query);
  const auto page = read_page(with, asked, query, limit_default, limit_max);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list(std::move(filter), page,
                 carillon::answer<storage::task_page>{
                     [page, asked, reply](expected<storage::task_page> found) {
                       if (!found)
                         return reply(std::move(found).error());
                       reply(show_task_page(asked, page, *found));
                     }},
                 [reply] { return reply.wanted(); });
}

void get_task(const api& with, const request& asked, responder reply) {
  find_one(with, asked, native_task, std::move(reply));
}

/// A page of the attempts, oldest first.
void get_attempts(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  query_reader query{asked};
  const auto limit = query.limit(limit_default, limit_max);
  const auto offset = query.offset();
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.find(
      *id, carillon::answer<task_details>{[limit, offset, reply](expected<task_details> found) {
        if (!found)
          return reply(std::move(found).error());
        reply(response{200, attempts_page(found->subject, static_cast<std::size_t>(offset),
                                          static_cast<std::size_t>(limit))});
      }});
}

void cancel_task(const api& with, const request& asked, responder reply) {
  ask_one(with, asked, event::cancel{}, native_task, std::move(reply));
}

void trigger_task(const api& with, const request& asked, responder reply) {
  ask_one(with, asked, event::trigger{}, native_task, std::move(reply),
          preferred_wait(asked, with.wait_max));
}

void retry_task(const api& with, const request& asked, responder reply) {
  ask_one(with, asked, event::retry{}, native_task, std::move(reply));
}

void delete_task(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id || !admit(with, reply))
    return;
  carillon::answer<task_ptr> removed{[reply](expected<task_ptr> outcome) {
                                       if (!outcome)
                                         return reply(std::move(outcome).error());
                                       reply(response{204, {}});
                                     },
                                     reply.mark()};
  with.core.ask({{*id, event::forget{}, std::move(removed)}});
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/v1/tasks",              post_task,    access::tasks_create, create_from_stream},
  {"GET",  "/v1/tasks",              list_tasks,   access::tasks_read},
  {"GET",  "/v1/tasks/{id}",         get_task,     access::tasks_read},
  {"DELETE", "/v1/tasks/{id}",       delete_task,  access::tasks_delete},
  {"GET",  "/v1/tasks/{id}/attempts", get_attempts, access::tasks_read},
  {"GET",  "/v1/tasks/{id}/log",     get_task_log, access::runs_read},
  {"POST", "/v1/tasks/{id}/cancel",  cancel_task,  access::tasks_run},
  {"POST", "/v1/tasks/{id}/trigger", trigger_task, access::tasks_run},
  {"POST", "/v1/tasks/{id}/retry",   retry_task,   access::tasks_run},
  {"POST", "/v1/tasks/{id}/events",  report_one,   access::tasks_update},
};
// clang-format on

}  // namespace

std::span<const route> native_surface() {
  return routes;
}

}  // namespace carillon::http
