#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/recurrence.hpp"
#include "model/task.hpp"

namespace carillon {

// -- what was asked: changes only by an edit -----------------------------------

/// What each task of the schedule is made from.
struct task_template {
  std::string task_type;
  std::optional<http_target> target;
  bool runs_pipeline = false;
  command_ref command;           ///< Run on this machine.
  std::string payload = "null";  ///< JSON.
  std::vector<std::string> tags;
  std::vector<std::string> components;
  int priority = priority_default;
  retry_policy retry;
  duration timeout{0};
  std::optional<duration> expires_after;  ///< From the planned time on.
  key_limit limit;
  notice_rules notices = {};
  bool has_default_timeout = false;  ///< As in task_spec.

  bool operator==(const task_template&) const = default;
};

/// What becomes of moments that nobody was there for. The numbers are on disk: append only.
enum class catch_up_policy : std::uint8_t { latest, all, skip };
struct catch_up_rules {
  catch_up_policy policy = catch_up_policy::latest;
  std::optional<duration> window;  ///< Older moments are not caught up; empty: any age.
  int limit = 100;                 ///< At most so many, the newest.

  bool operator==(const catch_up_rules&) const = default;
};

/// What becomes of a moment while `parallelism` tasks are open. The numbers are on disk.
enum class overlap_policy : std::uint8_t { queue, skip, terminate, allow };
struct overlap_rules {
  overlap_policy policy = overlap_policy::queue;
  int parallelism = 1;
  int queue_limit = 100;

  bool operator==(const overlap_rules&) const = default;
};

/// When an instance of a service that ended is started again, and a job that failed. The numbers
/// are on disk: append only.
enum class restart_policy : std::uint8_t { never, always, on_failure };

/// Copies of a command that are always on. A run of at least restart_reset forgets the failures
/// before it.
struct service_rules {
  int instances = 1;
  restart_policy restart = restart_policy::always;
  retry_policy waits = {0, backoff_kind::exponential, std::chrono::seconds{1},
                        std::chrono::seconds{60}};  ///< Its retries_max is not used.

  bool operator==(const service_rules&) const = default;
};

/// How long ended tasks are kept: one goes if either rule says so.
struct retention_rules {
  std::optional<std::int64_t> runs;  ///< The newest so many.
  std::optional<duration> age;       ///< Since they were made.

  [[nodiscard]] bool empty() const { return !runs && !age; }
  bool operator==(const retention_rules&) const = default;
};

/// What the operator's file says of a definition beyond its rules.
struct file_facts {
  std::string group;
  bool api_trigger = true;  ///< People may start it.
  /// Of a job: how it is started again when it fails; then it has no other retries.
  restart_policy restart = restart_policy::never;

  bool operator==(const file_facts&) const = default;
};

struct schedule_spec {
  std::string name;
  std::string description;
  std::string created_by;  ///< UUID of an agent, or empty.
  schedule_kind kind = schedule_kind::cron;
  std::string expr;  ///< See recurrence_spec.
  std::string timezone = "UTC";
  dst_rules dst;
  std::optional<instant> start_at;  ///< Inclusive.
  std::optional<instant> end_at;    ///< Inclusive.
  duration jitter{0};  ///< Every moment is later by an amount of the schedule's own, 0 to this.
  duration lead{0};    ///< Tasks are made so long before their time.
  catch_up_rules catch_up;
  overlap_rules overlap;
  std::string dedupe_key;     ///< Empty: the schedule's own id.
  duration dedupe_window{0};  ///< 0: no deduplication.
  task_template work;
  service_rules service;                ///< kind service.
  retention_rules keep;                 ///< Of its tasks.
  std::optional<file_facts> file = {};  ///< Defined by the operator's file, and only changed there.

