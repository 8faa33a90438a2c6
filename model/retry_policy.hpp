#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/instant.hpp"

namespace carillon {

/// How the wait before a retry grows.
enum class backoff_kind : std::uint8_t {
  fixed,               ///< d
  linear,              ///< d * n
  exponential,         ///< d * 2^(n-1)
  exponential_jitter,  ///< Half to all of the exponential.
  steep,               ///< n^4 + 15 + r * (n + 1) seconds, r a random whole number 0..9.
};

std::string_view to_string(backoff_kind kind);
std::optional<backoff_kind> parse_backoff_kind(std::string_view word);

/// When a failed attempt is tried again.
struct retry_policy {
  int retries_max = 0;  ///< Extra tries after the first.
  backoff_kind backoff = backoff_kind::exponential_jitter;
  duration delay = std::chrono::seconds{1};
  duration cap = std::chrono::seconds{60};  ///< No wait is longer.
  /// After an attempt of this length the count of retries begins anew; 0: it never does.
  duration forgets_after{0};

  bool operator==(const retry_policy&) const = default;
};

/// The limits a policy is checked against at the surfaces.
inline constexpr int retries_max_limit = 1000;
inline constexpr duration retry_wait_max = std::chrono::hours{24 * 365};

/// The wait before retry `n` (from 1). `seed` decides the random part, so that the same task and
/// retry always wait the same: the function stays pure and a simulation repeats.
duration backoff(const retry_policy& policy, int n, std::uint64_t seed);

}  // namespace carillon
