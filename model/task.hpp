#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/task_spec.hpp"

namespace carillon {

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
inline constexpr std::size_t end_reason_count = 19;

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
  steps,       ///< Nobody holds it: what it waits for is in its record, and outlives the server.
  callback,    ///< Its target, which took it over and will call back. Outlives the server.
};

/// A task that was made for a part of this one, and has not ended as far as is known here.
struct open_child {
  task_id id;
  part_id part;
  bool operator==(const open_child&) const = default;
};

/// What an attempt that runs in steps waits for. Nothing at all: it goes on at once.
struct step_wait {
  std::vector<open_child> children = {};
  std::optional<instant> until = {};  ///< A pause of a step, or the end of its patience.
  std::string topic = {};             ///< An event with this topic ends the wait.
  std::string match = {};             ///< JMESPath that the event must satisfy, or empty.
  int tries = 0;                      ///< Of the step under way, that have failed.
  std::string failure = {};           ///< The step has failed; it ends when its children have.
  task_id heard = {};                 ///< The last event that ended a wait of this attempt.
  bool operator==(const step_wait&) const = default;
};

/// An attempt, the last of the task's, is under way.
struct processing {
  runner_kind runner;
  std::uint64_t token = 0;                  ///< Fences the runner: rises with every attempt.
  std::optional<instant> lease_until = {};  ///< runner lease: when it is lost.
  std::uint64_t server_epoch = 0;  ///< runner delivery, command: which life of the server runs it.
  /// runner command, steps: it was told to end for this reason, and has not ended yet.
  std::optional<end_reason> stopping = {};
  step_wait waits = {};  ///< runner steps.
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
enum class component_status : std::uint8_t { declared, started, completed, failed, skipped };

/// A part of a task that reports for itself.
struct component {
  std::string name;
  component_status status = component_status::declared;
  std::optional<instant> started_at = {};
  std::optional<instant> finished_at = {};
  std::optional<double> progress = {};  ///< Percent.
  std::string error = {};               ///< For a person; empty unless it failed.

  bool operator==(const component&) const = default;
};

/// What a part of a task was given and gave. A row of its own: it is written when it changes, not
/// whenever the task does.
struct part_data {
  std::string input;   ///< JSON, or empty.
  std::string output;  ///< JSON; empty until the part has ended well.

  bool operator==(const part_data&) const = default;
};
using task_parts = std::map<part_id, std::shared_ptr<const part_data>>;

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

struct pipeline_plan;
struct item_source;

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
  task_parts parts = {};         ///< Of one that runs in steps.
  std::uint32_t children_made = 0;
  /// The steps of its payload, once somebody has read them. Follows from the spec.
  std::shared_ptr<const pipeline_plan> plan = {};
  /// The same of the step that fans out. Follows from the parts.
  std::shared_ptr<const item_source> items = {};
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

/// "group:NAME" and "event:TOPIC": what stands behind the colon. Empty for any other target.
std::string_view group_of(const task_spec& spec);
std::string_view topic_of(const task_spec& spec);
/// Whether its attempts are made of parts that other tasks do, and wait without being held.
bool runs_in_steps(const task_spec& spec);
/// Whether it needs nothing from outside the server.
bool is_inner(const task_spec& spec);
/// Whether a list of tasks shows it only when it shows all: it is a part of another task's work.
bool is_errand(const task_spec& spec);

/// The queues whose worker is the server itself: of commands, of services, of what is_inner(), and
/// one for each host that tasks are delivered to. No task type is empty or begins with a control
/// character.
inline constexpr std::string_view command_queue{"\x01"};
inline constexpr std::string_view service_queue{"\x02"};
inline constexpr std::string_view inner_queue{"\x03"};
inline constexpr std::string_view host_queues{"\x04"};  ///< What their names begin with.
/// Where all deliveries and pipelines waited in stores of earlier versions.
inline constexpr std::string_view former_delivery_queue{};
constexpr bool is_host_queue(std::string_view name) {
  return name.starts_with(host_queues);
}
constexpr bool is_own_queue(std::string_view name) {
  return name == former_delivery_queue || name == command_queue || name == service_queue
         || name == inner_queue || is_host_queue(name);
}
/// The queue of a host as host_and_port() names it, and back.
std::string queue_of_host(std::string_view host);
constexpr std::string_view host_of_queue(std::string_view queue) {
  return queue.substr(host_queues.size());
}
/// The queue in which the task waits when it is due.
std::string queue_of(const task_spec& spec);

/// A waiting task ages up one step of priority in this time, so that nothing starves.
inline constexpr duration ageing_step = std::chrono::minutes{1};
/// Waiting tasks are granted in rising rank: priority and age in one number.
instant rank_of(const task_spec& spec, instant since);

/// When a task is or was due: its planned time unless it was snoozed.
instant due_at(const task& subject);

/// What the indexes say of a task. They follow from it and from nothing else.
struct index_facts {
  task_status status;
  std::optional<instant> next_moment;     ///< When it must be woken, whatever happens.
  std::optional<instant> ready_rank;      ///< Set while it waits in its queue.
  bool is_held = false;                   ///< Waits for its schedule.
  bool holds_key = false;                 ///< Counts against its key's concurrency.
  std::string topic = {};                 ///< Set while it waits for an event.
  std::optional<end_reason> reason = {};  ///< Once it has ended.
  std::optional<instant> ended_at = {};   ///< The same.

  bool operator==(const index_facts&) const = default;
};
index_facts facts_of(const task& subject);

/// The milestones of its life, as they follow from its record, in time order.
std::vector<task_news> milestones_of(const task& subject);

std::string_view to_string(task_status status);
std::optional<task_status> parse_task_status(std::string_view word);
std::string_view to_string(end_reason reason);
std::optional<end_reason> parse_end_reason(std::string_view word);
std::string_view to_string(attempt_outcome outcome);
std::string_view to_string(component_status status);
std::string_view to_string(trigger_cause cause);
std::string_view to_string(signature_form form);
std::optional<signature_form> parse_signature_form(std::string_view word);

}  // namespace carillon
