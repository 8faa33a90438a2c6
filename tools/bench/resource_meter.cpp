#include "tools/bench/resource_meter.hpp"

#include <string>

namespace carillon::bench {

namespace {

constexpr double mega = 1e6;

void add_cost(run_report& out, const std::string& whose, double seconds, std::uint64_t tasks) {
  out.add(whose + "_cpu_s", seconds);
  if (tasks > 0)
    out.add(whose + "_us_per_task", seconds * mega / static_cast<double>(tasks));
}

}  // namespace

resource_meter::resource_meter(const server& target)
    : target_(target),
      begin_(steady_now()),
      own_cpu_(own_cpu_seconds()),
      machine_(read_machine(target.data())),
      process_(target.ours() ? read_process(target.process()) : std::nullopt) {}

void resource_meter::finish(run_report& out, std::uint64_t tasks) const {
  const auto load_cpu = own_cpu_seconds() - own_cpu_;
  const auto machine = read_machine(target_.data());
  out.add("span_s", to_seconds(steady_now() - begin_));
  add_cost(out, "load", load_cpu, tasks);
  out.add("machine_cpu_s", machine.busy_seconds - machine_.busy_seconds);
  out.add("stolen_cpu_s", machine.steal_seconds - machine_.steal_seconds);
  if (target_.ours())
    add_server(out, tasks);
  if (target_.ours() && machine.disk_flushes && machine_.disk_flushes)
    out.add("disk_flushes", *machine.disk_flushes - *machine_.disk_flushes);
}

void resource_meter::add_server(run_report& out, std::uint64_t tasks) const {
  const auto now = read_process(target_.process());
  if (!now || !process_)
    return out.fault("the server process is gone");
  const auto cpu = now->cpu_seconds - process_->cpu_seconds;
  add_cost(out, "server", cpu, tasks);
  out.add("server_rss_mb", static_cast<double>(now->resident_bytes) / mega);
  out.add("server_rss_peak_mb", static_cast<double>(now->resident_bytes_peak) / mega);
  out.add("write_calls", now->write_calls - process_->write_calls);
  out.add("written_mb", static_cast<double>(now->written_bytes - process_->written_bytes) / mega);
  out.add("disk_mb", static_cast<double>(disk_bytes(target_.data())) / mega);
}

}  // namespace carillon::bench
