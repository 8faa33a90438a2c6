#include "http/body_reader.hpp"
#include "http/query.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_filter_input.hpp"

#include <array>

// The native surface for many tasks at once: /v1/tasks/bulk.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 200;
constexpr std::string_view job_prefix = "job_";
constexpr std::array actions{bulk_action::cancel, bulk_action::retry, bulk_action::trigger,
                             bulk_action::remove};

std::string text_of(const task_id& job) {
  return std::string{job_prefix} + to_uuid(job);
}

std::optional<task_id> job_id_of(const request& asked, const responder& reply) {
  std::string_view text = asked.parameters.front();
  if (text.starts_with(job_prefix))
    text.remove_prefix(job_prefix.size());
  auto id = parse_task_id(text);
  if (!id)
    reply(problem{problem_kind::not_found, "no such job"});
  return id;
}

void write_job(json::writer& out, const storage::bulk_row& row) {
  const auto& job = row.job;
  out.begin_object();
  out.field("id", text_of(job.id));
  out.field("action", to_string(job.action));
  out.key("filter");
  write_task_filter(out, row.filter);
  out.field("status", to_string(job.status));
  out.key("total");
  job.total ? out.integer(*job.total) : out.null();
  out.field("done", bulk::done(job));
  out.field("changed", job.changed);
  out.field("conflicts", job.conflicts);
  out.field("failed", job.failed);
  out.field("percent", bulk::percent(job));
  out.field("created_at", format_instant(job.created_at));
  out.key("finished_at");
  job.finished_at ? out.string(format_instant(*job.finished_at)) : out.null();
  out.end_object();
}

carillon::answer<storage::bulk_row> job_answer(int status, responder reply) {
  auto mark = reply.mark();
  return carillon::answer<storage::bulk_row>{
      [status, reply = std::move(reply)](expected<storage::bulk_row> row) {
        if (!row)
          return reply(std::move(row).error());
        json::writer out;
        write_job(out, *row);
        response answered{status, out.take()};
        if (status == 202)
          answered.headers.emplace_back("Location", "/v1/tasks/bulk/" + text_of(row->job.id));
        reply(std::move(answered));
      },
      std::move(mark)};
}

// -- POST -----------------------------------------------------------------------

struct bulk_order {
  bulk_action action = bulk_action::cancel;
  storage::task_filter filter;
  bool is_dry = false;
};

bulk_action read_action(body_reader& in) {
  in.require("action");
  const auto word = in.text("action", {1, 32});
  for (const auto action : actions)
    if (word == to_string(action))
      return action;
  if (word)
    in.refuse("action", "must be cancel, retry, trigger or delete", *word);
  return {};
}

expected<bulk_order> read_order(std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  bulk_order order;
  order.action = read_action(in);
  if (const auto given = in.object("filter")) {
    body_reader inner{*given, "body.filter", faults};
    order.filter = read_task_filter(inner);
    inner.finish();
  }
  order.is_dry = in.flag("dry_run").value_or(false);
  const bool all = in.flag("all").value_or(false);
  in.finish();
  if (faults.empty() && all != is_empty(order.filter))
    faults.add(in.location_of("all"),
               all ? "is for all tasks and takes no filter"
                   : "must be true when there is no filter: all tasks are meant then");
  if (!faults.empty())
    return std::move(faults).to_problem();
  return order;
}

void count(const api& with, bulk_order order, responder reply) {
  const auto action = order.action;
  carillon::answer<std::int64_t> counted{[action, reply](expected<std::int64_t> total) {
    if (!total)
      return reply(std::move(total).error());
    json::writer out;
    out.begin_object();
    out.field("action", to_string(action));
    out.field("dry_run", true);
    out.field("total", *total);
    out.end_object();
    reply(response{200, out.take()});
  }};
  with.core.count_bulk(
      action, std::move(order.filter), [reply] { return reply.wanted(); }, std::move(counted));
}

void post_bulk(const api& with, const request& asked, responder reply) {
  auto order = read_order(asked.body);
  if (!order)
    return reply(std::move(order).error());
  // What is deleted is gone: one by one it takes tasks:delete, many at once take the operator.
  if (order->action == bulk_action::remove && !demand({}, asked, reply))
    return;
  if (order->is_dry)
    return count(with, *std::move(order), std::move(reply));
  if (!admit(with, reply))
    return;
  with.core.start_bulk_job(order->action, std::move(order->filter),
                           job_answer(202, std::move(reply)));
}

// -- jobs -----------------------------------------------------------------------

void list_jobs(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  const auto offset = static_cast<std::size_t>(query.offset());
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list_bulk_jobs(carillon::answer<std::vector<storage::bulk_row>>{
      [limit, offset, reply](expected<std::vector<storage::bulk_row>> rows) {
        if (!rows)
          return reply(std::move(rows).error());
        const auto begin = std::min(offset, rows->size());
        const auto end = begin + std::min(limit, rows->size() - begin);
        json::writer out;
        out.begin_object();
        out.field("total", rows->size());
        out.field("limit", limit);
        out.field("offset", offset);
        out.field("has_more", end < rows->size());
        out.key("jobs").begin_array();
        for (auto at = begin; at < end; ++at)
          write_job(out, (*rows)[at]);
        out.end_array().end_object();
        reply(response{200, out.take()});
      }});
}

void get_job(const api& with, const request& asked, responder reply) {
  if (const auto id = job_id_of(asked, reply))
    with.core.find_bulk_job(*id, job_answer(200, std::move(reply)));
}

void ask_job(const api& with, const request& asked, bulk_request what, responder reply) {
  const auto id = job_id_of(asked, reply);
  if (id && admit(with, reply))
    with.core.ask_bulk_job(*id, what, job_answer(200, std::move(reply)));
}

void pause_job(const api& with, const request& asked, responder reply) {
  ask_job(with, asked, bulk_request::pause, std::move(reply));
}

void resume_job(const api& with, const request& asked, responder reply) {
  ask_job(with, asked, bulk_request::resume, std::move(reply));
}

void cancel_job(const api& with, const request& asked, responder reply) {
  ask_job(with, asked, bulk_request::cancel, std::move(reply));
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/v1/tasks/bulk",             post_bulk,  access::tasks_run},
  {"GET",  "/v1/tasks/bulk",             list_jobs,  access::tasks_read},
  {"GET",  "/v1/tasks/bulk/{id}",        get_job,    access::tasks_read},
  {"POST", "/v1/tasks/bulk/{id}/pause",  pause_job,  access::tasks_run},
  {"POST", "/v1/tasks/bulk/{id}/resume", resume_job, access::tasks_run},
  {"POST", "/v1/tasks/bulk/{id}/cancel", cancel_job, access::tasks_run},
};
// clang-format on

}  // namespace

std::span<const route> bulk_surface() {
  return routes;
}

}  // namespace carillon::http
