#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/agent.hpp"
#include "model/principal.hpp"
#include "model/task_id.hpp"

namespace carillon {

/// SHA-256 of a token's text, which is all that is kept of it.
using token_digest = std::array<unsigned char, 32>;

/// A token that was given out, without its text.
struct access_token {
  task_id id;
  std::string name;
  std::string prefix;  ///< How its text begins, for people to tell it by.
  token_digest digest = {};
  /// What it may do; empty only for an agent: whatever the agent may.
  std::vector<std::string> scopes;
  std::string agent;  ///< For whom it acts; empty: for nobody but itself.
  instant created_at;
  std::string created_by;  ///< principal::id
  std::optional<instant> expires_at = {};

  bool operator==(const access_token&) const = default;
};

inline constexpr std::size_t token_prefix_bytes = 12;

constexpr bool has_expired(const std::optional<instant>& end, instant now) {
  return end && *end <= now;
}

/// For whom the token stands: never for more than its agent may by now.
principal principal_of(const access_token& token);
principal principal_of(const access_token& token, const agent& acts_for);

/// "token_" and a UUID.
std::string to_token_text(const task_id& id);
std::optional<task_id> parse_token_id(std::string_view text);

}  // namespace carillon
