#include "service_manager.hpp"

#include <systemd/sd-daemon.h>

#include "actors/scheduler.hpp"

namespace carillon {

service_manager::service_manager() {
  std::uint64_t patience = 0;
  if (sd_watchdog_enabled(0, &patience) > 0)
    interval_ = std::chrono::microseconds{patience} / 3;
}

void service_manager::ready() {
  sd_notify(0, "READY=1");
}

void service_manager::stopping() {
  sd_notify(0, "STOPPING=1");
}

void service_manager::beat(scheduler& core) {
  const auto now = std::chrono::steady_clock::now();
  if (interval_.count() == 0 || now - last_word_ < interval_ || !*answered_)
    return;
  last_word_ = now;
  sd_notify(0, "WATCHDOG=1");
  *answered_ = false;
  // Nobody has this id: a shard's actor wants its row, a reader of the store finds none.
  core.ask({{task_id{}, event::tick{},
             answer<task_ptr>{[answered = answered_](const auto&) { *answered = true; }}}});
}

}  // namespace carillon
