// What commands leave behind: members of their group, and daemons that left it. The latter are
// found in /proc, as orphans that became our children. A scan of it costs milliseconds, hence:
// none when we have no child at all, and one for all that ended since the last.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "actors/pidfd.hpp"
#include "actors/process_loop.hpp"
#include "actors/process_plan.hpp"
#include "model/log.hpp"

namespace carillon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using process_table = std::vector<process_entry>;

/// Scans take at most one part of so many of the thread's time.
constexpr int scan_time_share = 20;
/// A process that forks while /proc is read may not be seen in it: two scans must find nothing.
constexpr int clean_scans_needed = 2;
/// An orphan that is killed may leave us its own children.
constexpr int orphan_rounds_max = 10;
/// Of one run, so that a fork bomb does not use up our descriptors. The others are ended as well,
/// but nobody waits for them but the next scan.
constexpr std::size_t watched_strays_max = 256;

const process_entry* find(const process_table& table, pid_t pid) {
  const auto place =
      std::lower_bound(table.begin(), table.end(), pid,
                       [](const auto& each, pid_t wanted) { return each.pid < wanted; });
  return place != table.end() && place->pid == pid ? &*place : nullptr;
}

}  // namespace

/// Waits for orphans that ended, and learns whether we have any child.
void process_loop::reap_unknown() {
  last_reap_ = steady_clock::now();
  while (true) {
    siginfo_t news{};
    has_children_ = ::waitid(P_ALL, 0, &news, WEXITED | WNOHANG | WNOWAIT) == 0;
    if (!has_children_ || news.si_pid == 0)
      return;
    const auto known = by_pid_.find(news.si_pid);
    if (known != by_pid_.end() && !known->second->leader_ended)
      return;  // its pidfd will tell, and the next call comes to what is behind it
    ::waitid(P_PID, static_cast<id_t>(news.si_pid), nullptr, WEXITED | WNOHANG);
  }
}

void process_loop::clean_up() {
  const auto now = steady_clock::now();
  const bool scans = scan_at_ && *scan_at_ <= now;
  if (looks_for_ends_ || scans || (has_children_ && now - last_reap_ >= reap_interval))
    reap_unknown();
  looks_for_ends_ = false;
  if (ending_.empty())
    scan_at_.reset();
  else if (!has_children_)
    end_of_scan();  // whatever our commands leave behind descends from a child of ours
  else if (scans)
    scan();
}

void process_loop::kill_orphans() {
  for (int round = 0; round < orphan_rounds_max && has_children_; ++round) {
    const auto table = read_process_table();
    if (!table)
      return;
    for (const auto& process : *table)
      if (process.alive && process.parent == ::getpid())
        if (const auto orphan = open_process(process)) {
          signal_pidfd(orphan.get(), SIGKILL);
          pollfd asked{orphan.get(), POLLIN, 0};
          ::poll(&asked, 1, static_cast<int>(scan_later.count()));
        }
    reap_unknown();
  }
}

void process_loop::want_scan(milliseconds spacing) {
  const auto free_at =
      last_scan_ + std::max<steady_clock::duration>(spacing, scan_time_share * last_scan_took_);
  scan_at_ = scan_at_ ? std::min(*scan_at_, free_at) : free_at;
}

void process_loop::scan() {
  scan_at_.reset();
  last_scan_ = steady_clock::now();
  if (const auto table = read_process_table()) {
    find_strays(*table);
    end_of_scan();
  } else {
    want_scan(scan_later);
  }
  last_scan_took_ = steady_clock::now() - last_scan_;
}

void process_loop::find_strays(const process_table& table) {
  const auto self = ::getpid();
  const bool nothing_runs = std::all_of(runs_.begin(), runs_.end(),
                                        [](const auto& each) { return each.second->leader_ended; });
  for (const auto& process : table) {
    if (!process.alive || process.pid == self)
      continue;
    auto* const run = owner_of(process, table);
    if (run != nullptr) {
      const bool is_of_living_group = !run->leader_ended && process.group == run->pid;
      if (run->is_ending() && !is_of_living_group)
        adopt(*run, process);
    } else if (process.parent == self
               && (nothing_runs
                   || environment_value(process.pid, data_variable) == settings_.data_folder)) {
      // An orphan of a run that is long forgotten, or one that hides whose it is: when nothing else
      // runs its time is over.
      if (const auto late = open_process(process))
        signal_pidfd(late.get(), SIGKILL);
    }
  }
}

