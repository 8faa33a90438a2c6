#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/news_ring.hpp"
#include "model/batch.hpp"
#include "model/bulk_job.hpp"
#include "model/host_breaker.hpp"
#include "model/queue_settings.hpp"
#include "model/schedule.hpp"
#include "model/task.hpp"

namespace carillon {

enum class change_kind : std::uint8_t { task, schedule, batch, bulk, queue, host };
inline constexpr std::size_t change_kind_count = 6;
std::string_view to_string(change_kind kind);

/// A report about a task, as in task_news.
struct change_report {
  std::string type;
  std::string component;
  std::string message;
  std::optional<double> progress;
};

/// Something that has changed, and is on disk where it is something that lasts. It keeps nothing of
/// what changed in memory: payloads are large.
struct change {
  change_kind kind;
  std::string_view what;         ///< "created", "completed", "paused"; never ends.
  instant at;                    ///< When it became visible.
  task_id id = {};               ///< Of a task, schedule, batch or bulk job.
  std::string name = {};         ///< Of a schedule, batch, queue or host; the action of a bulk job.
  std::string_view status = {};  ///< After it; never ends.
  std::string_view reason = {};  ///< Why a task has ended; never ends.
  std::string task_type = {};
  std::vector<std::string> tags = {};
  std::optional<schedule_id> schedule = {};  ///< That made the task.
  std::optional<batch_id> batch = {};        ///< That the task is a child of.
  int attempt = 0;                           ///< Of a task; 0: it has not begun.
  /// A task is or was planned for it; a schedule's next moment; a host rests until then.
  std::optional<instant> moment = {};
  std::optional<change_report> report = {};
};
using change_ptr = std::shared_ptr<const change>;

/// What becomes of a task: null `before` is a new one.
change change_of(const task* before, const task& after, bool removed, instant now);
change report_of(const task& subject, const task_news& news, instant now);
change change_of(const schedule* before, const schedule& after, instant now);
/// `what` is what was done to it.
change change_of(const batch& after, std::string_view what, instant now);
change change_of(const bulk_job& after, std::string_view what, instant now);
change queue_change_of(std::string queue, const queue_settings& after, instant now);
change host_change_of(std::string host, host_breaker::state after, std::optional<instant> until,
                      instant now);

/// All changes, for whoever looks on. While nobody does, and nobody did a short while ago, nothing
/// is gathered and asking costs one look at a flag. Any thread.
class change_feed {
public:
  using ring = news_ring<change_ptr>;

  change_feed() = default;
  /// Once, before anything else: numbers begin behind `base`.
  void begin(std::uint64_t base) { ring_ = std::make_unique<ring>(base, changes_max, bytes_max); }

  /// Whether changes are to be published. Look before making one.
  [[nodiscard]] bool is_on() const { return is_on_.load(std::memory_order_relaxed); }
  void publish(std::vector<change> changes);
  void publish(change one);

  /// As of news_ring; gathering goes on as long as the handle lives, and a while longer so that
  /// its watcher can come back.
  ring::watch_handle watch(std::function<void()> wake);
  [[nodiscard]] ring::batch after(std::uint64_t number, std::size_t limit) const {
    return ring_->after(number, limit);
  }
  [[nodiscard]] std::uint64_t last_number() const { return ring_->last_number(); }

  static constexpr std::size_t changes_max = 16'384;
  static constexpr std::size_t bytes_max = 16 << 20;
  /// How long a client that was cut off may take to come back, in real time.
  static constexpr std::chrono::seconds linger{60};

private:
  void leave();
  [[nodiscard]] bool rests();

  std::unique_ptr<ring> ring_ = std::make_unique<ring>(0, changes_max, bytes_max);
  std::atomic<bool> is_on_ = false;
  std::mutex mutex_;
  std::size_t watchers_ = 0;                         ///< With the mutex held.
  std::chrono::steady_clock::time_point left_at_{};  ///< The last of them. The same.
};

}  // namespace carillon
