#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/local_command.hpp"
#include "model/task_id.hpp"

namespace carillon {

/// One attempt to carry out.
struct command_call {
  std::shared_ptr<const local_command> what;  ///< Never null.
  task_id run;                                ///< run_id() of the attempt: names its log.
  /// Variables that tell the command who it is, beside those of `what`: CARILLON_TASK, ...
  std::vector<std::pair<std::string, std::string>> facts;
};

/// How a command ended.
struct command_outcome {
  enum class ending {
    exited,       ///< By itself: exit_code 0 to 255.
    signaled,     ///< By a signal.
    not_started,  ///< There was never a process; `error` says why.
    log_full,     ///< Ended by us, for its log was full (log_on_full::kill_task).
  };
  ending how = ending::exited;
  int exit_code = 0;  ///< As a shell tells it: 128 + the signal when signaled.
  int signal = 0;     ///< 0: none.
  bool dumped_core = false;
  std::string error = {};  ///< For a person; empty after an exit with code 0.
};

/// Runs commands. The real one is process_host; simulations bring their own.
class command_port {
public:
  using ticket = std::uint64_t;

  virtual ~command_port() = default;

  /// Starts a command. Any thread. `on_done` runs exactly once, on a thread of the port's, when the
  /// process has ended and its output is kept; it must not block.
  virtual ticket start(command_call call, std::function<void(command_outcome)> on_done) = 0;

  /// SIGTERM to the process group, then SIGKILL after the grace time (at once without one). on_done
  /// comes when all of the group is gone. Unknown tickets are ignored. Any thread.
  virtual void stop(ticket which) = 0;
  /// SIGKILL at once.
  virtual void kill(ticket which) = 0;
};

}  // namespace carillon
