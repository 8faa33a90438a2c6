#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "actors/command_port.hpp"
#include "model/instant.hpp"
#include "storage/run_log.hpp"

namespace carillon {

struct process_host_settings {
  /// Called on the host's thread, as on_output is.
  std::function<std::unique_ptr<storage::run_log_writer>(const task_id& run, const log_rules&)>
      open_log;
  const wall_clock* time = nullptr;  ///< Of the lines. Not owned; outlives the host.
  /// After output of the run was kept; must not block. May be empty.
  std::function<void(const task_id& run)> on_output = {};
  std::string data_folder;  ///< Marks the children, for end_leftovers().
};

/// Runs commands as children of this process.
///
/// One thread (epoll) starts them, reads what they print and waits for them, however many there
/// are; start(), stop() and kill() only leave an order behind. Each command leads a session of its
/// own. What it leaves behind when it ends is ended too: its process group, and daemons that left
/// the group, which become our children since the process is made their subreaper
/// (PR_SET_CHILD_SUBREAPER).
///
/// One in a process: it waits for all children, also for those that others started.
class process_host final : public command_port {
public:
  /// Throws std::system_error when the machine is out of descriptors or threads: a server does not
  /// start without.
  explicit process_host(process_host_settings settings);
  /// Kills what is left and waits for it; on_done is not called for it.
  ~process_host() override;
  process_host(const process_host&) = delete;
  process_host& operator=(const process_host&) = delete;

  ticket start(command_call call, std::function<void(command_outcome)> on_done) override;
  void stop(ticket which) override;
  void kill(ticket which) override;

private:
  std::unique_ptr<class process_loop> loop_;
  std::atomic<ticket> last_ticket_{0};
  std::thread thread_;
};

/// Ends what commands of an earlier life of the server left behind: SIGTERM, at most a second,
/// SIGKILL. They are known by the CARILLON_DATA of their environment. Returns how many there were.
/// To be called before the host is made; blocks.
std::size_t end_leftovers(const std::string& data_folder);

}  // namespace carillon
