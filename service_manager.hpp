#pragma once

#include <atomic>
#include <chrono>
#include <memory>

namespace carillon {

class scheduler;

/// systemd, when it has started this process as a service of Type=notify; else nobody, and nothing
/// is done. Of the main thread. See sd_notify(3) and sd_watchdog_enabled(3).
class service_manager {
public:
  service_manager();

  /// The server takes requests.
  void ready();
  void stopping();

  /// To be called several times a second. Says that we live as often as the manager wants to hear
  /// it, but only as long as actors and store answer: who asks and hears nothing says nothing, and
  /// the manager restarts the process.
  void beat(scheduler& core);

private:
  using steady_time = std::chrono::steady_clock::time_point;

  std::chrono::microseconds interval_{0};  ///< Between two words that we live; 0: none is wanted.
  steady_time last_word_{};
  std::shared_ptr<std::atomic<bool>> answered_ = std::make_shared<std::atomic<bool>>(true);
};

}  // namespace carillon
