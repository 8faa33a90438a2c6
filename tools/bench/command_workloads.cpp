#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "tools/bench/command_load.hpp"
#include "tools/bench/resource_meter.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

constexpr std::uint64_t usual_runs = 2000;
constexpr std::uint64_t warm_up_runs = 200;
constexpr std::uint64_t warm_up_children = 50;
constexpr std::uint64_t logs_read = 200;

/// Some that were lost have no times.
bool has_times(const command_run& run) {
  return run.start_at && run.end_at;
}

/// The times that the runs themselves tell; they are whole milliseconds.
void add_times(std::span<const command_run> runs, wall_time begin, run_report& out) {
  histogram starts;
  histogram lengths;
  auto last = begin;
  std::uint64_t count = 0;
  for (const auto& each : runs) {
    if (!has_times(each))
      continue;
    starts.record(*each.start_at - each.created_at);
    lengths.record(*each.end_at - *each.start_at);
    last = std::max(last, wall_time{*each.end_at});
    ++count;
  }
  if (last > begin)
    out.add("rate_per_s", static_cast<double>(count) / to_seconds(last - begin));
  out.add("start_", starts);
  out.add("run_", lengths);
}

/// Starts commands that end at once, after some that warm the server up, and accounts for all.
void run_many(stage& on, command_job& job, run_report& out) {
  const auto runs = on.wanted.tasks_or(usual_runs);
  job.start(warm_up_runs);
  job.wait_until_all_ended();
  const auto before = read_settled(on);
  const resource_meter meter{on.target};
  const auto begin = wall_now();
  const auto requests = job.start(runs);
  job.wait_until_all_ended();
  run_report cost;
  meter.finish(cost, runs);
  const auto all = job.account("success");
  add_times(std::span{all}.subspan(std::min<std::size_t>(warm_up_runs, all.size())), begin, out);
  out.add("create_", requests);
  for (auto& [name, value] : cost.figures)
    out.add(std::move(name), value);
  out.fault(std::move(cost.faults));
  check_released(on, before, out);
}

double seconds_until_started(std::span<const command_run> runs, wall_time begin) {
  auto last = begin;
  for (const auto& each : runs)
    if (each.start_at)
      last = std::max(last, wall_time{*each.start_at});
  return to_seconds(last - begin);
}

/// What each running child takes of the server.
void add_footprint(const process_reading& before, const process_reading& now, std::uint64_t runs,
                   run_report& out) {
  const auto share = [runs](std::uint64_t grown, std::uint64_t from) {
    return (static_cast<double>(grown) - static_cast<double>(from)) / static_cast<double>(runs);
  };
  out.add("rss_bytes_per_child", share(now.resident_bytes, before.resident_bytes));
  out.add("descriptors_per_child", share(now.descriptors, before.descriptors));
  out.add("threads_per_child", share(now.threads, before.threads));
}

}  // namespace

void run_commands(stage& on, run_report& out) {
  command_job job{on, "true", out};
  run_many(on, job, out);
}

void run_printing_commands(stage& on, run_report& out) {
  command_job job{on, "echo", out};
  run_many(on, job, out);
  const auto count = std::min<std::uint64_t>(logs_read, job.ids().size());
  const auto logs = job.read_logs(job.ids().size() - count, count, 10);
  const auto wrong = std::count_if(logs.begin(), logs.end(), [](const printed& log) {
    return log.total_lines != 1 || log.lines.size() != 1 || log.lines[0].stream != "stdout"
           || log.lines[0].text != "hello";
  });
  if (wrong > 0)
    out.fault(
        fmt::format("of {} logs, {} have not exactly the line that was printed", count, wrong));
}

void keep_commands_running(stage& on, run_report& out) {
  const auto runs = std::min(on.wanted.tasks_or(runs_at_once_max), runs_at_once_max);
  command_job job{on, "sleep", out};
  job.start(warm_up_children);
  job.wait_until("running", warm_up_children);
  job.stop_from(0);
  job.wait_until_all_ended();
  const auto before = read_settled(on);
  const auto begin = wall_now();
  job.start(runs);
  job.wait_until("running", runs);
  const auto running = read_settled(on);
  const auto children = count_children(on.target.process(), on.target.data());
  if (children.alive != runs)
    out.fault(fmt::format("{} runs are under way, with {} processes", runs, children.alive));
  add_footprint(before, running, runs, out);

  const auto stop_begin = steady_now();
  job.stop_from(warm_up_children);
  job.wait_until_all_ended();
  out.add("stop_s", to_seconds(steady_now() - stop_begin));
  out.add("start_s", seconds_until_started(job.account("stopped"), begin));
  check_released(on, before, out);
}

}  // namespace carillon::bench
