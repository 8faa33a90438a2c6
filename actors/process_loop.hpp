#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <unordered_map>
#include <variant>
#include <vector>

#include "actors/process_host.hpp"
#include "actors/process_run.hpp"

namespace carillon {

/// The thread of process_host. post() and quit() may be called on any thread and only leave a word
/// behind; all else belongs to the thread, which is why it needs no lock.
///
/// Only this thread starts children and waits for them, so a child that it does not know is an
/// orphan that became ours.
class process_loop {
public:
  using ticket = command_port::ticket;

  struct stop_order {
    ticket id;
    bool at_once;
  };
  using order = std::variant<std::unique_ptr<process_run>, stop_order>;

  explicit process_loop(process_host_settings settings);

  void post(order what);
  /// Makes run() return when all is gone; what was posted after it is not done.
  void quit();

  void run();

private:
  using time_point = process_run::time_point;
  enum class watched : std::uint64_t { leader, out, err, stray };

  // -- process_loop.cpp: the loop, starting ------------------------------------------
  void turn();
  void wait();
  [[nodiscard]] int wait_milliseconds() const;
  void take_orders();
  void obey(std::unique_ptr<process_run> run);
  void obey(const stop_order& stopped);
  void start_some();
  void start(process_run& run);
  void refuse(process_run& run, const problem& why);
  bool watch(const process_run& run, watched what, int descriptor);
  void on_ready(process_run& run, watched what);
  static void report(process_run& run);

  // -- process_output.cpp ------------------------------------------------------------
  static constexpr std::size_t piece_bytes = std::size_t{64} << 10;
  /// Of a stream, so that a flood from some commands starves no other.
  static constexpr int pieces_a_turn_max = 4;
  void read_output(process_run& run, storage::log_stream stream, int pieces_max);
  void keep(process_run& run, storage::log_stream stream, std::string_view bytes);
  void take(process_run& run, storage::run_log_writer::verdict verdict);
  void want_flush(process_run& run);
  void flush_logs();
  void tell_output(const process_run& run) const;

  // -- process_endings.cpp: ending, cleaning up -----------------------------------------
  void end_leader(process_run& run);
  void stop(process_run& run);
  void kill(process_run& run);
  void become_ending(process_run& run);
  void set_due(process_run& run, std::chrono::milliseconds after);
  void pass_due();
  void give_up(process_run& run);
  void end_all();

  /// What SIGKILL has not ended by then never will: a process of a user that we may not signal.
  static constexpr std::chrono::milliseconds give_up_after{2000};

  // -- process_strays.cpp: what runs leave behind ---------------------------------------
  /// While there are children.
  static constexpr std::chrono::milliseconds reap_interval{1000};
  void reap_unknown();
  void clean_up();
  /// With the host goes every child, whosever it is.
  void kill_orphans();
  /// Not sooner after the last than one of these.
  static constexpr std::chrono::milliseconds scan_soon{20};
  static constexpr std::chrono::milliseconds scan_later{200};
  void want_scan(std::chrono::milliseconds spacing);
  void scan();
  void find_strays(const std::vector<process_entry>& table);
  void adopt(process_run& run, const process_entry& process);
  void drop_ended_strays(process_run& run);
  void end_of_scan();
  process_run* owner_of(process_entry process, const std::vector<process_entry>& table) const;
  process_run* owner_of_session(pid_t session, const std::vector<process_entry>& table) const;
  process_run* run_named_by(pid_t pid) const;
  void forget(process_run& run);

  process_host_settings settings_;
  descriptor poll_;
  descriptor wake_;

  std::mutex mutex_;  ///< Of the next two.
  std::vector<order> orders_;
  bool quits_ = false;

  /// All from the order to start until nothing is left. Invariant: those with a pid that is theirs
  /// are in by_pid_ and by_run_, those that are ending in ending_.
  std::unordered_map<ticket, std::unique_ptr<process_run>> runs_;
  std::deque<ticket> queued_;
  std::unordered_map<pid_t, process_run*> by_pid_;
  std::unordered_map<task_id, process_run*> by_run_;
  std::vector<process_run*> ending_;

  using due_run = std::pair<time_point, ticket>;
  std::priority_queue<due_run, std::vector<due_run>, std::greater<>> due_;

  bool has_children_ = false;
  bool looks_for_ends_ = false;  ///< A process ended in this turn.
  std::optional<time_point> scan_at_;
  time_point last_scan_{};
  std::chrono::steady_clock::duration last_scan_took_{};
  time_point last_reap_{};

  std::deque<due_run> flushes_;  ///< By rising time, as they are asked for.
  std::array<char, piece_bytes> buffer_;
};

}  // namespace carillon
