#include "actors/process_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "actors/process_spawn.hpp"

namespace carillon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t events_max = 256;
constexpr int starts_a_turn_max = 16;

constexpr std::uint64_t wake_token = ~std::uint64_t{0};
constexpr unsigned kind_bits = 2;

int checked(int descriptor) {
  if (descriptor < 0)
    throw std::system_error{errno, std::generic_category()};
  return descriptor;
}

}  // namespace

process_loop::process_loop(process_host_settings settings)
    : settings_{std::move(settings)},
      poll_{checked(::epoll_create1(EPOLL_CLOEXEC))},
      wake_{checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))} {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = wake_token;
  checked(::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, wake_.get(), &event));
}

// -- orders, on any thread --------------------------------------------------------------

void process_loop::post(order what) {
  {
    const std::lock_guard lock{mutex_};
    orders_.push_back(std::move(what));
  }
  // It can only fail when the counter is full, and then the loop is awake.
  ::eventfd_write(wake_.get(), 1);
}

void process_loop::quit() {
  {
    const std::lock_guard lock{mutex_};
    quits_ = true;
  }
  ::eventfd_write(wake_.get(), 1);
}

// -- the loop -----------------------------------------------------------------------

void process_loop::run() {
  while (true) {
    turn();
    const std::lock_guard lock{mutex_};
    if (quits_)
      break;
  }
  end_all();
}

void process_loop::turn() {
  wait();
  take_orders();
  start_some();
  flush_logs();
  pass_due();
  clean_up();
}

int process_loop::wait_milliseconds() const {
  if (!queued_.empty())
    return 0;
  std::optional<time_point> until;
  const auto sooner = [&](time_point moment) { until = until ? std::min(*until, moment) : moment; };
  if (!due_.empty())
    sooner(due_.top().first);
  if (!flushes_.empty())
    sooner(flushes_.front().first);
  if (scan_at_)
    sooner(*scan_at_);
  if (has_children_)
    sooner(last_reap_ + reap_interval);
  if (!until)
    return -1;
  const auto left = std::chrono::ceil<milliseconds>(*until - steady_clock::now()).count();
  return static_cast<int>(std::clamp<milliseconds::rep>(left, 0, 60'000));
}

void process_loop::wait() {
  std::array<epoll_event, events_max> events;
  const int count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()),
                                 wait_milliseconds());
  for (int i = 0; i < count; ++i) {
    const auto token = events[static_cast<std::size_t>(i)].data.u64;
    if (token == wake_token) {
      eventfd_t drained = 0;
      ::eventfd_read(wake_.get(), &drained);
      continue;
    }
    const auto found = runs_.find(token >> kind_bits);
    if (found != runs_.end())
      on_ready(*found->second, watched{token & ((1U << kind_bits) - 1)});
  }
}

void process_loop::on_ready(process_run& run, watched what) {
  switch (what) {
    case watched::leader:
      end_leader(run);
      break;
    case watched::out:
      read_output(run, storage::log_stream::out, pieces_a_turn_max);
      break;
    case watched::err:
      read_output(run, storage::log_stream::err, pieces_a_turn_max);
      break;
    case watched::stray:
      drop_ended_strays(run);
      break;
  }
}

bool process_loop::watch(const process_run& run, watched what, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = run.id << kind_bits | static_cast<std::uint64_t>(what);
  return ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

// -- starting -----------------------------------------------------------------------

void process_loop::take_orders() {
  std::vector<order> orders;
  {
    const std::lock_guard lock{mutex_};
    orders.swap(orders_);
  }
  for (auto& each : orders)
    std::visit([this](auto& what) { obey(std::move(what)); }, each);
}

void process_loop::obey(std::unique_ptr<process_run> run) {
  queued_.push_back(run->id);
  runs_.emplace(run->id, std::move(run));
}

void process_loop::obey(const stop_order& stopped) {
  const auto found = runs_.find(stopped.id);
  if (found == runs_.end() || found->second->is_reported())
    return;
  auto& run = *found->second;
  if (run.pid == 0)
    refuse(run, cannot_start(*run.call.what, "stopped before it was started"));
  else if (stopped.at_once)
    kill(run);
  else
    stop(run);
}

void process_loop::start_some() {
  for (int left = starts_a_turn_max; left > 0 && !queued_.empty(); --left) {
    const auto found = runs_.find(queued_.front());
    queued_.pop_front();
    if (found != runs_.end())  // it may have been stopped meanwhile
      start(*found->second);
  }
}

void process_loop::start(process_run& run) {
  const auto& what = *run.call.what;
  const auto plan = make_process_plan(run.call, settings_.data_folder);
  if (!plan)
    return refuse(run, plan.error());
  auto spawned = spawn_process(what, *plan);
  if (!spawned)
    return refuse(run, spawned.error());

  run.pid = spawned->pid;
  run.pidfd = std::move(spawned->pidfd);
  run.out = std::move(spawned->out);
  run.err = std::move(spawned->err);
  has_children_ = true;
  if (!watch(run, watched::leader, run.pidfd.get()) || !watch(run, watched::out, run.out.get())
      || !watch(run, watched::err, run.err.get())) {
    const int error = errno;
    ::kill(-run.pid, SIGKILL);
    ::waitid(P_PID, static_cast<id_t>(run.pid), nullptr, WEXITED);
    return refuse(run, cannot_start(what, error));
  }
  by_pid_[run.pid] = &run;
  by_run_[run.call.run] = &run;
  run.log = settings_.open_log(run.call.run, what.log);
}

void process_loop::refuse(process_run& run, const problem& why) {
  run.outcome.how = command_outcome::ending::not_started;
  run.outcome.error = why.detail;
  // Where people look first.
  const auto said = settings_.open_log(run.call.run, run.call.what->log);
  said->append(storage::log_stream::system, why.detail + "\n", settings_.time->now());
  said->finish(settings_.time->now());
  report(run);
  runs_.erase(run.id);
}

void process_loop::report(process_run& run) {
  if (const auto on_done = std::exchange(run.on_done, nullptr))
    on_done(run.outcome);
}

}  // namespace carillon
