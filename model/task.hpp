#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/instant.hpp"
#include "model/local_command.hpp"
#include "model/retry_policy.hpp"
#include "model/task_id.hpp"

namespace carillon {

// -- what was asked: never changes after creation -----------------------------

/// How a delivery proves where it comes from. The numbers are on disk: append only.
enum class signature_form : std::uint8_t {
  standard,     ///< Standard Webhooks: webhook-signature.
  timestamped,  ///< The time and the signature in one header: X-Carillon-Signature.
};

/// Where a task is delivered by HTTP.
struct http_target {
  std::string url;
  std::string method = "POST";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string secret = {};  ///< The name of the secrets that sign; empty: the default, if any.
  signature_form signature = signature_form::standard;

  bool operator==(const http_target&) const = default;
};

/// What made the task.
enum class trigger_cause : std::uint8_t {
  schedule,
  api,
  event,
  catch_up,
  backfill,
  parent,
  service,  ///< An instance of a service is to be on.
};

inline constexpr int priority_default = 5;  ///< 1 runs first, 9 last.

/// A limit that all tasks with the key share, whatever made them.
struct key_limit {
  std::string key;      ///< Empty: no limit.
  int concurrency = 1;  ///< At most so many are processing at once; 0 is any number.
  int rate = 0;         ///< At most so many starts a period, evenly spread; 0 is any number.
  duration period{0};

  bool operator==(const key_limit&) const = default;
};

/// A record that stands for several moments, from scheduled_for on.
struct moment_range {
  instant last;
  std::int64_t count;

  bool operator==(const moment_range&) const = default;
};

struct task_spec {
  std::string task_type;  ///< Names the queue of a pull task; may be empty with a target.
  std::optional<http_target> target;  ///< Called by this server.
  bool runs_pipeline = false;    ///< The steps in the payload's "pipeline" are run by this server.
  command_ref command;           ///< Run on this machine, by this server.
  std::string payload = "null";  ///< JSON, byte for byte as it came.
  instant created_at;
  instant scheduled_for;              ///< The planned time.
  std::optional<instant> expires_at;  ///< Not started by then: it never is.
  std::string unique_id;              ///< Empty, or names the only task that has it.
  std::vector<std::string> tags;
  std::vector<std::string> components;  ///< Who must report before the task is completed.
  int priority = priority_default;
  retry_policy retry;
  duration timeout{0};  ///< Of one attempt; 0 is none.
  trigger_cause cause = trigger_cause::api;
  key_limit limit = {};
  std::optional<schedule_id> schedule = {};  ///< What made it.
  std::string event = {};                    ///< JSON of the event that caused it, or empty.
  std::optional<moment_range> stands_for = {};
  int instance = 0;  ///< cause service: which copy, from 0.
  /// Nobody named the timeout: it bounds the call, and no wait for a callback.
  bool has_default_timeout = false;

  bool operator==(const task_spec&) const = default;
};

// -- states: a field exists only in the states in which it means something ----

/// Names of the states on disk and in indexes: never reuse a number.
enum class task_status : std::uint8_t {
  scheduled = 0,
  queued = 1,
  processing = 2,
  retrying = 3,
  completed = 4,
  failed = 5,
  canceled = 6,
  expired = 7,
  skipped = 8,
};
inline constexpr std::size_t task_status_count = 9;

/// Why a task ended. The numbers are on disk: append only.
enum class end_reason : std::uint8_t {
  success,
  error,
  timeout,
  crashed,
  log_overflow,
  start_failed,
  lease_lost,
  canceled,
  stopped,
  replaced,
  expired,
  overlap,
  queue_full,
  missed,
  dst_repeat,
  deduplicated,
  blackout,
  paused,
  server_stopped,
};

/// Waits for its time.
struct scheduled {
  std::optional<instant> moved_to = {};  ///< Snoozed: due then instead of at scheduled_for.
  bool operator==(const scheduled&) const = default;
};

/// Due; waits for a slot or a worker.
struct queued {
  instant since;
  bool held = false;  ///< Another task of its schedule is open: it is not offered until admitted.
  bool operator==(const queued&) const = default;
};

/// Who carries an attempt out.
enum class runner_kind : std::uint8_t {
  delivery,    ///< This server, by HTTP. Ends with the server's life.
  lease,       ///< An outside worker, as long as its lease lasts.
  components,  ///< Nobody holds it: components report by themselves.
  command,     ///< This server, as a process. Ends with the server's life, and is not repeated.
  callback,    ///< Its target, which took it over and will call back. Outlives the server.
};

/// An attempt, the last of the task's, is under way.
struct processing {
  runner_kind runner;
  std::uint64_t token = 0;                  ///< Fences the runner: rises with every attempt.
  std::optional<instant> lease_until = {};  ///< runner lease: when it is lost.
  std::uint64_t server_epoch = 0;  ///< runner delivery, command: which life of the server runs it.
  /// runner command: it was told to end for this reason, and has not ended yet.
  std::optional<end_reason> stopping = {};
  bool operator==(const processing&) const = default;
};

/// An attempt failed; the next one waits for its time.
struct retrying {
  instant due_at;
  bool operator==(const retrying&) const = default;
};

/// completed, failed, canceled, expired or skipped.
struct ended {
  task_status status;
  end_reason reason;
  instant at;
  std::optional<task_id> because_of = {};  ///< deduplicated: the task that ran instead.
  bool operator==(const ended&) const = default;
};

using task_state = std::variant<scheduled, queued, processing, retrying, ended>;

// -- what happened so far -----------------------------------------------------

/// How an attempt ended. The numbers are on disk: append only.
enum class attempt_outcome : std::uint8_t {
  running,
  success,
  error,
  timeout,
  crashed,
  lease_lost,
  released,
  canceled,
  log_overflow,
  start_failed,
};

struct attempt {
  int number;  ///< From 1.
  instant started_at;
  std::optional<instant> finished_at = {};
  attempt_outcome outcome = attempt_outcome::running;
  std::string error = {};             ///< For a person; empty unless it failed.
  std::string worker = {};            ///< The leaseholder's name.
  int http_status = 0;                ///< 0: no HTTP answer.
  std::string answer = {};            ///< The first bytes of the target's answer.
  std::optional<int> exit_code = {};  ///< Of a command, as a shell tells it.
  int signal = 0;                     ///< That ended the command; 0: none.
  bool answer_cut = false;            ///< The target's answer was longer than what is kept.

