#include <fmt/format.h>

#include "tools/bench/api_probe.hpp"
#include "tools/bench/due_load.hpp"
#include "tools/bench/pull_workers.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t usual_tasks = 100'000;
constexpr double usual_seconds = 60;
// A hundred a second, for far longer than a run lasts.
constexpr std::uint64_t probes_max = 1'000'000;

/// Far enough ahead to load so many tasks before: 15 seconds, and more for more.
due_time first_due(std::uint64_t tasks) {
  return std::chrono::ceil<std::chrono::seconds>(wall_now()) + 15s
         + std::chrono::milliseconds{tasks / 50};
}

/// The API while the storm goes on: a list and a creation, each every ten milliseconds.
struct storm_watch {
  explicit storm_watch(stage& on)
      : created({.members = R"("task_type":"bench_probe",)",
                 .due = [due = next_week()](std::uint64_t) { return due; },
                 .count_max = probes_max},
                static_cast<std::uint64_t>(on.run) + 1000),
        list_maker(on.target.access(), "GET", "/v1/tasks?limit=1"),
        create_maker(on.target.access(), "POST", "/v1/tasks"),
        list(
            on.loop, on.target.access(), [this] { return probe_question{list_maker.make()}; },
            [this](std::uint64_t, const answer& news) {
              if (news.status != 200)
                failures.add(news.status, news.body);
            }),
        create(
            on.loop, on.target.access(), [this] { return next_creation(); },
            [this](std::uint64_t sequence, const answer& news) { on_created(sequence, news); }) {}

  probe_question next_creation() {
    body.clear();
    const auto sequence = created.write_next(body);
    return {create_maker.make(body), *sequence};
  }

  void on_created(std::uint64_t sequence, const answer& news) {
    const auto id = news.status == 201 ? find_task_id(news.body) : std::nullopt;
    if (id)
      created.on_created(sequence, *id);
    else
      failures.add(news.status, news.body);
  }

  ledger created;
  failure_count failures;
  request_maker list_maker;
  request_maker create_maker;
  std::string body;
  api_probe list;
  api_probe create;
};

}  // namespace

void due_evenly(stage& on, run_report& out) {
  const auto tasks = on.wanted.tasks_or(usual_tasks);
  const auto first = first_due(tasks);
  const auto length_ms = on.wanted.seconds_or(usual_seconds) * 1000;
  ledger book{{.members = R"("task_type":"bench",)",
               .due = spread_evenly(first, length_ms, tasks),
               .count_max = tasks},
              static_cast<std::uint64_t>(on.run)};
  load_by_stream(on, book, out);
  wait_until_nearly_due(on, first, out);
  pull_workers workers{on.loop, on.target.access(), book, {.queue = "bench"}};
  const resource_meter meter{on.target};
  workers.start();
  run_until_completed(on, book, out);
  out.add("rate_per_s", static_cast<double>(book.completed()) * 1000 / length_ms);
  out.add("late_", workers.lateness());
  out.add("late_p999_ms", to_milliseconds(workers.lateness().quantile(0.999)));
  meter.finish(out, book.completed());
  close_books(on, workers, book, out);
  check_kept(on, book, 0, out);
}

void due_at_once(stage& on, run_report& out) {
  const auto tasks = on.wanted.tasks_or(usual_tasks);
  const auto moment = first_due(tasks);
  ledger book{{.members = R"("task_type":"bench",)",
               .due = [=](std::uint64_t) { return moment; },
               .count_max = tasks},
              static_cast<std::uint64_t>(on.run)};
  load_by_stream(on, book, out);
  wait_until_nearly_due(on, moment, out);
  pull_workers workers{on.loop, on.target.access(), book, {.queue = "bench"}};
  storm_watch watch{on};
  workers.start();
  const auto begin = to_steady(moment);
  on.loop.run([&] { return book.started() > 0; }, begin);  // also when it is early
  watch.list.begin_span();
  watch.create.begin_span();
  const resource_meter meter{on.target};
  run_until_completed(on, book, out);
  out.add("last_lease_s", to_seconds(workers.last_lease() - begin));
  out.add("last_completion_s", to_seconds(workers.last_completion() - begin));
  out.add("late_", workers.lateness());
  out.add("list_", watch.list.times());
  out.add("create_", watch.create.times());
  meter.finish(out, book.completed());
  watch.list.stop();
  watch.create.stop();
  close_books(on, workers, book, out);
  on.loop.run([&] { return watch.list.idle() && watch.create.idle(); }, steady_now() + 5s);
  report_failures(out, watch.failures, "of the probes");
  check_kept(on, book, watch.created.created(), out);
}

}  // namespace carillon::bench
