#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/instant.hpp"
#include "model/problem.hpp"
#include "model/task_id.hpp"

namespace carillon {

/// What is known of a secret that signs deliveries, without the secret. Several of one name sign
/// together, so that receivers can go from one to the next.
struct webhook_secret {
  task_id id;
  std::string name;
  instant created_at;
  std::optional<instant> expires_at = {};  ///< Signs nothing from then on.

  bool operator==(const webhook_secret&) const = default;
};

inline constexpr std::string_view default_secret_name = "default";

inline constexpr std::size_t secrets_of_name_max = 10;
inline constexpr std::size_t secret_bytes_min = 24;
inline constexpr std::size_t secret_bytes_max = 64;
inline constexpr std::size_t secret_bytes_made = 32;

constexpr bool has_expired(const webhook_secret& secret, instant now) {
  return secret.expires_at && *secret.expires_at <= now;
}

/// "whsec_" and the bytes in base64, as Standard Webhooks writes it.
std::string format_webhook_secret(std::string_view key);
/// The bytes. The problem does not repeat the text.
expected<std::string> parse_webhook_secret(std::string_view text);

/// "secret_" and a UUID.
std::string to_secret_text(const task_id& id);
std::optional<task_id> parse_secret_id(std::string_view text);

}  // namespace carillon