  bool operator==(const schedule_spec&) const = default;
};

// -- what happened so far -----------------------------------------------------

/// The numbers are on disk and in indexes: append only.
enum class schedule_status : std::uint8_t { active, paused, ended, canceled, deleted };
inline constexpr std::size_t schedule_status_count = 5;

/// One copy of a service.
struct service_slot {
  std::optional<instant> start_at =
      {};                    ///< It is to be started then, or when the one before has ended.
  int failures = 0;          ///< Runs in a row that were shorter than restart_reset.
  bool is_done = false;      ///< It has ended, and its policy lets it be.
  bool is_replaced = false;  ///< A rolling restart is yet to come by.

  bool operator==(const service_slot&) const = default;
};

struct schedule {
  schedule_id id;
  std::shared_ptr<const schedule_spec> spec;  ///< Never null.
  schedule_status status = schedule_status::active;
  instant created_at;
  instant updated_at;  ///< Of the last request that changed it.

  /// The last moment it has answered for: each up to here has its record.
  instant cursor;
  /// Moments behind the cursor that have a record nevertheless: they were made ahead, and an edit
  /// moved the cursor back. In rising order.
  std::vector<instant> answered;
  /// Of an rrule with COUNT: the last moment, counted once.
  std::optional<local_seconds> counted_last;

  std::int64_t execution_count = 0;          ///< Tasks that ran or will; no skipped moments.
  std::optional<instant> last_execution_at;  ///< Planned time of the last of them.
  std::optional<instant> paused_at;          ///< Set while paused.

  /// The next moment that will run, made ahead or not; empty when none is known to come.
  std::optional<instant> next_at;
  /// When the schedule must be woken, whatever happens.
  std::optional<instant> wake_at;

  std::vector<service_slot> slots;  ///< kind service: by instance.
};

using schedule_ptr = std::shared_ptr<const schedule>;

/// A task of the schedule that has not ended.
struct open_task {
  task_id id;
  task_status status = task_status::scheduled;
  bool is_held = false;
  instant due;       ///< While scheduled: when it is due.
  instant planned;   ///< The moment it stands for.
  int instance = 0;  ///< kind service: which copy.
  /// What it was told to do and has not confirmed yet. Only in memory: after a crash it is told
  /// again.
  std::optional<admission> ordered = {};
  /// It was due then before it was told to move, which it may not have heard. Only in memory.
  std::optional<instant> moved_from = {};

  bool operator==(const open_task&) const = default;
};

// -- limits -------------------------------------------------------------------

inline constexpr duration missed_grace = std::chrono::minutes{1};
inline constexpr duration late_min = std::chrono::seconds{10};
inline constexpr duration snooze_max = std::chrono::hours{24 * 7};
inline constexpr duration lead_max = std::chrono::hours{24};
inline constexpr duration jitter_max = std::chrono::hours{24};
inline constexpr duration restart_reset = std::chrono::seconds{60};
inline constexpr int instances_max = 64;
inline constexpr int parallelism_max = 1'000;
inline constexpr int queue_limit_max = 10'000;
inline constexpr int catch_up_limit_max = 10'000;
inline constexpr std::int64_t backfill_max = 10'000;

// -- facts that follow from a schedule ------------------------------------------

recurrence_spec recurrence_spec_of(const schedule& subject);

/// The rule between start_at and end_at, with the jitter of this schedule: what fires, and so what
/// previews show.
class moments {
public:
  moments(const schedule& subject, recurrence rule);

  [[nodiscard]] std::optional<moment> next(instant after) const;
  [[nodiscard]] std::optional<moment> previous(instant before) const;

private:
  recurrence rule_;
  std::optional<instant> start_;
  std::optional<instant> end_;
  duration offset_;
};

/// The next moments that run, strictly after `from`, at most `limit`: preview.
std::vector<instant> upcoming(const moments& all, instant from, std::size_t limit);

/// A moment has passed and is still to be answered: its timer may be lost.
bool is_late(const schedule& subject, instant now);

std::string_view to_string(schedule_status status);
std::string_view to_string(restart_policy policy);
std::string_view to_string(catch_up_policy policy);
std::optional<catch_up_policy> parse_catch_up_policy(std::string_view word);
std::string_view to_string(overlap_policy policy);
std::optional<overlap_policy> parse_overlap_policy(std::string_view word);

}  // namespace carillon
