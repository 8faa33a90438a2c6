#include <fmt/format.h>

#include <thread>

#include "tools/bench/api_client.hpp"
#include "tools/bench/pull_workers.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t usual_tasks = 1'000'000;
constexpr double usual_idle_seconds = 20;
constexpr auto settle_before = 2s;
constexpr auto settle_after = 10s;

std::uint64_t resident_bytes(const server& target) {
  const auto reading = read_process(target.process());
  return reading ? reading->resident_bytes : 0;
}

}  // namespace

void load_standing_tasks(stage& on) {
  on.load = std::make_unique<standing_load>();
  auto& load = *on.load;
  const auto due = next_week();
  load.book = std::make_unique<ledger>(task_plan{.members = R"("task_type":"bench_later",)",
                                                 .due = [due](std::uint64_t) { return due; },
                                                 .count_max = on.wanted.tasks_or(usual_tasks)},
                                       static_cast<std::uint64_t>(on.run));
  on.loop.run_for(settle_before);
  load.memory_before = resident_bytes(on.target);
  const resource_meter meter{on.target};
  load_by_stream(on, *load.book, load.loading);
  meter.finish(load.loading, load.book->created());
  on.loop.run_for(settle_after);
  load.memory_after = resident_bytes(on.target);
}

// -- W4 -----------------------------------------------------------------------

void measure_memory(stage& on, run_report& out) {
  const auto& load = *on.load;
  const auto tasks = static_cast<double>(std::max<std::uint64_t>(load.book->created(), 1));
  const auto growth =
      static_cast<double>(load.memory_after) - static_cast<double>(load.memory_before);
  const auto payload = static_cast<double>(std::max<std::uint64_t>(load.book->bytes(), 1));
  out.add("tasks", load.book->created());
  out.add("bytes_sent_per_task", payload / tasks);
  out.add("rss_before_mb", static_cast<double>(load.memory_before) / 1e6);
  out.add("rss_settled_mb", static_cast<double>(load.memory_after) / 1e6);
  out.add("rss_bytes_per_task", growth / tasks);
  out.add("disk_per_payload", static_cast<double>(disk_bytes(on.target.data())) / payload);
  for (const auto& [name, value] : load.loading.figures)
    out.add(name, value);
  check_kept(on, *load.book, 0, out);
}

// -- W8 -----------------------------------------------------------------------

void measure_idle(stage& on, run_report& out) {
  const auto seconds = on.wanted.seconds_or(usual_idle_seconds);
  const auto before = read_process(on.target.process());
  const resource_meter meter{on.target};
  on.loop.run_for(from_seconds(seconds));
  const auto after = read_process(on.target.process());
  if (!before || !after)
    return out.fault("the server process is gone");
  out.add("idle_percent_of_core", (after->cpu_seconds - before->cpu_seconds) / seconds * 100);
  meter.finish(out, 0);
}

}  // namespace carillon::bench
