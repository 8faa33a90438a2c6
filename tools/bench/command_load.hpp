#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/histogram.hpp"
#include "tools/bench/readings.hpp"
#include "tools/bench/report.hpp"
#include "tools/bench/stage.hpp"
#include "tools/bench/task_answers.hpp"

// What the workloads of commands share: the operator's file, and to start runs and account for
// them.

namespace carillon::bench {

/// Runs of a job that may be open at once: as many as a server allows.
inline constexpr std::uint64_t runs_at_once_max = 1000;

/// The log of a run of the job "flood" holds so much.
inline constexpr std::uint64_t flood_log_bytes = 1 << 20;

/// The jobs "true", "echo", "sleep" and "flood".
std::string_view command_definitions();

/// The runs of one job, all of them started here. Faults go to the report.
class command_job {
public:
  command_job(stage& on, std::string name, run_report& out);

  /// Starts so many more as fast as it goes; returns how long the requests took.
  histogram start(std::uint64_t count);
  /// Waits until so many are listed with this status; gives up when nothing moves.
  void wait_until(std::string_view status, std::uint64_t count);
  void wait_until_all_ended() { wait_until("ended", ids_.size()); }
  /// Asks for the end of each from the one at `first` on.
  void stop_from(std::uint64_t first);
  /// Lists all, in the order in which they were started, and checks that none was lost, doubled or
  /// ended otherwise. A run that was lost is left empty.
  std::vector<command_run> account(std::string_view end_reason);
  /// Asks `count` runs from the one at `first` on for what they printed, `limit` lines from their
  /// end.
  std::vector<printed> read_logs(std::uint64_t first, std::uint64_t count, int limit);

  [[nodiscard]] const std::vector<task_id>& ids() const { return ids_; }

private:
  std::vector<command_run> list();

  stage& on_;
  run_report& out_;
  std::string name_;
  std::vector<task_id> ids_;
};

/// The server as it is now, after a moment of rest.
process_reading read_settled(stage& on);

/// When all runs have ended: the server's descriptors and threads are back at what they were, and
/// no process is left of any. Adds the growth of its memory, too.
void check_released(stage& on, const process_reading& before, run_report& out);

}  // namespace carillon::bench
