#include "tools/bench/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>

#include "tools/bench/api_client.hpp"
#include "tools/bench/command_load.hpp"
#include "tools/bench/readings.hpp"
#include "tools/bench/workloads.hpp"

namespace carillon::bench {

namespace {

/// A row of the table: one workload in one form.
struct bench_case {
  std::string workload;
  std::string variant;
  std::function<void(stage&, run_report&)> play;
};

/// Cases that share a server and, when `prepare` is set, what it loads.
struct group {
  std::function<void(stage&)> prepare;
  std::vector<bench_case> cases;
  std::string_view definitions = {};  ///< What the operator's file says; empty: there is none.
};

constexpr std::array usual_connections = {1, 8, 64};

void add_w1(std::vector<group>& out, const options& wanted) {
  std::vector<int> counts{usual_connections.begin(), usual_connections.end()};
  if (wanted.connections)
    counts = {*wanted.connections};
  for (const auto count : counts)
    out.push_back({nullptr,
                   {{"W1", fmt::format("{} connection{}", count, count == 1 ? "" : "s"),
                     [count](stage& on, run_report& to) { create_one_by_one(on, count, to); }}}});
}

using chosen = std::function<bool(const char* name)>;

void add_w11(std::vector<group>& out, const chosen& has) {
  const auto add = [&](bench_case what) {
    if (has(what.workload.c_str()))
      out.push_back({nullptr, {std::move(what)}, command_definitions()});
  };
  add({"W11a", "commands", run_commands});
  add({"W11b", "commands that print a line", run_printing_commands});
  add({"W11c", "commands that go on", keep_commands_running});
  add({"W11d", "beside a flood of output", run_beside_flood});
}

std::vector<group> choose(const options& wanted) {
  const chosen has = [&](const char* name) {
    const auto& names = wanted.workloads;
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const std::string creation =
      wanted.create == creation::stream ? "created by stream" : "created one by one";
  std::vector<group> groups;
  if (has("W1"))
    add_w1(groups, wanted);
  if (has("W1b"))
    groups.push_back({nullptr, {{"W1b", "one stream", create_by_stream}}});
  if (has("W2"))
    groups.push_back({nullptr, {{"W2", creation, create_lease_complete}}});
  if (has("W2h"))
    groups.push_back({nullptr, {{"W2h", creation, create_deliver_complete}}});
  if (has("W10"))
    groups.push_back({nullptr, {{"W10", creation, create_lease_complete_keyed}}});
  if (has("W3a"))
    groups.push_back({nullptr, {{"W3a", "", due_evenly}}});
  if (has("W3b"))
    groups.push_back({nullptr, {{"W3b", "", due_at_once}}});
  group standing{load_standing_tasks, {}};
  if (has("W4"))
    standing.cases.push_back({"W4", "", measure_memory});
  if (has("W8"))
    standing.cases.push_back({"W8", "", measure_idle});
  if (has("W5"))
    standing.cases.push_back({"W5", "", measure_restart});
  if (!standing.cases.empty())
    groups.push_back(std::move(standing));
  if (has("W6a"))
    groups.push_back({nullptr, {{"W6a", "evenly over the minute", schedules_evenly}}});
  if (has("W6m"))
    groups.push_back({nullptr, {{"W6m", "at full minutes", schedules_at_full_minutes}}});
  if (has("W6n"))
    groups.push_back({nullptr, {{"W6n", "at midnight", schedules_at_midnight}}});
  if (has("W6b"))
    groups.push_back({nullptr, {{"W6b", "mixed rules", measure_schedules}}});
  if (has("W7"))
    groups.push_back({nullptr, {{"W7", "one batch", run_batch}}});
  add_w11(groups, has);
  return groups;
}

/// Where results go: progress and tables to standard output, JSON lines there or to a file.
class printer {
public:
  explicit printer(const options& wanted) : machine_(describe_machine()) {
    if (!wanted.json_file.empty())
      file_.open(wanted.json_file, std::ios::app);
  }

  void run(const run_report& done) {
    auto& out = file_.is_open() ? static_cast<std::ostream&>(file_) : std::cout;
    out << to_json(done, machine_) << std::endl;
  }

  void table(const std::vector<run_report>& runs) { std::cout << to_table(runs) << std::endl; }

private:
  std::string machine_;
  std::ofstream file_;
};

/// Starts a server, plays the cases of a group once, one report each.
std::vector<run_report> play_once(const options& wanted, const group& which, int run) {
  std::vector<run_report> reports;
  const auto syncs = measure_syncs_per_second(std::filesystem::temp_directory_path());
  event_loop loop;
  server target{wanted};
  target.define(which.definitions);
  stage on{.wanted = wanted, .target = target, .loop = loop, .run = run};
  const auto problem = target.start(loop);
  if (!problem) {
    on.tasks_before = count_tasks(loop, target.access()).value_or(0);
    if (which.prepare)
      which.prepare(on);
  }
  for (const auto& each : which.cases) {
    run_report report{.workload = each.workload, .variant = each.variant, .run = run};
    if (problem)
      report.fault(*problem);
    else
      each.play(on, report);
    if (on.load)
      report.fault(on.load->loading.faults);
    if (interrupted())
      report.fault("interrupted");
    report.add("machine_syncs_per_s", syncs);
    reports.push_back(std::move(report));
  }
  if (const auto end = target.stop())
    reports.back().fault(*end);
  const auto bad = std::any_of(reports.begin(), reports.end(),
                               [](const run_report& each) { return !each.faults.empty(); });
  if (bad && target.ours() && !interrupted())
    std::cerr << "the server's directory is kept: " << target.keep_directory() << '\n';
  return reports;
}

}  // namespace

std::vector<std::string> workload_names() {
  return {"W1",  "W1b", "W2",  "W2h", "W10", "W3a",  "W3b",  "W4",   "W8",  "W5",
          "W6a", "W6m", "W6n", "W6b", "W7",  "W11a", "W11b", "W11c", "W11d"};
}

bool play(const options& wanted) {
  printer out{wanted};
  if (lies_in_memory(std::filesystem::temp_directory_path()))
    std::cerr << "the temporary directory lies in memory: nothing is durable there (set TMPDIR)\n";
  bool good = true;
  for (const auto& which : choose(wanted)) {
    std::vector<std::vector<run_report>> by_case(which.cases.size());
    for (int run = 1; run <= wanted.runs && !interrupted(); ++run) {
      const auto& first = which.cases.front();
      std::cerr << fmt::format("{} {}: run {} of {}\n", first.workload, first.variant, run,
                               wanted.runs);
      auto reports = play_once(wanted, which, run);
      for (std::size_t index = 0; index < reports.size(); ++index) {
        good = good && reports[index].faults.empty();
        out.run(reports[index]);
        by_case[index].push_back(std::move(reports[index]));
      }
    }
    for (const auto& runs : by_case)
      if (!runs.empty())
        out.table(runs);
  }
  return good;
}

}  // namespace carillon::bench