  bool operator==(const attempt&) const = default;
};

/// The numbers are on disk: append only.
enum class component_status : std::uint8_t { declared, started, completed, failed };

/// A part of a task that reports for itself.
struct component {
  std::string name;
  component_status status = component_status::declared;
  std::optional<instant> started_at = {};
  std::optional<instant> finished_at = {};
  std::optional<double> progress = {};  ///< Percent.

  bool operator==(const component&) const = default;
};

/// Something that was reported about a task, or a milestone of its life.
struct task_news {
  instant time;
  std::string type;       ///< "started", "progress", "completed", "failed", "log", ...
  std::string component;  ///< Empty: the task itself.
  std::string message;
  std::optional<double> progress = {};

  bool operator==(const task_news&) const = default;
};

/// What a schedule makes of a task whose time has come.
enum class admission {
  run,
  wait,  ///< It waits until another one of the schedule has ended.
  skip,
};

struct task {
  task_id id;
  std::shared_ptr<const task_spec> spec;  ///< Never null.
  task_state state;
  std::optional<instant> triggered_at = {};  ///< When it first left `scheduled` to run.
  std::vector<attempt> attempts = {};        ///< The newest attempts_kept_max.
  std::vector<component> components = {};
  int retries_used = 0;
  int crashes = 0;
  int leases_lost = 0;
  std::string result = {};       ///< JSON that the worker gave, or empty.
  std::uint32_t news_count = 0;  ///< How many task_news rows are stored beside it.
};

using task_ptr = std::shared_ptr<const task>;

// -- limits -------------------------------------------------------------------

inline constexpr std::size_t attempts_kept_max = 1'200;  // more than retries_max_limit
inline constexpr std::size_t components_max = 1'000;
inline constexpr int crashes_max = 3;        ///< Then the task has failed: it may be what kills us.
inline constexpr int leases_lost_free = 10;  ///< Lost leases that cost no retry.
inline constexpr int exit_code_crashed = -2;  ///< Of a command that ended with the server.
/// How long a target has to call back when nobody named a timeout.
inline constexpr duration callback_wait_default = std::chrono::hours{24};

// -- facts that follow from a task --------------------------------------------

task_status status_of(const task& subject);
bool has_ended(const task& subject);
/// When the task ended; empty while it has not.
std::optional<instant> finished_at(const task& subject);

/// When the attempt under way has lasted its timeout; empty when there is none.
std::optional<instant> attempt_deadline(const task& subject, const processing& state);

/// The queues whose worker is the server itself: of tasks with a target or a pipeline, of commands,
/// and of services. No task type is empty or begins with a control character.
inline constexpr std::string_view delivery_queue{};
inline constexpr std::string_view command_queue{"\x01"};
inline constexpr std::string_view service_queue{"\x02"};
constexpr bool is_own_queue(std::string_view name) {
  return name == delivery_queue || name == command_queue || name == service_queue;
}
/// The queue in which the task waits when it is due.
std::string_view queue_of(const task_spec& spec);

/// A waiting task ages up one step of priority in this time, so that nothing starves.
inline constexpr duration ageing_step = std::chrono::minutes{1};
/// Waiting tasks are granted in rising rank: priority and age in one number.
instant rank_of(const task_spec& spec, instant since);

/// When a task is or was due: its planned time unless it was snoozed.
instant due_at(const task& subject);

/// What the indexes say of a task. They follow from it and from nothing else.
struct index_facts {
  task_status status;
  std::optional<instant> next_moment;  ///< When it must be woken, whatever happens.
  std::optional<instant> ready_rank;   ///< Set while it waits in its queue.
  bool is_held = false;                ///< Waits for its schedule.
  bool holds_key = false;              ///< Counts against its key's concurrency.

  bool operator==(const index_facts&) const = default;
};
index_facts facts_of(const task& subject);

/// The milestones of its life, as they follow from its record, in time order.
std::vector<task_news> milestones_of(const task& subject);

std::string_view to_string(task_status status);
std::optional<task_status> parse_task_status(std::string_view word);
std::string_view to_string(end_reason reason);
std::string_view to_string(attempt_outcome outcome);
std::string_view to_string(component_status status);
std::string_view to_string(trigger_cause cause);
std::string_view to_string(signature_form form);
std::optional<signature_form> parse_signature_form(std::string_view word);

}  // namespace carillon
