#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/task.hpp"

namespace carillon {

/// The identity of a batch has the form of a task's.
using batch_id = task_id;

inline constexpr std::uint32_t batch_children_max = 1'000'000;

/// What the header of a batch asked for. Never changes.
struct batch_spec {
  std::string name;
  std::string idempotency_key;           ///< Empty, or names the only batch that has it.
  std::vector<http_target> on_complete;  ///< Each is called when the batch has ended.
  duration call_timeout{0};              ///< Of one such call.
  std::string metadata = "null";         ///< JSON, byte for byte as it came.
  instant created_at;

  bool operator==(const batch_spec&) const = default;
};

enum class batch_status {
  open,       ///< More children may come.
  running,    ///< Sealed; some children have not ended.
  completed,  ///< All have ended, however they did.
  canceled,   ///< Somebody canceled it; finished_at tells when the last child had ended.
};
std::string_view to_string(batch_status status);

/// What is being done to all children of a kind. The numbers are on disk: append only.
enum class batch_pass_kind : std::uint8_t { cancel = 1, retry_failed = 2 };

/// A walk over the children by rising number, so that each meets it once.
struct batch_pass {
  batch_pass_kind kind;
  std::uint32_t next = 0;  ///< Those before it are done.

  bool operator==(const batch_pass&) const = default;
};

struct batch {
  batch_id id;
  std::shared_ptr<const batch_spec> spec;  ///< Never null.
  std::optional<instant> sealed_at = {};   ///< From then on no child is added.
  std::optional<instant> canceled_at = {};
  std::optional<instant> finished_at = {};  ///< Sealed, and no child was open.
  std::optional<batch_pass> pass = {};      ///< Under way; it has not finished then.
  int completions = 0;                      ///< How often it has finished.
  bool is_event_due = false;                ///< The event of the last one may not be published.
  std::vector<task_id> notices = {};        ///< The calls of on_complete, of the last one.

  bool operator==(const batch&) const = default;
};

batch_status status_of(const batch& subject);

/// What became of the children, those included that are kept no longer.
struct batch_counts {
  std::array<std::int64_t, task_status_count> by_status{};
  std::array<std::int64_t, task_status_count> removed{};  ///< Of these, how many are gone.

  [[nodiscard]] std::int64_t of(task_status status) const {
    return by_status[static_cast<std::size_t>(status)];
  }
  [[nodiscard]] std::int64_t total() const;
  [[nodiscard]] std::int64_t done() const;  ///< Have ended.
  [[nodiscard]] std::int64_t open() const { return total() - done(); }
  [[nodiscard]] std::int64_t kept() const;  ///< Not removed.
  [[nodiscard]] std::int64_t kept(task_status status) const {
    return of(status) - removed[static_cast<std::size_t>(status)];
  }

  bool operator==(const batch_counts&) const = default;
};

/// A batch with its counts.
struct batch_view {
  batch subject;
  batch_counts counts;
};

/// "batch_" and the UUID.
std::string to_batch_text(const batch_id& id);
/// With or without the prefix.
std::optional<batch_id> parse_batch_id(std::string_view text);

/// The topic of the event that tells of a batch's end.
inline constexpr std::string_view batch_completed_topic = "batch.completed";

/// What the last completion is told with, JSON.
std::string completion_payload(const batch& subject, const batch_counts& counts);

}  // namespace carillon
