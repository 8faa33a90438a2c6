#pragma once

#include <caf/all.hpp>

#include "actors/definition_book.hpp"
#include "actors/house.hpp"
#include "actors/process_host.hpp"
#include "actors/scheduler.hpp"
#include "actors/stat_book.hpp"
#include "storage/rocksdb_engine.hpp"
#include "storage/zone_files.hpp"

// What a scheduler is made of. For the files that implement actors/scheduler.hpp alone.

namespace carillon {

class system_clock final : public wall_clock {
public:
  [[nodiscard]] instant now() const override {
    return std::chrono::floor<duration>(std::chrono::system_clock::now());
  }
};

class http_calls final : public call_port {
public:
  explicit http_calls(http_client_settings settings) : client_{std::move(settings)} {}
  std::uint64_t start(http_call call, std::function<void(http_outcome)> on_done) override {
    return client_.start(std::move(call), std::move(on_done));
  }
  void cancel(std::uint64_t ticket) override { client_.cancel(ticket); }

private:
  http_client client_;
};

/// CAF takes its own command line and file when asked to; nobody asks it here.
class actor_config : public caf::actor_system_config {
public:
  explicit actor_config(unsigned threads) {
    // One queue and sleeping workers: an idle server costs nothing, and two cores gain nothing by
    // stealing.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", static_cast<std::size_t>(threads));
    set("logger.verbosity", caf::atom("quiet"));
  }
};

/// Declared so that each part is gone before what it stands on.
struct scheduler::parts {
  parts(const scheduler_settings& wanted, std::unique_ptr<storage::disk_engine> opened,
        std::string_view store_key, std::uint64_t epoch, std::function<void()> on_disk_failure);
  ~parts();

  void compare_zones();
  void restore_gates();
  void open_commands();
  void open_process_host();
  void drop_lost_logs();
  [[nodiscard]] duration rest_after(duration worked) const;
  void write_stats();
  void write_stats_again_and_again();
  expected<void> load_secrets();
  void drop_expired_secrets(storage::change_set& changes);
  expected<void> load_tokens();
  void drop_expired_tokens(storage::change_set& changes);
  void end_secret_under_way(const std::string& name);

  scheduler_settings settings;
  system_clock real_time;
  settable_clock manual_time;
  std::unique_ptr<storage::disk_engine> disk;
  storage::task_store store;
  storage::zone_files zones;
  id_generator ids;
  dedupe_table dedupe;
  event_sources sources;
  definition_book definitions;
  storage::run_logs logs;
  run_feed runs;  ///< Numbered by the epoch.
  webhook_keys webhooks;
  const std::string cursor_key;  ///< Signs places in lists.
  std::mutex secret_changes;     ///< Held from the look at a secret to the order to write it.
  std::multiset<std::string>
      secrets_under_way;  ///< Names of those being made. With the mutex held.
  token_book tokens;
  std::mutex token_changes;  ///< Held from the look at tokens or agents to the order to write.
  house home;
  stat_book counted{home.stats, *disk};
  key_gates gates{home};
  queue_book queues;
  storage::writer writer;
  storage::reader lookups;       ///< Wakes tasks: short jobs.
  storage::reader queries;       ///< Answers lists: long ones.
  storage::reader searches;      ///< Looks for what no index or counter knows: what takes seconds.
  storage::reader aside;         ///< Looks through rules for previews: what may take seconds.
  storage::reader housekeeping;  ///< Removes what is kept no longer, counts and finds for jobs.
  storage::reader backups;       ///< One at a time.
  http_calls calls;
  actor_config config;
  caf::actor_system system;
  std::unique_ptr<command_port> commands;
  std::atomic<bool> is_backing_up = false;
  std::atomic<bool> is_closing = false;
  std::atomic<int> searches_open = 0;
  std::atomic<std::int64_t> tasks_max = 0;
  std::atomic<std::int64_t> schedules_max = 0;
  std::atomic<std::int64_t> tasks_under_way = 0;      ///< New ones, not durable yet.
  std::atomic<std::int64_t> schedules_under_way = 0;  ///< The same.
  mutable std::atomic<std::size_t> commands_in_flight = 0;
  mutable std::atomic<std::uint64_t> commands_begun = 0;
  mutable std::atomic<std::uint64_t> commands_rested_for = 0;  ///< Of those; at a job's last rest.
};

inline const problem too_many_tasks{problem_kind::over_quota,
                                    "there are as many tasks that have not ended as there may be"};
inline const problem too_many_schedules{problem_kind::over_quota,
                                        "there are as many schedules as there may be"};

/// Counts what is made until it is durable, or is not.
template <class T>
answer<T> under_way(std::atomic<std::int64_t>& count, answer<T> reply) {
  count += 1;
  const auto mark = reply.mark();
  return answer<T>{[&count, reply = std::move(reply)](expected<T> made) {
                     count -= 1;
                     reply(std::move(made));
                   },
                   mark};
}

/// Counts the question as under way until it is answered.
template <class T>
answer<T> scheduler::counted(answer<T> reply) const {
  parts_->commands_in_flight += 1;
  parts_->commands_begun += 1;
  const auto mark = reply.mark();
  return answer<T>{[this, reply = std::move(reply)](expected<T> value) {
                     parts_->commands_in_flight -= 1;
                     reply(std::move(value));
                   },
                   mark};
}

}  // namespace carillon
