#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "actors/pidfd.hpp"
#include "actors/process_host.hpp"
#include "actors/process_plan.hpp"
#include "actors/process_run.hpp"

namespace carillon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds grace{1000};
constexpr milliseconds after_kill{1000};
/// Rounds of searching: for what was forked while the others were ended.
constexpr int rounds_max = 5;

std::vector<descriptor> find_marked(const std::string& data_folder) {
  std::vector<descriptor> found;
  const auto table = read_process_table();
  if (!table)
    return found;
  for (const auto& process : *table) {
    if (!process.alive || process.pid == ::getpid()
        || environment_value(process.pid, data_variable) != data_folder)
      continue;
    if (auto pidfd = open_process(process))
      found.push_back(std::move(pidfd));
  }
  return found;
}

void signal_each(const std::vector<descriptor>& processes, int signal) {
  for (const auto& each : processes)
    signal_pidfd(each.get(), signal);
}

/// Leaves those that have not ended by then.
void await_ends(std::vector<descriptor>& processes, milliseconds at_most) {
  const auto until = steady_clock::now() + at_most;
  while (!processes.empty()) {
    std::vector<pollfd> asked;
    for (const auto& each : processes)
      asked.push_back({each.get(), POLLIN, 0});
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
    if (left <= 0 || ::poll(asked.data(), asked.size(), static_cast<int>(left)) <= 0)
      return;
    std::size_t at = 0;
    std::erase_if(processes, [&](const auto&) { return asked[at++].revents != 0; });
  }
}

}  // namespace

std::size_t end_leftovers(const std::string& data_folder) {
  std::size_t count = 0;
  for (int round = 0; round < rounds_max; ++round) {
    auto processes = find_marked(data_folder);
    if (processes.empty())
      break;
    count += processes.size();
    if (round == 0) {
      signal_each(processes, SIGTERM);
      await_ends(processes, grace);
    }
    signal_each(processes, SIGKILL);
    await_ends(processes, after_kill);
  }
  return count;
}

}  // namespace carillon
