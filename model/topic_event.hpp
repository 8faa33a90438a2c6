#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/task.hpp"

namespace carillon {

/// What is published: it is told to everybody who listens to its topic at that time, once.
struct new_event {
  std::string topic;
  std::string payload = "null";  ///< JSON.
  std::string id = {};           ///< The publisher's; empty: it is given one.
  std::string source = {};       ///< Who says so, in words; may be empty.
  trace_link trace = {};
};

/// An event that was published.
struct topic_event {
  task_id id;        ///< Ours: lists are ordered by it.
  std::string name;  ///< The publisher's id; empty: it goes by our own.
  std::string topic;
  std::string payload;  ///< JSON.
  std::string source;
  instant at;
  std::string digest;  ///< Of what was published: the same id with another one is another event.
  trace_link trace = {};
};
using topic_event_ptr = std::shared_ptr<const topic_event>;

/// How the world calls the event.
std::string name_of(const topic_event& subject);

/// An id that was published with is taken for so long, and events are shown for so long.
inline constexpr duration event_memory = std::chrono::hours{24};

/// Who listens: a schedule that makes a task, or a task that waits for the event. The numbers are
/// on disk: append only.
enum class listener_kind : std::uint8_t { schedule, task };
struct event_listener {
  listener_kind kind = listener_kind::schedule;
  task_id id;

  bool operator==(const event_listener&) const = default;
};

/// What an event led to at one listener. A task that waited is only told.
struct listener_told {
  event_listener listener;
  std::optional<task_id> task = {};     ///< That it made, be it one that does not run.
  std::optional<end_reason> skip = {};  ///< Why that task does not run.

  /// It runs something because of the event.
  [[nodiscard]] bool is_triggered() const { return task && !skip; }

  bool operator==(const listener_told&) const = default;
};
using told_ptr = std::shared_ptr<const std::vector<listener_told>>;

/// The answer to a publication, and what is known of it later.
struct published_event {
  topic_event_ptr subject;
  told_ptr told = {};      ///< In the order of listeners; null while it is being told.
  bool is_repeat = false;  ///< It was published before, and nothing was done now.
};

}  // namespace carillon
