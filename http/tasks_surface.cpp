#include "http/agent_lookup.hpp"
#include "http/body_reader.hpp"
#include "http/definition_commands.hpp"
#include "http/definition_output.hpp"
#include "http/mixed_list.hpp"
#include "http/preference.hpp"
#include "http/query.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_filter_input.hpp"
#include "http/task_input.hpp"
#include "http/task_output.hpp"
#include "http/text.hpp"
#include "http/trace_input.hpp"

#include <algorithm>
#include <array>

// The tasks surface in 000's form, one-off tasks, and the paths that these share with definitions
// (definitions_surface.cpp). An id tells which of them it names.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 200;

/// What makes a body a one-off task.
bool is_one_off(const json::value& body) {
  return std::ranges::any_of(json::members(body), [](const json::member& each) {
    return each.key == "taskType" || each.key == "triggeredAt";
  });
}

void post_task(const api& with, const request& asked, responder reply) {
  const auto root = read_object(asked.body);
  if (!root)
    return reply(root.error());
  if (!is_one_off(*root))
    return create_definition(with, asked, std::move(reply));
  create_one(with, read_one_off_task(with, asked.body, origin_of(asked)), one_off_task, "/tasks/",
             preferred_wait(asked, with.wait_max), std::move(reply));
}

// -- lists ---------------------------------------------------------------------

struct definition_status {
  std::string_view word;
  schedule_status status;
};
constexpr std::array<definition_status, 3> definition_statuses{
    {{"active", schedule_status::active},
     {"paused", schedule_status::paused},
     {"canceled", schedule_status::canceled}}};

/// What a list shows: tasks, definitions, or both.
struct list_query {
  storage::page_request page;
  std::optional<storage::task_filter> tasks;
  std::optional<storage::schedule_filter> schedules;
};

/// Of definitions a creator is an agent.
void check_creators(query_reader& query, const storage::schedule_filter& filter) {
  for (const auto& each : filter.created_by)
    if (!parse_agent_id(each))
      query.refuse("created_by", "must be the UUID of an agent");
}

/// Filters that both sorts know narrow both; one that a single sort knows shows that sort alone. A
/// creator means definitions.
list_query read_filters(query_reader& query) {
  list_query asked;
  auto tasks = read_filter_beside_status(query);
  auto schedules = read_schedule_filter(query, tasks);
  check_creators(query, schedules);
  tasks.created_by.clear();
  const bool is_of_tasks = !tasks.reasons.empty() || !tasks.batches.empty()
                           || !tasks.planned.empty() || !tasks.ended.empty();
  const bool is_of_schedules = !schedules.kinds.empty() || !schedules.created_by.empty()
                               || !schedules.updated.empty() || !schedules.next.empty();
  if (is_of_tasks && is_of_schedules)
    query.refuse(schedules.kinds.empty() ? "created_by" : "schedule_kind",
                 "is of definitions, and another filter is of one-off tasks");
  if (!is_of_schedules) {
    asked.tasks = std::move(tasks);
    asked.tasks->is_scheduled = false;
  }
  if (!is_of_tasks)
    asked.schedules = std::move(schedules);
  return asked;
}

/// The word says of which sort the list is. `completed` is a word for both: it means definitions
/// when another filter does.
void read_status(query_reader& query, list_query& to) {
  const auto word = query.text("status");
  if (!word)
    return;
  const auto known =
      std::ranges::find(definition_statuses, to_lower(*word), &definition_status::word);
  if (known != definition_statuses.end() && to.schedules) {
    to.tasks.reset();
    to.schedules->statuses = {known->status};
    return;
  }
  const auto statuses = one_off_statuses(*word);
  if (!to.tasks && to_lower(*word) == "completed")
    to.schedules->statuses = {schedule_status::ended};
  else if (!to.tasks)
    query.refuse("status", "must be active, paused, canceled or completed for definitions");
  else if (statuses.empty())
    query.refuse("status", "must be " + std::string{one_off_words}
                               + " for one-off tasks, or active, paused or canceled");
  else {
    to.tasks->statuses = statuses;
    to.schedules.reset();
  }
}

list_query read_list(query_reader& query) {
  auto asked = read_filters(query);
  asked.page.limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  asked.page.offset = static_cast<std::size_t>(query.offset());
  read_status(query, asked);
  return asked;
}

void write_item(json::writer& out, const task& item) {
  write_one_off(out, item);
}
void write_item(json::writer& out, const schedule& item) {
  write_definition(out, item);
}
void write_item(json::writer& out, const task_or_schedule& item) {
  std::visit([&](const auto& each) { write_item(out, each); }, item);
}

/// Answers with a page of any sort.
template <class Page>
carillon::answer<Page> page_answer(const storage::page_request& asked, responder reply) {
  return carillon::answer<Page>{[asked, reply = std::move(reply)](expected<Page> page) {
    if (!page)
      return reply(std::move(page).error());
    json::writer out;
    out.begin_object().key("items").begin_array();
    for (const auto& each : page->items)
      write_item(out, each);
    out.end_array();
    out.field("total", page->total);
    out.field("limit", asked.limit);
    out.field("offset", asked.offset);
    out.field("has_more", page->has_more);
    out.end_object();
    reply(response{200, out.take()});
  }};
}

void list_tasks(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto wanted = read_list(query);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  const auto& page = wanted.page;
  auto is_wanted = [reply] { return reply.wanted(); };
  if (!wanted.schedules)
    with.core.list(*wanted.tasks, page, page_answer<storage::task_page>(page, reply), is_wanted);
  else if (!wanted.tasks)
    with.core.list_schedules(*wanted.schedules, page,
                             page_answer<storage::schedule_page>(page, reply), is_wanted);
  else
    list_mixed(with.core, {*wanted.tasks, *wanted.schedules, is_wanted}, page.limit, page.offset,
               page_answer<mixed_page>(page, reply));
}

// -- one task or definition ------------------------------------------------------

void get_task(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  if (names_schedule(*id))
    return show_definition(with, *id, std::move(reply));
  find_one(with, asked, one_off_task, std::move(reply));
}

void cancel_task(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  if (names_schedule(*id))
    return cancel_definition(with, *id, std::move(reply));
  ask_one(with, asked, event::cancel{true}, one_off_task, std::move(reply));
}

void trigger_task(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  if (names_schedule(*id))
    return refuse_definition(with, *id, std::move(reply));
  ask_one(with, asked, event::trigger{}, one_off_task, std::move(reply),
          preferred_wait(asked, with.wait_max));
}

void report_task(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  if (names_schedule(*id))
    return refuse_definition(with, *id, std::move(reply));
  report_one(with, asked, std::move(reply));
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/tasks",              post_task,    access::tss(right::tasks_create)},
  {"GET",  "/tasks",              list_tasks,   access::tss(right::tasks_read)},
  {"GET",  "/tasks/{id}",         get_task,     access::tss(right::tasks_read)},
  {"POST", "/tasks/{id}/trigger", trigger_task, access::tss(right::tasks_run)},
  {"POST", "/tasks/{id}/cancel",  cancel_task,  access::tss(right::tasks_run)},
  {"POST", "/tasks/{id}/events",  report_task,  access::tss(right::tasks_update)},
};
// clang-format on

}  // namespace

std::span<const route> tasks_surface() {
  return routes;
}

}  // namespace carillon::http
