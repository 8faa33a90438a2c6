#include "http/runner_runs.hpp"

#include "http/runner_list.hpp"
#include "http/schema_link.hpp"
#include "http/task_commands.hpp"
#include "http/task_walk.hpp"

#include <algorithm>

namespace carillon::http {
namespace {

const problem no_such_run{problem_kind::not_found, "no such run"};

/// {name} of the paths below /api/tasks/{name}, if this is one.
const std::string* name_in(const request& asked) {
  return asked.path.starts_with("/api/tasks/") ? &asked.parameters.front() : nullptr;
}

/// Where the runs of a name, or all of them, are among. The history of a name that the file no
/// longer defines is there, too.
storage::task_filter tasks_of(const std::optional<std::string>& name) {
  storage::task_filter filter;
  if (name)
    filter.task_types = {*name};
  filter.is_command = !name;
  return filter;
}

response show_list(runner_page& page, std::string_view schema) {
  json::writer out;
  out.begin_object().field("$schema", schema).key("runs").begin_array();
  for (const auto& run : page.take())
    write_runner_run(out, run);
  out.end_array().field("total", page.total()).end_object();
  return {200, out.take()};
}

/// Answers with the list once all runs were seen, or 404 when there are none and shall be some.
void walk_runs(const scheduler& core, runner_list wanted, bool may_be_empty, std::string schema,
               responder reply) {
  const auto filter = tasks_of(wanted.filter.task_name);
  const auto page = std::make_shared<runner_page>(std::move(wanted));
  walk_tasks(
      core, filter,
      [page, reply](const task& each) {
        for (auto& run : runner_runs_of(each))
          page->add(std::move(run));
        return reply.wanted();
      },
      [page, may_be_empty, schema = std::move(schema), reply](expected<void> walked) {
        if (!walked)
          return reply(std::move(walked).error());
        if (!may_be_empty && !page->has_seen_any())
          return reply(problem{problem_kind::not_found, "no such task"});
        reply(show_list(*page, schema));
      });
}

}  // namespace

void find_run(const api& with, const request& asked,
              std::function<void(expected<runner_run>)> then) {
  const auto id = parse_task_id(asked.parameters.back());
  if (!id || names_schedule(*id))
    return then(no_such_run);
  const auto* name = name_in(asked);
  const auto run = parse_run_id(*id);
  auto look = [number = run.attempt, then = std::move(then),
               name = name != nullptr ? *name : std::string{}](expected<task_details> found) {
    if (!found && found.error().kind != problem_kind::not_found)
      return then(std::move(found).error());
    auto shown = found ? runner_run_of(found->subject, number) : std::nullopt;
    if (!shown || (!name.empty() && shown->task_name != name))
      return then(no_such_run);
    then(*std::move(shown));
  };
  with.core.find(run.task, carillon::answer<task_details>{std::move(look)});
}

// -- lists -----------------------------------------------------------------------

void list_runs(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  auto wanted = read_runner_list(query);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  auto schema = schema_link(asked, "RunsResponseBody.json");
  const auto* name = name_in(asked);
  if (name == nullptr)
    return walk_runs(with.core, std::move(wanted), true, std::move(schema), std::move(reply));
  if (wanted.filter.task_name.value_or(*name) != *name) {
    runner_page none{std::move(wanted)};
    return reply(show_list(none, schema));
  }
  wanted.filter.task_name = *name;
  auto walk = [&core = with.core, wanted, schema, reply](expected<schedule_ptr> found) {
    if (!found && found.error().kind != problem_kind::not_found)
      return reply(std::move(found).error());
    walk_runs(core, wanted, found.has_value(), schema, reply);
  };
  with.core.find_definition(*name, carillon::answer<schedule_ptr>{std::move(walk)});
}

namespace {

struct run_sums {
  std::int64_t total = 0;
  std::int64_t success = 0;
  std::int64_t failed = 0;
  std::int64_t missed = 0;
  std::optional<instant> last_failure;

  void add(const runner_run& run) {
    constexpr std::string_view failures[] = {"failed", "timeout", "crashed", "log_overflow",
                                             "start_failed"};
    ++total;
    success += run.end_reason == "success" ? 1 : 0;
    missed += run.end_reason == "missed" ? 1 : 0;
    if (std::ranges::find(failures, run.end_reason) == std::end(failures))
      return;
    ++failed;
    if (!last_failure || *last_failure < *run.end_at)
      last_failure = run.end_at;
  }

  [[nodiscard]] response show(std::string_view schema) const {
    json::writer out;
    out.begin_object().field("$schema", schema).field("failed", failed);
    if (last_failure)
      out.field("last_failure", format_instant(*last_failure));
    out.field("missed", missed).field("success", success).field("total", total).end_object();
    return {200, out.take()};
  }
};

}  // namespace

void summarize_runs(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  const auto sums = std::make_shared<run_sums>();
  walk_tasks(
      with.core, tasks_of({}),
      [sums, reply](const task& each) {
        for (const auto& run : runner_runs_of(each))
          sums->add(run);
        return reply.wanted();
      },
      [sums, schema = schema_link(asked, "RunSummary.json"), reply](expected<void> walked) {
        if (!walked)
          return reply(std::move(walked).error());
        reply(sums->show(schema));
      });
}

// -- one -------------------------------------------------------------------------

namespace {

/// Calls `then` with the run that the path names, or answers why there is none.
template <class Then>
void with_run(const api& with, const request& asked, responder reply, Then then) {
  find_run(with, asked,
           [reply = std::move(reply), then = std::move(then)](expected<runner_run> found) {
             if (!found)
               return reply(std::move(found).error());
             then(*found);
           });
}

/// Tells the run's task that something happens to it, and answers with `done`.
void tell(scheduler& core, const runner_run& run, task_event what, response done, responder reply) {
  core.ask({{parse_run_id(run.id).task, std::move(what),
             or_problem<task_ptr>(
                 reply, [reply, done = std::move(done)](const task_ptr&) { reply(done); })}});
}

}  // namespace

void get_run(const api& with, const request& asked, responder reply) {
  with_run(with, asked, reply,
           [schema = schema_link(asked, "Run.json"), reply](const runner_run& run) {
             json::writer out;
             write_runner_run(out, run, schema);
             reply(response{200, out.take()});
           });
}

void delete_run(const api& with, const request& asked, responder reply) {
  if (!admit(with, reply))
    return;
  with_run(with, asked, reply, [&core = with.core, reply](const runner_run& run) {
    tell(core, run, event::forget{run.number}, {204, ""}, reply);
  });
}

void stop_run(const api& with, const request& asked, responder reply) {
  if (!admit(with, reply))
    return;
  json::writer out;
  out.begin_object().field("$schema", schema_link(asked, "StopRunOutputBody.json"));
  out.field("message", "run is being stopped").end_object();
  with_run(with, asked, reply,
           [&core = with.core, done = response{200, out.take()}, reply](const runner_run& run) {
             if (!run.may_go_on)
               return reply(problem{problem_kind::conflict, "the run has ended"});
             tell(core, run, event::cancel{false, end_reason::stopped}, done, reply);
           });
}

}  // namespace carillon::http