/// The run that a descendant of ours belongs to: by the session it is in, or one of those above it.
/// An orphan in a session of its own is known by its environment. Null: no descendant, or no run.
process_run* process_loop::owner_of(process_entry process, const process_table& table) const {
  const auto self = ::getpid();
  process_run* owner = nullptr;
  while (process.parent > 0) {
    if (owner == nullptr)
      owner = owner_of_session(process.session, table);
    if (process.parent == self)
      return owner != nullptr ? owner : run_named_by(process.pid);
    if (const auto* const parent = find(table, process.parent)) {
      process = *parent;
      continue;
    }
    const auto now = read_process(process.pid);  // its parent ended while the table was read
    if (!now || now->parent == process.parent)
      return nullptr;
    process = *now;
  }
  return nullptr;
}

process_run* process_loop::owner_of_session(pid_t session, const process_table& table) const {
  const auto found = by_pid_.find(session);
  if (found == by_pid_.end())
    return nullptr;
  // The number of a session is not given away as long as one is in it. Where the leader is gone and
  // a process has its number, the session was another one's.
  auto* const run = found->second;
  return run->leader_ended && find(table, session) != nullptr ? nullptr : run;
}

process_run* process_loop::run_named_by(pid_t pid) const {
  const auto id = parse_task_id(environment_value(pid, run_variable));
  const auto found = id ? by_run_.find(*id) : by_run_.end();
  return found != by_run_.end() ? found->second : nullptr;
}

void process_loop::adopt(process_run& run, const process_entry& process) {
  for (const auto& each : run.strays)
    if (each.pid == process.pid)
      return;
  run.clean_scans = -1;
  auto pidfd = open_process(process);
  if (!pidfd)
    return want_scan(scan_later);
  const bool knows = process.group == run.pid;  // its group was told
  if (run.killing || !knows)
    signal_pidfd(pidfd.get(), run.killing ? SIGKILL : SIGTERM);
  if (!run.due)
    set_due(run, run.killing ? give_up_after : run.call.what->grace);
  if (run.strays.size() == watched_strays_max || !watch(run, watched::stray, pidfd.get()))
    return want_scan(scan_later);
  run.strays.push_back({process.pid, std::move(pidfd)});
  ++run.strays_found;
}

void process_loop::drop_ended_strays(process_run& run) {
  std::vector<pollfd> asked;
  for (const auto& each : run.strays)
    asked.push_back({each.pidfd.get(), POLLIN, 0});
  ::poll(asked.data(), asked.size(), 0);
  std::size_t at = 0;
  std::erase_if(run.strays, [&](const auto&) { return asked[at++].revents != 0; });
  looks_for_ends_ = true;
  want_scan(run.is_reported() ? scan_later : scan_soon);
}

/// What a scan found is known. Without children nothing is left of any run.
void process_loop::end_of_scan() {
  std::vector<process_run*> still_there;
  for (auto* const run : ending_) {
    const bool waits = !run->leader_ended || (has_children_ && !run->strays.empty());
    if (!waits) {
      run->clean_scans = has_children_ ? run->clean_scans + 1 : clean_scans_needed;
      if (run->clean_scans > 0)
        report(*run);
      if (run->clean_scans == clean_scans_needed) {
        forget(*run);
        continue;
      }
      want_scan(run->is_reported() ? scan_later : scan_soon);
    }
    still_there.push_back(run);
  }
  ending_ = std::move(still_there);
}

void process_loop::forget(process_run& run) {
  if (run.strays_found > 0)
    log(log_level::info, "processes that a command left behind were ended",
        {{"run", to_uuid(run.call.run)}, {"processes", std::to_string(run.strays_found)}});
  if (const auto found = by_pid_.find(run.pid); found != by_pid_.end() && found->second == &run)
    by_pid_.erase(found);
  if (const auto found = by_run_.find(run.call.run);
      found != by_run_.end() && found->second == &run)
    by_run_.erase(found);
  runs_.erase(run.id);
}

}  // namespace carillon
