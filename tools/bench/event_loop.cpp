#include "tools/bench/event_loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace carillon::bench {

namespace {

volatile std::sig_atomic_t interrupt_seen = 0;

void on_interrupt(int) {
  interrupt_seen = 1;
}

timespec to_timespec(std::chrono::nanoseconds length) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(length);
  return {whole.count(), (length - whole).count()};
}

}  // namespace

event_loop::event_loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

event_loop::~event_loop() {
  close(epoll_);
}

void event_loop::watch(int socket, std::uint32_t events, watcher* who) {
  epoll_event wanted{.events = events, .data = {.ptr = who}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &wanted);
}

void event_loop::change(int socket, std::uint32_t events, watcher* who) {
  epoll_event wanted{.events = events, .data = {.ptr = who}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &wanted);
}

void event_loop::forget(int socket) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
}

bool event_loop::run(const std::function<bool()>& done, steady_time deadline) {
  std::array<epoll_event, 128> ready;
  while (!done()) {
    const auto now = steady_now();
    if (now >= deadline || interrupted())
      return false;
    const auto wake = next_tick(deadline);
    const auto patience = to_timespec(std::max(wake - now, std::chrono::nanoseconds{0}));
    const auto count = epoll_pwait2(epoll_, ready.data(), ready.size(), &patience, nullptr);
    for (int index = 0; index < count; ++index)
      static_cast<watcher*>(ready[static_cast<std::size_t>(index)].data.ptr)
          ->on_ready(ready[static_cast<std::size_t>(index)].events);
    if (!tickers_.empty())
      call_tickers();
  }
  return true;
}

void event_loop::run_for(std::chrono::nanoseconds length) {
  run([] { return false; }, steady_now() + length);
}

steady_time event_loop::next_tick(steady_time latest) const {
  for (const auto* each : tickers_)
    latest = std::min(latest, each->next_);
  return latest;
}

void event_loop::call_tickers() {
  const auto now = steady_now();
  for (auto* each : tickers_) {
    while (each->next_ <= now) {
      const auto planned = each->next_;
      each->next_ += each->period_;
      each->act_(planned);
    }
  }
}

ticker::ticker(event_loop& loop, std::chrono::nanoseconds period, action act)
    : loop_(loop), period_(period), next_(steady_now() + period), act_(std::move(act)) {
  loop_.tickers_.push_back(this);
}

ticker::~ticker() {
  std::erase(loop_.tickers_, this);
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() {
  return interrupt_seen != 0;
}

}  // namespace carillon::bench
