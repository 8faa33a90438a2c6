// How runs end: by themselves, by an order, with the host.
#include <sys/epoll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "actors/process_loop.hpp"
#include "model/log.hpp"

namespace carillon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// More than a pipe holds: what a process left behind keeps printing does not keep us here.
constexpr int drained_pieces_max = 16;
constexpr milliseconds end_all_after{3000};

}  // namespace

void process_loop::end_leader(process_run& run) {
  const auto leader = static_cast<id_t>(run.pidfd.get());
  siginfo_t news{};
  const int waited = ::waitid(P_PIDFD, leader, &news, WEXITED | WNOHANG | WNOWAIT);
  if (waited == 0 && news.si_pid == 0)
    return;
  if (waited != 0) {  // somebody else has waited for it
    news.si_code = CLD_EXITED;
    news.si_status = 255;
  }

  read_output(run, storage::log_stream::out, drained_pieces_max);
  read_output(run, storage::log_stream::err, drained_pieces_max);
  run.out.close();
  run.err.close();

  // As long as nobody has waited for the leader the number of the group is its own.
  run.killing = run.killing || run.call.what->grace <= milliseconds{0};
  if (waited == 0 && (run.killing || !run.stopping))
    ::kill(-run.pid, run.killing ? SIGKILL : SIGTERM);
  ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, run.pidfd.get(), nullptr);
  ::waitid(P_PIDFD, leader, nullptr, WEXITED | WNOHANG);
  become_ending(run);
  run.leader_ended = true;
  looks_for_ends_ = true;
  const bool group_is_left = ::kill(-run.pid, 0) == 0 || errno == EPERM;
  if (group_is_left && !run.due)
    set_due(run, run.killing ? give_up_after : run.call.what->grace);

  run.outcome = outcome_of(news.si_code, news.si_status);
  if (run.log_full) {
    run.outcome.how = command_outcome::ending::log_full;
    run.outcome.error = "its log was full";
  }
  run.log->finish(settings_.time->now());
  run.log.reset();
  tell_output(run);
  if (!run.stopping)
    report(run);
  want_scan(group_is_left || run.stopping ? scan_soon : scan_later);
}

// -- ending by us -----------------------------------------------------------------------

void process_loop::stop(process_run& run) {
  if (run.stopping)
    return;
  if (run.call.what->grace <= milliseconds{0})
    return kill(run);
  become_ending(run);
  run.stopping = true;
  signal_all(run, SIGTERM);
  signal_all(run, SIGCONT);  // a stopped one would not hear it
  set_due(run, run.call.what->grace);
  want_scan(scan_soon);
}

void process_loop::kill(process_run& run) {
  become_ending(run);
  run.stopping = run.stopping || !run.leader_ended;
  run.killing = true;
  signal_all(run, SIGKILL);
  set_due(run, give_up_after);
  want_scan(scan_soon);
}

/// To be called before the run says that it is.
void process_loop::become_ending(process_run& run) {
  if (!run.is_ending())
    ending_.push_back(&run);
}

// -- the grace time -----------------------------------------------------------------------

void process_loop::set_due(process_run& run, milliseconds after) {
  run.due = steady_clock::now() + after;
  due_.emplace(*run.due, run.id);
}

void process_loop::pass_due() {
  const auto now = steady_clock::now();
  while (!due_.empty() && due_.top().first <= now) {
    const auto [moment, id] = due_.top();
    due_.pop();
    const auto found = runs_.find(id);
    if (found == runs_.end() || found->second->due != moment)
      continue;  // it ended before, or was given another time
    auto& run = *found->second;
    run.due.reset();
    if (!run.killing)
      kill(run);
    else if (run.leader_ended)
      give_up(run);
  }
}

void process_loop::give_up(process_run& run) {
  log(log_level::warn, "processes of a command cannot be ended",
      {{"run", to_uuid(run.call.run)}, {"processes", std::to_string(run.strays.size())}});
  report(run);
  std::erase(ending_, &run);
  forget(run);
}

void process_loop::end_all() {
  settings_.on_output = nullptr;
  for (const auto id : queued_)
    runs_.erase(id);
  queued_.clear();
  for (const auto& [id, run] : runs_) {
    run->on_done = nullptr;
    kill(*run);
  }
  const auto until = steady_clock::now() + end_all_after;
  while (has_children_ && !runs_.empty() && steady_clock::now() < until) {
    wait();
    pass_due();
    clean_up();
  }
  reap_unknown();
  kill_orphans();
  for (const auto& [id, run] : runs_)
    if (run->log)
      run->log->finish(settings_.time->now());
}

}  // namespace carillon
