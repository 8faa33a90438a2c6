#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "actors/alarms.hpp"
#include "actors/batch_bell.hpp"
#include "actors/bulk_messages.hpp"
#include "actors/change_feed.hpp"
#include "actors/command_port.hpp"
#include "actors/event_messages.hpp"
#include "actors/figures.hpp"
#include "actors/interfaces.hpp"
#include "actors/key_gates.hpp"
#include "actors/queue_book.hpp"
#include "actors/run_feed.hpp"
#include "actors/stat_counter.hpp"
#include "actors/waiting_room.hpp"
#include "actors/webhook_keys.hpp"
#include "storage/reader.hpp"
#include "storage/writer.hpp"

namespace carillon {

/// Makes HTTP calls. The real one is http_client; simulations bring their own.
class call_port {
public:
  virtual ~call_port() = default;
  virtual std::uint64_t start(http_call call, std::function<void(http_outcome)> on_done) = 0;
  virtual void cancel(std::uint64_t ticket) = 0;
};

/// A clock that stands still until it is told to move.
class settable_clock : public wall_clock {
public:
  [[nodiscard]] instant now() const override { return now_.load(); }
  void set(instant to) { now_.store(to); }

private:
  std::atomic<instant> now_{instant{}};
};

struct house_settings {
  std::size_t awake_tasks_max = 16'384;
  duration horizon = std::chrono::seconds{60};  ///< How far ahead timers are in memory.
  std::size_t delivery_slots = 1'024;
  std::size_t calls_per_host = 64;
  std::int64_t starts_per_host = 0;  ///< A second; 0: any number.
  std::size_t command_slots = 1'000;
  std::size_t ready_head_max = 20'000;  ///< Entries of one queue in memory.
  std::uint64_t server_epoch = 1;
  std::uint64_t seed = 0;      ///< Of token salts.
  duration sweep_interval{0};  ///< 0: ended tasks are kept, whatever the rules say.
  retention_rules keep;        ///< Of tasks whose schedule has no rules, and of those without one.
  bool api_commands = false;   ///< Pipelines may run commands.
  duration audit_keep_for{0};  ///< Records of changes; 0: for ever.
};

/// The keys of tasks that began lately, for all schedules. Any thread.
class dedupe_table : public dedupe_ledger {
public:
  std::optional<task_id> claim(const std::string& key, duration window, instant now,
                               const task_id& claimer) override;
  /// The claim was not saved, or has been read from the store.
  void give_back(const schedule_lifecycle::dedupe_claim& claim);
  void restore(const schedule_lifecycle::dedupe_claim& claim);

private:
  struct entry {
    task_id task;
    instant until;
  };
  void forget_old(instant now);

  std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
  std::size_t forget_at_ = 1'024;  ///< Size at which old entries are looked for.
};

inline constexpr std::size_t queue_actor_count = 16;

/// What every actor knows of its surroundings. Made before the actors and outlives them; after
/// spawn_house() nothing in it changes but the horizon.
struct house {
  house_settings settings;
  const wall_clock* time = nullptr;       ///< Not owned, as all below.
  settable_clock* manual_time = nullptr;  ///< The same clock, when it is the manual one.
  storage::commit_queue* writer = nullptr;
  storage::lookup_queue* lookups = nullptr;
  storage::lookup_queue* queries = nullptr;       ///< For what looks through all shards.
  storage::lookup_queue* housekeeping = nullptr;  ///< For jobs that may take their time.
  call_port* calls = nullptr;
  command_port* commands = nullptr;
  run_feed* runs = nullptr;
  const webhook_keys* webhooks = nullptr;
  /// Removes what these attempts printed, sooner or later. Any thread.
  std::function<void(std::vector<task_id> runs)> drop_logs;
  /// How long a job that nobody waits for lets others go first, after a piece that took so long.
  /// Any thread. Null: not at all.
  std::function<duration(duration worked)> rest_after;
  /// The end of what an attempt wrote to its standard output, at most so many bytes. Blocks on the
  /// disk. Any thread.
  std::function<std::string(const task_id& run, std::size_t bytes_max)> printed;
  const zone_source* zones = nullptr;
  /// Reads zones again that have changed, and names them. Null: they never change.
  std::function<std::vector<std::string>()> refresh_zones;
  id_generator* ids = nullptr;
  dedupe_table* dedupe = nullptr;
  key_gates* gates = nullptr;
  queue_book* queue_rules = nullptr;

