#include "http/body_reader.hpp"
#include "http/preference.hpp"
#include "http/query.hpp"
#include "http/runner_runs.hpp"
#include "http/schema_link.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_waits.hpp"
#include "http/trace_input.hpp"

#include <cstdlib>

// The runner surface, 002: /api, the definitions of the operator's file and their runs.

namespace carillon::http {
namespace {

/// Under a service manager. Asked before anybody could change it.
const bool is_service_managed =
    std::getenv("NOTIFY_SOCKET") != nullptr || std::getenv("INVOCATION_ID") != nullptr;

bool is_service(const schedule& subject) {
  return subject.spec->kind == schedule_kind::service;
}

/// The bodies of commands say nothing.
expected<void> read_nothing(std::string_view body) {
  const auto root = read_object(body, true);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader{*root, "body", faults}.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return {};
}

/// May the command be carried out at all? Answers why not.
bool admit_command(const api& with, const request& asked, const responder& reply) {
  if (auto read = read_nothing(asked.body); !read) {
    reply(std::move(read).error());
    return false;
  }
  return admit(with, reply);
}

// -- definitions -----------------------------------------------------------------

void list_tasks(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list_definitions(
      or_problem<std::vector<schedule_ptr>>(reply, [reply](const std::vector<schedule_ptr>& all) {
        json::writer out;
        out.begin_array();
        for (const auto& one : all)
          write_runner_task(out, *one);
        out.end_array();
        reply(response{200, out.take()});
      }));
}

void get_task(const api& with, const request& asked, responder reply) {
  with.core.find_definition(
      asked.parameters.front(),
      or_problem<schedule_ptr>(reply, [reply, schema = schema_link(asked, "TaskResponse.json")](
                                          const schedule_ptr& one) {
        json::writer out;
        write_runner_task(out, *one, schema);
        reply(response{200, out.take()});
      }));
}

// -- commands ----------------------------------------------------------------------

response show_made_run(const task& made, std::string_view schema) {
  json::writer out;
  write_runner_run(out, *runner_run_of(made, 1), schema);
  return {201, out.take(), {{"Location", "/api/runs/" + to_uuid(run_id(made.id, 1))}}};
}

void run_task(const api& with, const request& asked, responder reply) {
  if (!admit_command(with, asked, reply))
    return;
  auto made = [&with, reply, wait = preferred_wait(asked, with.wait_max),
               schema = schema_link(asked, "Run.json")](const schedule_outcome& outcome) {
    auto describe = [schema](const task& one, const std::vector<task_news>*) {
      return show_made_run(one, schema);
    };
    // What was due already was made before it.
    answer_at_end(with, wait, outcome.made.back(), std::move(describe), reply);
  };
  auto run = [&core = with.core, reply, refused = run_refusal(asked), made = std::move(made),
              what = schedule_event::run{.trace = trace_of(asked)}](const schedule_ptr& found) {
    if (is_service(*found))
      return reply(problem{problem_kind::conflict, "this is a service: restart, stop or start it"});
    if (!may_be_run(*found))
      return reply(refused);
    core.ask_schedule(found->id, what, or_problem<schedule_outcome>(reply, made));
  };
  with.core.find_definition(asked.parameters.front(),
                            or_problem<schedule_ptr>(reply, std::move(run)));
}

/// Asks something of a service and answers with `message`.
void command_service(const api& with, const request& asked, const responder& reply,
                     schedule_request what, std::string_view message) {
  if (!admit_command(with, asked, reply))
    return;
  json::writer out;
  out.begin_object().field("$schema", schema_link(asked, "StopRunOutputBody.json"));
  out.field("message", message).end_object();
  auto ask = [&core = with.core, name = asked.parameters.front(), what = std::move(what),
              done = response{200, out.take()}, reply](const schedule_ptr& found) {
    if (!is_service(*found))
      return reply(problem{problem_kind::conflict, "this is a task: only services are always on"});
    core.ask_definition(name, what,
                        or_problem<schedule_outcome>(
                            reply, [reply, done](const schedule_outcome&) { reply(done); }));
  };
  with.core.find_definition(asked.parameters.front(),
                            or_problem<schedule_ptr>(reply, std::move(ask)));
}

void restart_service(const api& with, const request& asked, responder reply) {
  command_service(with, asked, reply, schedule_event::restart{}, "service is being restarted");
}

void stop_service(const api& with, const request& asked, responder reply) {
  command_service(with, asked, reply, schedule_event::pause{}, "service is being stopped");
}

void start_service(const api& with, const request& asked, responder reply) {
  command_service(with, asked, reply, schedule_event::resume{}, "service is being started");
}

// -- the file and the server --------------------------------------------------------

response show_changes(const definition_changes& changes, std::string_view schema) {
  const auto add_names = [](json::writer& out, std::string_view key,
                            const std::vector<std::string>& names) {
    out.key(key).begin_array();
    for (const auto& name : names)
      out.string(name);
    out.end_array();
  };
  json::writer out;
  out.begin_object().field("$schema", schema);
  add_names(out, "added", changes.added);
  out.key("changed").begin_array();
  for (const auto& each : changes.changed) {
    out.begin_object().field("name", each.name);
    add_names(out, "reasons", each.reasons);
    out.end_object();
  }
  out.end_array();
  add_names(out, "removed", changes.removed);
  out.end_object();
  return {200, out.take()};
}

void reload(const api& with, const request& asked, responder reply) {
  if (!admit_command(with, asked, reply))
    return;
  if (!with.reload)
    return reply(problem{problem_kind::conflict, "the server was started without a file"});
  with.reload(or_problem<definition_changes>(
      reply, [reply, schema = schema_link(asked, "ReloadResult.json")](
                 const definition_changes& changes) { reply(show_changes(changes, schema)); }));
}

/// In the order of their names; what nobody knows is left out.
response show_info(const api& with, const std::vector<schedule_ptr>& definitions,
                   std::string_view schema) {
  const auto facts = with.facts ? std::optional{with.facts()} : std::nullopt;
  json::writer out;
  out.begin_object().field("$schema", schema);
  out.field("auth_disabled", false);
  out.key("capabilities").begin_array().end_array();
  out.field("cloud_enabled", false);
  if (facts)
    out.field("config_loaded_at", format_instant(facts->definitions_loaded_at));
  out.field("config_stale", false);
  if (facts) {
    out.field("port", facts->port);
  }
  out.field("scheduling_active", true);
  out.field("service_managed", is_service_managed);
  out.key("tasks").begin_array();
  for (const auto& one : definitions)
    write_runner_task_facts(out, *one);
  out.end_array();
  if (facts)
    out.field("version", facts->version);
  out.end_object();
  return {200, out.take()};
}

void get_info(const api& with, const request& asked, responder reply) {
  with.core.list_definitions(or_problem<std::vector<schedule_ptr>>(
      reply, [&with, reply, schema = schema_link(asked, "DaemonInfo.json")](
                 const std::vector<schedule_ptr>& all) { reply(show_info(with, all, schema)); }));
}

// clang-format off
constexpr route routes[] = {
  {"GET",    "/api/tasks",                            list_tasks,      access::tasks_read},
  {"GET",    "/api/tasks/{name}",                     get_task,        access::tasks_read},
  {"POST",   "/api/tasks/{name}/run",                 run_task,        access::tasks_run},
  {"POST",   "/api/tasks/{name}/restart",             restart_service, access::tasks_run},
  {"POST",   "/api/tasks/{name}/stop",                stop_service,    access::tasks_run},
  {"POST",   "/api/tasks/{name}/start",               start_service,   access::tasks_run},

  {"GET",    "/api/tasks/{name}/runs",                list_runs,       access::runs_read},
  {"GET",    "/api/tasks/{name}/runs/{id}",           get_run,         access::runs_read},
  {"DELETE", "/api/tasks/{name}/runs/{id}",           delete_run,      access::tasks_delete},
  {"POST",   "/api/tasks/{name}/runs/{id}/stop",      stop_run,        access::tasks_run},
  {"GET",    "/api/tasks/{name}/runs/{id}/log",       get_log,         access::runs_read},
  {"GET",    "/api/tasks/{name}/runs/{id}/log/raw",   nullptr,         access::runs_read, stream_raw_log},
  {"GET",    "/api/tasks/{name}/runs/{id}/log/stream", nullptr,        access::runs_read, stream_log},

  {"GET",    "/api/runs",                             list_runs,       access::runs_read},
  {"GET",    "/api/runs/stream",                      nullptr,         access::runs_read, stream_runs},
  {"GET",    "/api/runs/summary",                     summarize_runs,  access::runs_read},
  {"GET",    "/api/runs/{id}",                        get_run,         access::runs_read},
  {"DELETE", "/api/runs/{id}",                        delete_run,      access::tasks_delete},
  {"POST",   "/api/runs/{id}/stop",                   stop_run,        access::tasks_run},
  {"GET",    "/api/runs/{id}/log",                    get_log,         access::runs_read},
  {"GET",    "/api/runs/{id}/log/raw",                nullptr,         access::runs_read, stream_raw_log},
  {"GET",    "/api/runs/{id}/log/stream",             nullptr,         access::runs_read, stream_log},

  {"GET",    "/api/info",                             get_info,        access::any_token},
  {"POST",   "/api/reload",                           reload,          access::operator_admin},
};
// clang-format on

}  // namespace

std::span<const route> runner_surface() {
  return routes;
}

}  // namespace carillon::http
