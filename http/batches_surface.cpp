#include "http/batch_output.hpp"
#include "http/batch_stream.hpp"
#include "http/lists.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_output.hpp"

// The native surface for many tasks with one end: /v1/batches.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 200;

std::optional<batch_id> batch_id_of(const request& asked, const responder& reply) {
  auto id = parse_batch_id(asked.parameters.front());
  if (!id)
    reply(problem{problem_kind::not_found, "no such batch"});
  return id;
}

/// Answers with the batch.
carillon::answer<batch_view> show_to(const responder& reply) {
  return carillon::answer<batch_view>{[reply](expected<batch_view> found) {
    if (!found)
      return reply(std::move(found).error());
    reply(response{200, native_batch(*found)});
  }};
}

void get_batch(const api& with, const request& asked, responder reply) {
  if (const auto id = batch_id_of(asked, reply))
    with.core.find_batch(*id, show_to(reply));
}

void change_batch(const api& with, const request& asked, const responder& reply,
                  batch_change what) {
  const auto id = batch_id_of(asked, reply);
  if (id && admit(with, reply))
    with.core.ask_batch(*id, std::move(what), show_to(reply));
}

void seal_batch(const api& with, const request& asked, responder reply) {
  change_batch(with, asked, reply, batch_event::seal{});
}

void cancel_batch(const api& with, const request& asked, responder reply) {
  change_batch(with, asked, reply, batch_event::cancel{});
}

void retry_batch(const api& with, const request& asked, responder reply) {
  change_batch(with, asked, reply, batch_event::retry_failed{});
}

// -- lists ------------------------------------------------------------------------

/// `next_cursor`, and the Link header with it.
header_list write_next(json::writer& out, const request& asked,
                       const std::optional<std::string>& cursor) {
  out.key("next_cursor");
  if (!cursor) {
    out.null();
    return {};
  }
  out.string(*cursor);
  return {{"Link", link_to_next(asked, *cursor)}};
}

response show_batches(const request& asked, const list_page& page,
                      const storage::batch_page& found) {
  json::writer out;
  out.begin_object();
  write_page_facts(out, found, page);
  out.key("batches").begin_array();
  for (const auto& one : found.items)
    write_batch(out, one);
  out.end_array().end_object();
  return {200, out.take(), page_headers(asked, page, found)};
}

response show_children(const request& asked, const storage::child_page_request& page,
                       const storage::child_page& found) {
  json::writer out;
  out.begin_object();
  out.field("total", found.total);
  out.field("limit", page.limit);
  out.field("has_more", found.next.has_value());
  std::optional<std::string> cursor;
  if (found.next)
    cursor = std::to_string(*found.next);
  auto headers = write_next(out, asked, cursor);
  out.key("tasks").begin_array();
  for (const auto& one : found.items)
    write_native(out, one);
  out.end_array().end_object();
  return {200, out.take(), std::move(headers)};
}

void list_batches(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto page = read_page(with, asked, query, limit_default, limit_max);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  carillon::answer<storage::batch_page> show{
      [page, asked, reply](expected<storage::batch_page> found) {
        if (!found)
          return reply(std::move(found).error());
        reply(show_batches(asked, page, *found));
      }};
  with.core.list_batches(page, std::move(show));
}

std::vector<task_status> statuses_of(std::string_view word) {
  const auto status = parse_task_status(word);
  return status ? std::vector{*status} : std::vector<task_status>{};
}

storage::child_page_request read_children(query_reader& query) {
  storage::child_page_request page;
  page.statuses = read_words(query, "status", statuses_of, task_status_wanted);
  page.limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  page.from = static_cast<std::uint32_t>(query.integer("cursor", {0, batch_children_max}, 0));
  return page;
}

void list_children(const api& with, const request& asked, responder reply) {
  const auto id = batch_id_of(asked, reply);
  if (!id)
    return;
  query_reader query{asked};
  const auto page = read_children(query);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  carillon::answer<storage::child_page> show{
      [page, asked, reply](expected<storage::child_page> found) {
        if (!found)
          return reply(std::move(found).error());
        reply(show_children(asked, page, *found));
      }};
  with.core.list_children(*id, page, std::move(show));
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/v1/batches",                   open_small_batch, access::tasks_create, open_batch_by_stream},
  {"GET",  "/v1/batches",                   list_batches,     access::tasks_read},
  {"GET",  "/v1/batches/{id}",              get_batch,        access::tasks_read},
  {"GET",  "/v1/batches/{id}/tasks",        list_children,    access::tasks_read},
  {"POST", "/v1/batches/{id}/seal",         seal_batch,       access::tasks_create},
  {"POST", "/v1/batches/{id}/cancel",       cancel_batch,     access::tasks_run},
  {"POST", "/v1/batches/{id}/retry_failed", retry_batch,      access::tasks_run},
};
// clang-format on

}  // namespace

std::span<const route> batches_surface() {
  return routes;
}

}  // namespace carillon::http
