#include "tools/bench/creators.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

constexpr double usual_seconds = 5;
constexpr double warm_up_seconds = 0.5;
constexpr std::uint64_t usual_tasks_max = 3'000'000;

task_plan for_next_week(const stage& on) {
  const auto due = next_week();
  return {.members = R"("task_type":"bench_later",)",
          .due = [due](std::uint64_t) { return due; },
          .count_max = on.wanted.tasks_or(usual_tasks_max)};
}

/// Runs one creator for the span, after a warm-up, and checks what it made.
void measure_creation(stage& on, creator& maker, ledger& book, run_report& out) {
  maker.start();
  on.loop.run_for(from_seconds(warm_up_seconds));
  maker.begin_span();
  const auto begin = steady_now();
  const resource_meter meter{on.target};
  on.loop.run([&] { return maker.idle(); },
              begin + from_seconds(on.wanted.seconds_or(usual_seconds)));
  const auto seconds = to_seconds(steady_now() - begin);
  const auto span = maker.span();
  out.add("rate_per_s", static_cast<double>(span.created) / seconds);
  out.add("", span.latency);
  meter.finish(out, span.created);

  book.close();
  if (!run_while_moving(
          on.loop, [&] { return maker.idle(); }, [&] { return book.created(); }))
    out.fault("answers stay away");
  report_failures(out, maker.failures(), "to create");
  out.fault(book.faults_of_creation());
  kill_and_start(on, out);
  check_kept(on, book, 0, out);
}

}  // namespace

void create_one_by_one(stage& on, int connections, run_report& out) {
  ledger book{for_next_week(on), static_cast<std::uint64_t>(on.run)};
  single_creators makers{on.loop, on.target.access(), book, connections};
  measure_creation(on, makers, book, out);
}

void create_by_stream(stage& on, run_report& out) {
  ledger book{for_next_week(on), static_cast<std::uint64_t>(on.run)};
  stream_creator maker{on.loop, on.target.access(), book};
  measure_creation(on, maker, book, out);
}

}  // namespace carillon::bench
