#include "model/log.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace carillon {

namespace {

constexpr int silent = static_cast<int>(log_level::error) + 1;

// The one piece of state that is shared by all threads and owned by none: every layer logs, and a
// sink handed down through all of them would be in every signature.
std::atomic<int> lowest_written{silent};
std::mutex sink_guard;
std::shared_ptr<const log_sink> current_sink;

std::shared_ptr<const log_sink> sink_now() {
  const std::lock_guard lock{sink_guard};
  return current_sink;
}

}  // namespace

bool log_enabled(log_level level) {
  return static_cast<int>(level) >= lowest_written.load(std::memory_order_relaxed);
}

void log(log_level level, std::string_view event, std::initializer_list<log_field> fields) {
  if (!log_enabled(level))
    return;
  // Called without the lock: a slow sink must not hold up who replaces it.
  if (const auto sink = sink_now())
    (*sink)(level, event, {fields.begin(), fields.size()});
}

void set_log_sink(log_level lowest, log_sink sink) {
  const std::lock_guard lock{sink_guard};
  lowest_written = sink ? static_cast<int>(lowest) : silent;
  current_sink = sink ? std::make_shared<const log_sink>(std::move(sink)) : nullptr;
}

}  // namespace carillon
