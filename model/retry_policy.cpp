#include "model/retry_policy.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace carillon {
namespace {

constexpr std::array<std::string_view, 5> words{"fixed", "linear", "exponential",
                                                "exponential_jitter", "steep"};

/// splitmix64: every bit of the seed moves every bit of the answer.
std::uint64_t mix(std::uint64_t seed) {
  seed += 0x9E3779B97F4A7C15ULL;
  seed = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9ULL;
  seed = (seed ^ seed >> 27) * 0x94D049BB133111EBULL;
  return seed ^ seed >> 31;
}

/// Milliseconds before the cap, as a double: 2^n and n^4 leave any integer behind.
double wait_uncapped(const retry_policy& policy, int n, std::uint64_t random) {
  const auto delay = static_cast<double>(policy.delay.count());
  switch (policy.backoff) {
    case backoff_kind::fixed:
      return delay;
    case backoff_kind::linear:
      return delay * n;
    case backoff_kind::exponential:
    case backoff_kind::exponential_jitter:
      return delay * std::exp2(n - 1);
    case backoff_kind::steep:
      return 1000.0 * (std::pow(n, 4) + 15 + static_cast<double>(random % 10) * (n + 1));
  }
  return delay;
}

}  // namespace

std::string_view to_string(backoff_kind kind) {
  return words[static_cast<std::size_t>(kind)];
}

std::optional<backoff_kind> parse_backoff_kind(std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end())
    return std::nullopt;
  return static_cast<backoff_kind>(found - words.begin());
}

duration backoff(const retry_policy& policy, int n, std::uint64_t seed) {
  const auto random = mix(seed + static_cast<std::uint64_t>(n));
  const auto cap = static_cast<double>(policy.cap.count());
  auto wait = std::min(wait_uncapped(policy, n, random), cap);
  if (policy.backoff == backoff_kind::exponential_jitter)
    wait = wait / 2 + wait / 2 * (static_cast<double>(random >> 11) / 0x1p53);
  return duration{static_cast<std::int64_t>(std::ceil(wait))};
}

}  // namespace carillon
