#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/instant.hpp"
#include "model/local_command.hpp"
#include "model/retry_policy.hpp"
#include "model/task_id.hpp"
#include "model/trace_context.hpp"

namespace carillon {

// -- what was asked: never changes after creation -----------------------------

/// What is sent to a target. The numbers are on disk: append only.
enum class body_form : std::uint8_t {
  payload,  ///< The payload, as it is.
  text,     ///< The content of the payload, which is a JSON string.
  none,
};

/// How a delivery proves where it comes from. The numbers are on disk: append only.
enum class signature_form : std::uint8_t {
  standard,     ///< Standard Webhooks: webhook-signature.
  timestamped,  ///< The time and the signature in one header: X-Carillon-Signature.
};

/// Where a task is delivered: an address to call, or "group:NAME" (the addresses of a group) or
/// "event:TOPIC" (published).
struct http_target {
  std::string url;
  std::string method = "POST";
  std::vector<std::pair<std::string, std::string>> headers;
  body_form body = body_form::payload;
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
  notice,   ///< Somebody is told of an event in another task's life.
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

/// Names a part of a task that runs in steps.
struct part_id {
  std::uint32_t step = 0;  ///< Its place among the components, from 0.
  std::uint32_t item = 0;  ///< Of a step that fans out: which item, from 1. 0: the step as a whole.

  auto operator<=>(const part_id&) const = default;
};

/// Who waits for a task: the one that made it.
struct parent_link {
  task_id task;
  part_id part;      ///< That this task does.
  std::string name;  ///< Of the part, the same in every attempt: "resize", "resize[3]".

  bool operator==(const parent_link&) const = default;
};

/// What its owner is told about. The numbers are bits on disk: append only.
enum class notice : std::uint8_t {
  queued,
  processing,
  completed,
  failed,
  expired,
  canceled,
  group_first_failed,
  group_all_completed,
  group_all_failed,
  group_partial_completion,
};
inline constexpr std::size_t notice_count = 10;

/// Addresses that are told of events in a task's life.
struct notice_rules {
  std::vector<std::string> urls;  ///< Empty: nobody is told.
  std::uint32_t events = 0;       ///< A bit for each notice.

  [[nodiscard]] bool wants(notice what) const {
    return !urls.empty() && (events >> static_cast<unsigned>(what) & 1U) != 0;
  }
  bool operator==(const notice_rules&) const = default;
};

/// A task's place in the batch that it is a child of.
struct batch_place {
  task_id batch;
  std::uint32_t number;  ///< From 0, each once: the line that asked for it.

  bool operator==(const batch_place&) const = default;
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
  /// JSON of the event that caused it, if the payload is not that: event_of().
  std::string event = {};
  std::optional<moment_range> stands_for = {};
  int instance = 0;  ///< cause service: which copy, from 0.
  std::optional<parent_link> parent = {};
  notice_rules notices = {};
  std::optional<batch_place> batch = {};
  /// Nobody named the timeout: it bounds the call, and no wait for a callback.
  bool has_default_timeout = false;
  trace_link trace = {};  ///< Of whoever asked for it.
  /// The agent or token that asked for it, or for its schedule; empty: the operator, or unknown.
  std::string created_by = {};

  bool operator==(const task_spec&) const = default;
};

/// JSON of the event that caused the task; empty without one.
inline std::string_view event_of(const task_spec& spec) {
  const bool is_payload = spec.event.empty() && spec.cause == trigger_cause::event;
  return is_payload ? spec.payload : spec.event;
}

}  // namespace carillon