  std::array<shard_actor, shard_count> shards;
  std::array<keeper_actor, shard_count> keepers;
  std::array<queue_actor, queue_actor_count> queues;
  clock_actor clock;
  dispatcher_actor dispatcher;
  delivery_actor commands_runner;
  delivery_actor services_runner;
  delivery_actor inner_runner;
  watchdog_actor watchdog;
  sweeper_actor sweeper;
  batches_actor batches;
  event_hub_actor events;  ///< Spoken to by publish() (actors/event_hub.hpp).
  bulk_actor bulk_jobs;

  /// Timers before this moment are in the clock's memory. It is published before the store is read
  /// up to it, and looked at after a commit is durable: so each timer is found by one of the two.
  std::atomic<instant> horizon{instant{}};

  /// Timers that the watchdog found lost and armed again.
  mutable std::atomic<std::uint64_t> timers_rearmed{0};
  /// Ended tasks that were removed since they were kept no longer.
  mutable std::atomic<std::uint64_t> tasks_swept{0};
  mutable batch_bell bell;
  alarm_actor alarms;
  mutable house_figures figures;
  mutable waiting_room waiting;
  mutable change_feed changes;
  mutable stat_counter stats;

  [[nodiscard]] const shard_actor& shard_for(const task_id& id) const {
    return shards[shard_of(id)];
  }
  [[nodiscard]] const keeper_actor& keeper_for(const schedule_id& id) const {
    return keepers[shard_of(id)];
  }
  /// The worker inside the server that carries the task's attempts out.
  [[nodiscard]] runner_actor runner_of(const task_spec& spec) const {
    if (is_inner(spec))
      return inner_runner;
    if (!spec.command)
      return dispatcher;
    return spec.cause == trigger_cause::service ? services_runner : commands_runner;
  }
  [[nodiscard]] const queue_actor& queue_for(std::string_view name) const {
    return queues[shard_of_name(name) % queue_actor_count];
  }
};

/// Spawns all actors into `home`, whose ports are set. At most once.
void spawn_house(caf::actor_system& system, house& home);

/// Ends all actors. What they were about to decide is decided after the next start.
void close_house(house& home);

/// What is to be done about a task once it is on disk: timers and offers. Gathers them of many
/// tasks, so that each actor gets one message.
class announcements {
public:
  explicit announcements(const house& home) : home_{home} {}

  void arm(const task_id& id, std::optional<instant> moment);
  void offer(const task& subject);
  /// A new task, made with a decision about another one.
  void born(const task_ptr& subject);
  /// Tells the task's schedule, if it has one and if that is its business.
  void tell_schedule(const task& subject, const index_facts& before);
  /// Tells of the end of a batch's child, when that may be the end of the batch.
  void tell_batch(const task& subject, const index_facts& before);
  /// For those who look on. `before` is null for a new task.
  void show(task_ptr before, task_ptr after, bool removed = false);
  /// The same for what was reported about a task, and for schedules.
  void report(const task& subject, const std::vector<task_news>& news);
  void show_schedule(const schedule* before, const schedule& after);
  /// What an attempt printed goes with it.
  void drop_log(const task& subject, int attempt);
  /// Sends all. Any thread.
  void send(const hold& until_decided);

private:
  const house& home_;
  std::vector<storage::due_moment> timers_;
  std::vector<std::pair<std::string, std::vector<ready_entry>>> offers_;
  std::vector<task_told> told_;
  struct shown {
    task_ptr before;
    task_ptr after;
    bool removed;
  };
  std::vector<shown> shown_;
  std::vector<change> changes_;
  std::vector<task_id> dropped_logs_;
  std::vector<task_id> ended_batches_;
};

/// Wakes what an earlier life of the server left behind: attempts that died with it, overdue
/// moments.
void resume_house(const house& home);

}  // namespace carillon
