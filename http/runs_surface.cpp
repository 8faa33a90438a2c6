#include "http/definition_commands.hpp"
#include "http/query.hpp"
#include "http/run_output.hpp"
#include "http/run_stats.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/task_walk.hpp"

#include <memory>

// The tasks surface in 001's form: /runs, the executions of definitions.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 200;
constexpr std::int64_t days_default = 30;
constexpr std::int64_t days_max = 365;

storage::task_filter runs_of_all() {
  storage::task_filter filter;
  filter.is_scheduled = true;
  return filter;
}

storage::task_filter runs_of(const schedule_id& id) {
  storage::task_filter filter;
  filter.schedules = {id};
  return filter;
}

// -- lists ---------------------------------------------------------------------

struct run_filter {
  std::optional<bool> success;
  std::optional<instant> from;  ///< Inclusive, as is the other.
  std::optional<instant> to;

  [[nodiscard]] bool matches(const run_row& row) const {
    const auto at = time_of(row);
    return (!success || success_of(row) == success) && (!from || at >= *from) && (!to || at <= *to);
  }
};

/// What a list shows, and what was found of it so far.
struct run_list {
  storage::task_filter tasks = runs_of_all();
  run_filter filter = {};
  bool include_errors = false;
  std::int64_t limit = 0;
  std::int64_t offset = 0;
  std::int64_t total = 0;
  json::writer out = {};

  void add(const task& subject) {
    for (const auto& row : rows_of(subject)) {
      if (!filter.matches(row))
        continue;
      if (total >= offset && total - offset < limit)
        write_run(out, row, include_errors);
      ++total;
    }
  }

  std::string take() {
    out.end_array();
    out.field("total", total);
    out.field("limit", limit);
    out.field("offset", offset);
    out.field("has_more", total - offset > limit);
    out.end_object();
    return out.take();
  }
};

std::shared_ptr<run_list> read_list(query_reader& query) {
  auto list = std::make_shared<run_list>();
  list->limit = query.limit(limit_default, limit_max);
  list->offset = query.offset();
  if (const auto text = query.text("task_id")) {
    if (const auto id = parse_task_id(*text))
      list->tasks = runs_of(*id);
    else
      query.refuse("task_id", "must be the UUID of a definition");
  }
  constexpr std::string_view outcomes[] = {"false", "true"};
  if (const auto wanted = query.one_of("success", outcomes))
    list->filter.success = *wanted == 1;
  list->include_errors = query.flag("include_errors", false);
  list->filter.from = query.moment("start_time");
  list->filter.to = query.moment("end_time");
  list->out.begin_object().key("items").begin_array();
  return list;
}

void list_runs(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto list = read_list(query);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  walk_tasks(
      with.core, list->tasks,
      [list, reply](const task& each) {
        list->add(each);
        return reply.wanted();
      },
      [list, reply](expected<void> walked) {
        if (!walked)
          return reply(std::move(walked).error());
        reply(response{200, list->take()});
      });
}

// -- one -------------------------------------------------------------------------

void get_run(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  const auto name = parse_run_id(*id);
  auto show = [reply, attempt = name.attempt](expected<task_details> found) {
    if (!found && found.error().kind != problem_kind::not_found)
      return reply(std::move(found).error());
    if (found)
      for (const auto& row : rows_of(found->subject))
        if (is_same_name(row.number(), attempt)) {
          json::writer out;
          write_run(out, row, true);
          return reply(response{200, out.take()});
        }
    reply(problem{problem_kind::not_found, "no such run"});
  };
  with.core.find(name.task, carillon::answer<task_details>{std::move(show)});
}

/// Calls `then` with the id of the definition that the path names, or answers 404.
template <class Then>
void with_definition(const api& with, const request& asked, responder reply, Then then) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  auto go_on = [id = *id, reply, then = std::move(then)](expected<schedule_ptr> found) {
    if (!found)
      return reply(std::move(found).error());
    then(id);
  };
  find_definition(with.core, *id, carillon::answer<schedule_ptr>{std::move(go_on)});
}

void get_latest(const api& with, const request& asked, responder reply) {
  with_definition(with, asked, reply, [&core = with.core, reply](const schedule_id& id) {
    auto found = std::make_shared<std::string>("null");
    walk_tasks(
        core, runs_of(id),
        [found](const task& each) {
          const auto rows = rows_of(each);
          if (rows.empty())
            return true;
          json::writer out;
          write_run(out, rows.front(), true);
          *found = out.take();
          return false;
        },
        [found, reply](expected<void> walked) {
          if (!walked)
            return reply(std::move(walked).error());
          reply(response{200, *found});
        });
  });
}

// -- sums ------------------------------------------------------------------------

/// Sums the runs since `from`, to the members that `out` has already.
void sum(const scheduler& core, storage::task_filter filter, instant from, json::writer out,
         responder reply) {
  auto sums = std::make_shared<run_stats>();
  walk_tasks(
      core, std::move(filter),
      [sums, from, reply](const task& each) {
        for (const auto& row : rows_of(each))
          if (time_of(row) >= from)
            sums->add(row);
        return reply.wanted();
      },
      [sums, out = std::move(out), reply](expected<void> walked) mutable {
        if (!walked)
          return reply(std::move(walked).error());
        sums->write(out);
        out.end_object();
        reply(response{200, out.take()});
      });
}

expected<std::int64_t> read_days(const request& asked) {
  query_reader query{asked};
  const auto days = query.integer("days", {1, days_max}, days_default);
  if (auto checked = std::move(query).finish(); !checked)
    return std::move(checked).error();
  return days;
}

instant since(const scheduler& core, std::int64_t days) {
  return core.now() - std::chrono::hours{24 * days};
}

void get_stats(const api& with, const request& asked, responder reply) {
  const auto days = read_days(asked);
  if (!days)
    return reply(days.error());
  with_definition(with, asked, reply,
                  [&core = with.core, days = *days, reply](const schedule_id& id) {
                    json::writer out;
                    out.begin_object().field("task_id", to_uuid(id)).field("days", days);
                    sum(core, runs_of(id), since(core, days), std::move(out), reply);
                  });
}

void get_summary(const api& with, const request& asked, responder reply) {
  const auto days = read_days(asked);
  if (!days)
    return reply(days.error());
  json::writer out;
  out.begin_object().field("days", *days);
  sum(with.core, runs_of_all(), since(with.core, *days), std::move(out), std::move(reply));
}

// clang-format off
constexpr route routes[] = {
  {"GET", "/runs",                  list_runs,   access::tss(right::runs_read)},
  {"GET", "/runs/{id}",             get_run,     access::tss(right::runs_read)},
  {"GET", "/runs/task/{id}/latest", get_latest,  access::tss(right::runs_read)},
  {"GET", "/runs/task/{id}/stats",  get_stats,   access::tss(right::runs_read)},
  {"GET", "/runs/stats/summary",    get_summary, access::tss(right::runs_read)},
};
// clang-format on

}  // namespace

std::span<const route> runs_surface() {
  return routes;
}

}  // namespace carillon::http
