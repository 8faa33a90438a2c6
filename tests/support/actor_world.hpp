#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "actors/requests.hpp"
#include "model/task_lifecycle.hpp"
#include "model/topic_event.hpp"
#include "storage/bulk_record.hpp"
#include "storage/event_store.hpp"
#include "storage/memory_engine.hpp"
#include "storage/task_store.hpp"

namespace carillon {
struct house;
}

namespace carillon::test {

/// What came back for a question; empty until it is answered.
template <class T>
using slot = std::shared_ptr<std::optional<expected<T>>>;

/// The good answer in a slot; null when there is none, or a problem.
template <class T>
const T* good(const slot<T>& where) {
  return *where && (*where)->has_value() ? &**(*where) : nullptr;
}

/// A call that the delivery runner made.
struct made_call {
  task_id id;
  int attempt;
  instant at;
  std::uint64_t ticket;
  bool ended = false;
  std::string url = {};
  std::string body = {};
  std::string key = {};  ///< Idempotency-Key
};

/// A command that a runner started.
struct started_command {
  task_id run;
  std::string name;
  int instance;
  std::uint64_t ticket;
  bool stopped = false;  ///< It was told to end.
  bool ended = false;
};

struct world_settings {
  bool manual_clock = false;  ///< Time moves by advance_manual() and start_advance() alone.
  instant begins = *parse_instant("2030-01-01T00:00:00Z");
  std::size_t delivery_slots = 32;
  std::size_t calls_per_host = 64;
  std::int64_t starts_per_host = 0;
  duration sweep_interval{0};    ///< 0: nothing is removed, whatever the rules say.
  retention_rules keep = {};     ///< By default.
  bool settles_at_start = true;  ///< Each life first does what the one before left to do.
};

/// All actors of a server on CAF's test scheduler: a clock that the test moves, a disk in memory
/// that fails on command, calls that the test answers. What runs when is drawn from a seed: the
/// same seed, the same day.
class actor_world {
public:
  explicit actor_world(std::uint64_t seed = 1, bool manual_clock = false)
      : actor_world{seed, world_settings{.manual_clock = manual_clock}} {}
  actor_world(std::uint64_t seed, const world_settings& settings);
  ~actor_world();

  // -- what a client does --------------------------------------------------------
  slot<created_task> create(task_spec spec);
  slot<task_ptr> ask(const task_id& id, task_event what);
  slot<std::vector<task_ptr>> lease(const std::string& queue, std::size_t max, duration lease,
                                    duration wait = duration{0});

  /// Problems of the rule are located at "expr" and "timezone".
  slot<storage::bulk_row> start_bulk(bulk_action action, storage::task_filter filter = {});
  slot<storage::bulk_row> ask_bulk(const task_id& job, bulk_request what);
  slot<queue_settings> change_queue(const std::string& queue, const queue_change& change);

  slot<schedule_ptr> create_schedule(schedule_spec spec, bool enabled = true);
  slot<schedule_outcome> ask_schedule(const schedule_id& id,
                                      std::variant<schedule_change, schedule_patch> what);
  slot<published_event> publish(new_event what);

  // -- what the world does -------------------------------------------------------
  /// Runs until nothing is left to do now.
  void settle();
  /// Runs a part of what is to do now; false when nothing is.
  bool run_a_round();
  /// Runs a random part of what is to do now.
  void stir();
  void advance(duration step);
  void advance_manual(duration step);
  /// The manual clock is asked to go there, as far as settle(), run_a_round() or stir() let it.
  slot<instant> start_advance(instant to);
  /// A manual clock stands still, and what waits for real time goes on.
  void wait(duration real_time);
  /// The same, and what follows from it is yet to run.
  void begin_wait(duration real_time);
  /// Everything in memory is gone; what was committed stays. Then, when `downtime` has passed, the
  /// next life begins.
  void kill_and_restart(duration downtime = duration{0});
  void fail_commits(storage::commit_status how, int times);

  [[nodiscard]] instant now() const;
  [[nodiscard]] std::vector<made_call>& calls() { return calls_; }
  /// Status 0: the host failed. 202: the target will call back.
  void answer_call(std::size_t which, int status, std::string error = {},
                   std::string retry_after = {}, std::string body = {});
  [[nodiscard]] std::vector<started_command>& commands() { return commands_; }
  void end_command(std::size_t which, int exit_code);
  [[nodiscard]] std::vector<host_facts> hosts();
  void reset_host(const std::string& host);
  /// The server stops: no more deliveries.
  slot<bool> stop_deliveries();
  /// Hears of each call as it begins. It may look at the world and answer later.
  std::function<void(std::size_t which)> on_call;

  /// Changes the store and tells no actor.
  void write_behind(const storage::change_set& changes);

  // -- what is to be seen --------------------------------------------------------
  struct insides {
    const house& home;
    const storage::engine& engine;
  };
  /// Of this life: for files that speak to actors and read the store by themselves.
  [[nodiscard]] insides look_inside() const;
  [[nodiscard]] std::optional<task> stored(const task_id& id) const;
  [[nodiscard]] std::vector<task> all_stored() const;
  [[nodiscard]] std::uint64_t timers_rearmed() const;
  [[nodiscard]] std::uint64_t tasks_swept() const;
  [[nodiscard]] std::optional<schedule> stored_schedule(const schedule_id& id) const;
  [[nodiscard]] std::vector<schedule> all_schedules() const;
  [[nodiscard]] std::vector<open_task> open_tasks(const schedule_id& id) const;
  [[nodiscard]] std::vector<storage::event_row> events() const;  ///< Newest first.
  [[nodiscard]] std::int64_t counted(task_status status) const;
  [[nodiscard]] std::vector<std::string> keys_in_use() const;
  [[nodiscard]] std::optional<storage::bulk_row> stored_bulk(const task_id& job) const;
  [[nodiscard]] queue_facts stored_queue(const std::string& queue) const;
  [[nodiscard]] std::size_t actors_running() const;
  [[nodiscard]] std::mt19937_64& random() { return random_; }

private:
  struct life;
  void begin_life();

  std::mt19937_64 random_;
  std::shared_ptr<storage::memory_disk> disk_ = std::make_shared<storage::memory_disk>();
  std::vector<made_call> calls_;
  std::vector<started_command> commands_;
  std::uint64_t epoch_ = 0;
  world_settings settings_;
  instant now_;  ///< Of a clock that is not manual.
  std::unique_ptr<id_generator> ids_;
  std::unique_ptr<life> life_;
};

/// A pull task of queue "q" / a task that is delivered, due at `when`.
task_spec pull_task(instant when);
task_spec delivered_task(instant when, int retries = 0);

}  // namespace carillon::test
