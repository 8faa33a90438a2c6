// carillon-bench: drives a server over HTTP as its users do, and measures it. docs/benchmarks.md.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "tools/bench/event_loop.hpp"
#include "tools/bench/options.hpp"
#include "tools/bench/runner.hpp"
#include "tools/bench/server.hpp"

namespace {

using namespace carillon::bench;

std::string beside(const char* program) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (error ? std::filesystem::path{program} : self).parent_path() / "carillon";
}

void declare(CLI::App& app, options& wanted) {
  auto names = workload_names();
  names.push_back("all");
  app.add_option("workloads", wanted.workloads, "What to play, or all")
      ->required()
      ->check(CLI::IsMember(names));
  app.add_option("--seconds", wanted.seconds, "Length of the measured span")
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--connections", wanted.connections,
                 "Connections that create (W1, W2, W2h, W6) or start runs (W11)")
      ->check(CLI::Range(1, 1000));
  app.add_option("--tasks", wanted.tasks,
                 "Number of tasks (W6: schedules, W11: runs); for W1 and W2 at most so many")
      ->check(CLI::Range(1, 20'000'000));
  app.add_option("--scale", wanted.scale, "Multiplies the usual number of tasks")
      ->check(CLI::Range(0.0001, 20.0));
  app.add_option("--runs", wanted.runs, "Runs of each workload")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--create", wanted.create, "How W2, W2h and W10 create: single or stream")
      ->transform(CLI::CheckedTransformer(std::map<std::string, creation>{
          {"single", creation::single}, {"stream", creation::stream}}));
  app.add_option("--json", wanted.json_file, "Append the JSON lines to this file");
  app.add_option("--url", wanted.url, "A server on this machine that runs already");
  app.add_option("--token", wanted.token, "Its token, or the file that holds it");
  app.add_option("--server", wanted.server_binary, "The server to start")->capture_default_str();
}

/// What CLI11 cannot see; empty when all is well.
std::string contradiction(const options& wanted) {
  if (wanted.url.empty())
    return access(wanted.server_binary.c_str(), X_OK) == 0
               ? ""
               : "there is no server binary " + wanted.server_binary + ": see --server";
  if (!parse_loopback_url(wanted.url))
    return "--url must be http://127.x.y.z:PORT or http://localhost:PORT: loads go to loopback "
           "only";
  for (const auto& each : wanted.workloads)
    if (each == "W4" || each == "W5" || each == "W8" || each == "W6b" || each.starts_with("W11"))
      return each + " needs a server of its own: leave out --url";
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  options wanted;
  wanted.server_binary = beside(arguments[0]);
  CLI::App app{"Measures a Carillon server over HTTP"};
  declare(app, wanted);
  CLI11_PARSE(app, count, arguments);
  if (std::count(wanted.workloads.begin(), wanted.workloads.end(), "all") > 0)
    wanted.workloads = workload_names();
  if (const auto problem = contradiction(wanted); !problem.empty()) {
    std::cerr << problem << '\n';
    return 2;
  }
  catch_interrupts();
  return play(wanted) ? 0 : 1;
}
