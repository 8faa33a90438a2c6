#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/instant.hpp"

namespace carillon {

/// What a token may do. Each is a scope word; worker:QUEUE is one beside them.
enum class right : std::uint8_t {
  admin,      ///< Everything.
  tss_admin,  ///< Everything of the surface of one-off tasks and definitions, reading too.
  tasks_read,
  tasks_create,
  tasks_update,
  tasks_delete,
  tasks_run,
  runs_read,
  events_publish,
};

/// "admin", "tss.admin", "tasks:read", ...
std::string_view to_string(right one);

/// What scopes amount to.
struct rights {
  std::uint32_t words = 0;          ///< A bit for each right.
  bool every_queue = false;         ///< worker:*
  std::vector<std::string> queues;  ///< worker:QUEUE; sorted, each once.

  [[nodiscard]] bool has(right one) const {
    return (words >> static_cast<unsigned>(one) & 1U) != 0;
  }
  /// Whether tasks of the queue may be worked on.
  [[nodiscard]] bool has_queue(std::string_view queue) const;

  bool operator==(const rights&) const = default;
};

inline constexpr std::size_t scope_bytes_max = 263;  ///< "worker:" and the longest queue.

/// Whether it is a word that gives a right.
bool is_scope(std::string_view word);
/// What is expected where a scope stands, with all the words.
std::string scopes_wanted();

/// Words that are none give nothing.
rights rights_of(std::span<const std::string> scopes);
/// Whether whoever has the first has all of the second too.
bool covers(const rights& one, const rights& other);
/// What both have.
rights common(const rights& one, const rights& other);

enum class principal_kind : std::uint8_t { operator_file, token, agent };

/// Whoever a good token stands for.
struct principal {
  principal_kind kind = principal_kind::token;
  std::string id;  ///< "operator", that of the token, or the UUID of the agent it acts for.
  std::string name;
  rights may_do;
  std::optional<instant> expires_at = {};
  std::string tenant = {};  ///< Empty: the operator's own.
  /// True once the token is good for nothing. Null: it cannot be withdrawn.
  std::shared_ptr<const std::atomic<bool>> withdrawn = {};
};

/// Whether the token has been taken back since it was looked at. Any thread.
inline bool is_withdrawn(const principal& who) {
  return who.withdrawn && who.withdrawn->load(std::memory_order_relaxed);
}

/// What has to be had for something to be done.
struct requirement {
  enum class kind : std::uint8_t {
    any_token,
    one_right,
    queue,       ///< To work on tasks of that queue.
    some_queue,  ///< To work on tasks at all.
  };
  kind what = kind::one_right;
  right needed = right::admin;
  bool or_tss_admin = false;  ///< That right will do as well.
  std::string_view queue = {};
  bool of_operator = false;  ///< And to be of the operator's own tenant.
};

bool may(const principal& who, const requirement& what);

/// The scope that gives it: "tasks:read", "worker:mail". Empty for any token.
std::string scope_for(const requirement& what);

}  // namespace carillon
