#include <fmt/format.h>

#include <utility>

#include "tools/bench/command_load.hpp"
#include "tools/bench/due_load.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

using namespace std::chrono_literals;

constexpr double usual_seconds = 20;
constexpr double tasks_per_second = 200;
constexpr std::uint64_t floods = 10;
constexpr auto load_time = 5s;  // for the tasks of a span, and for the flood to swell

/// Tasks become due for a while, `beside` something that is begun when they are loaded.
histogram measure_lateness(stage& on, const std::function<void()>& beside, run_report& out) {
  const auto seconds = on.wanted.seconds_or(usual_seconds);
  const auto tasks = static_cast<std::uint64_t>(seconds * tasks_per_second) + 1;
  const auto first = std::chrono::ceil<std::chrono::seconds>(wall_now()) + load_time;
  ledger book{{.members = R"("task_type":"bench",)",
               .due = spread_evenly(first, seconds * 1000, tasks),
               .count_max = tasks},
              static_cast<std::uint64_t>(on.run)};
  run_report loading;
  load_by_stream(on, book, loading);
  out.fault(std::move(loading.faults));
  beside();
  wait_until_nearly_due(on, first, out);
  pull_workers workers{on.loop, on.target.access(), book, {.queue = "bench"}};
  workers.start();
  run_until_completed(on, book, out);
  const auto lateness = workers.lateness();
  close_books(on, workers, book, out);
  return lateness;
}

/// What was printed, from the numbers of the lines, and what is kept of it.
void add_printed(command_job& job, double seconds, run_report& out) {
  constexpr double bytes_per_line = 2;  // "y" and its end
  double lines = 0;
  for (const auto& log : job.read_logs(0, job.ids().size(), 1)) {
    lines += static_cast<double>(log.total_lines);
    const auto kept = static_cast<double>(log.total_lines - log.first_available) * bytes_per_line;
    if (kept > static_cast<double>(flood_log_bytes))
      out.fault(fmt::format("a log of {} bytes at most holds {}", flood_log_bytes, kept));
  }
  out.add("flood_mb_per_s", lines * bytes_per_line / seconds / 1e6);
}

}  // namespace

void run_beside_flood(stage& on, run_report& out) {
  out.add("quiet_late_", measure_lateness(
                             on, [] {}, out));
  command_job flood{on, "flood", out};
  const auto before = read_settled(on);
  auto begin = steady_now();
  std::optional<resource_meter> meter;
  const auto begin_flood = [&] {
    begin = steady_now();
    meter.emplace(on.target);
    flood.start(floods);
    flood.wait_until("running", floods);
  };
  out.add("flood_late_", measure_lateness(on, begin_flood, out));
  meter->finish(out, 0);
  const auto logs = static_cast<double>(disk_bytes(on.target.data() / "logs"));
  const auto after = read_process(on.target.process()).value_or(process_reading{});
  out.add("logs_disk_mb", logs / 1e6);
  out.add("rss_growth_mb",
          (static_cast<double>(after.resident_bytes) - static_cast<double>(before.resident_bytes))
              / 1e6);
  flood.stop_from(0);
  const auto seconds = to_seconds(steady_now() - begin);
  flood.wait_until_all_ended();
  flood.account("stopped");
  add_printed(flood, seconds, out);
  check_released(on, before, out);
}

}  // namespace carillon::bench
