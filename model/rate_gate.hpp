#pragma once

#include <chrono>
#include <cstdint>

namespace carillon {

/// So many in a second on the average, and so many at once after a pause.
struct rate_limit {
  std::int64_t per_second = 0;  ///< 0: any number.
  std::int64_t burst = 0;       ///< 0: those of one second.

  [[nodiscard]] std::int64_t bucket() const { return burst > 0 ? burst : per_second; }
  /// In which an empty bucket is full again.
  [[nodiscard]] std::chrono::seconds window() const;

  bool operator==(const rate_limit&) const = default;
};

/// What came of a wish.
struct rate_verdict {
  bool admitted = true;
  std::int64_t remaining = 0;          ///< That would be admitted at once from here on.
  std::chrono::seconds next_after{0};  ///< Of who was refused: when to come again. At least 1.
  std::chrono::seconds full_after{0};  ///< When all of the burst is there again.
};

/// A bucket of wishes that fills steadily. Kept as the moment at which it is full, so that nothing
/// has to be done while nobody asks. Not for several threads at a time.
class rate_gate {
public:
  using time = std::chrono::steady_clock::time_point;

  /// Takes one if there is one. With a limit.
  rate_verdict take(const rate_limit& limit, time now);

private:
  time full_at_{};
};

}  // namespace carillon
