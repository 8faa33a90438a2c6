#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "actors/command_port.hpp"
#include "actors/descriptor.hpp"
#include "actors/process_table.hpp"
#include "storage/run_log.hpp"

namespace carillon {

/// A process that a run left behind.
struct stray_process {
  pid_t pid;
  descriptor pidfd;
};

/// One command under way, until all of its processes are known to be gone.
///
///   queued -> living -> ended by itself: reported, then cleaned up behind it
///                \____> stopped by us: cleaned up, then reported
struct process_run {
  using time_point = std::chrono::steady_clock::time_point;

  command_port::ticket id = 0;
  command_call call;
  std::function<void(command_outcome)> on_done;  ///< Empty once reported.
  std::unique_ptr<storage::run_log_writer> log;  ///< Null before the start and after the end.

  pid_t pid = 0;     ///< Of the leader, its group and its session; 0: queued.
  descriptor pidfd;  ///< The leader's; kept after its end, for signals to its group.
  descriptor out;
  descriptor err;

  time_point open_line_at{};     ///< When output last came without the end of its line.
  bool waits_for_flush = false;  ///< Of the log, for such a line.

  bool stopping = false;  ///< By stop(), kill() or a full log.
  bool killing = false;   ///< SIGKILL was sent: nothing gets SIGTERM any more.
  bool log_full = false;
  bool leader_ended = false;
  command_outcome outcome;  ///< Once leader_ended.

  std::optional<time_point> due;  ///< When to send SIGKILL; when killing, when to give up.
  std::vector<stray_process> strays;
  std::size_t strays_found = 0;
  int clean_scans = 0;  ///< Since the end, without a process of this run.

  /// Whether its processes have to go.
  [[nodiscard]] bool is_ending() const { return stopping || leader_ended; }
  [[nodiscard]] bool is_reported() const { return !on_done; }
};

/// What waitid(2) told of the leader.
command_outcome outcome_of(int code, int status);

/// Signals all that is left of the run: its group and its strays. Never a process group whose
/// number may have been given to another one.
void signal_all(const process_run& run, int signal);

/// Opens a pidfd for exactly this process; empty when it is gone or descriptors are.
descriptor open_process(const process_entry& process);

}  // namespace carillon
