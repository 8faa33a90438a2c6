#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tools/bench/clock.hpp"

namespace carillon::bench {

/// Hears of its socket, inside event_loop::run() only.
class watcher {
public:
  virtual void on_ready(std::uint32_t events) = 0;

protected:
  ~watcher() = default;
};

class ticker;

/// One thread's epoll. Everything of the bench runs on it: two cores are shared with the server.
///
/// A watcher may forget its own socket while it is called; objects that are watched are destroyed
/// only outside run().
class event_loop {
public:
  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  void watch(int socket, std::uint32_t events, watcher* who);
  void change(int socket, std::uint32_t events, watcher* who);
  void forget(int socket);

  /// Handles events until `done` (asked after each batch), the deadline, or a signal. Returns what
  /// `done` says in the end.
  bool run(const std::function<bool()>& done, steady_time deadline);
  void run_for(std::chrono::nanoseconds length);

  /// Where sockets read into: shared, valid until the next read.
  std::span<char> scratch() { return scratch_; }

private:
  friend class ticker;

  [[nodiscard]] steady_time next_tick(steady_time latest) const;
  void call_tickers();

  int epoll_;
  std::vector<ticker*> tickers_;  // not owned; they enter and leave by themselves
  std::array<char, 256 * 1024> scratch_;
};

/// Calls `act` once for each period while the loop runs, with the moment it was planned for: late
/// calls are made up for, so that an open loop stays open.
class ticker {
public:
  using action = std::function<void(steady_time)>;

  ticker(event_loop& loop, std::chrono::nanoseconds period, action act);
  ~ticker();
  ticker(const ticker&) = delete;
  ticker& operator=(const ticker&) = delete;

private:
  friend class event_loop;

  event_loop& loop_;
  std::chrono::nanoseconds period_;
  steady_time next_;
  action act_;
};

/// Makes Ctrl-C end event_loop::run(), so that the server and its directory are cleaned up.
void catch_interrupts();
bool interrupted();

}  // namespace carillon::bench
