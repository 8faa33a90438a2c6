#include "actors/process_run.hpp"

#include <sys/wait.h>

#include <csignal>
#include <cstring>

#include "actors/pidfd.hpp"

namespace carillon {
namespace {

/// Of <linux/pidfd.h> since Linux 6.9.
constexpr unsigned pidfd_signal_process_group = 1U << 2;

std::string name_of_signal(int signal) {
  const auto number = std::to_string(signal);
  const char* const name = ::sigabbrev_np(signal);
  return name == nullptr ? "signal " + number
                         : "SIG" + std::string{name} + " (signal " + number + ')';
}

}  // namespace

command_outcome outcome_of(int code, int status) {
  command_outcome outcome;
  if (code == CLD_EXITED) {
    outcome.exit_code = status;
    if (status != 0)
      outcome.error = "exit code " + std::to_string(status);
    return outcome;
  }
  outcome.how = command_outcome::ending::signaled;
  outcome.signal = status;
  outcome.exit_code = 128 + status;
  outcome.dumped_core = code == CLD_DUMPED;
  outcome.error = "killed by " + name_of_signal(status);
  if (outcome.dumped_core)
    outcome.error += ", core dumped";
  return outcome;
}

void signal_all(const process_run& run, int signal) {
  // A leader that nobody has waited for holds the number of its group. After that its pidfd names
  // the group, but only to newer kernels: on the others the strays have to do.
  if (!run.leader_ended)
    ::kill(-run.pid, signal);
  else if (run.pidfd)
    signal_pidfd(run.pidfd.get(), signal, pidfd_signal_process_group);
  for (const auto& each : run.strays)
    signal_pidfd(each.pidfd.get(), signal);
}

descriptor open_process(const process_entry& process) {
  descriptor pidfd{open_pidfd(process.pid)};
  // The number may have passed to another one before it was opened; from now on it cannot.
  const auto now = read_process(process.pid);
  if (!now || now->start != process.start)
    pidfd.close();
  return pidfd;
}

}  // namespace carillon
