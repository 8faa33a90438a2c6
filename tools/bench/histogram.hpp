#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace carillon::bench {

/// Counts durations in buckets that are at most 1/128 of their value wide (30 KB for all from
/// a nanosecond to centuries), so that quantiles are exact to 0.8 %. The maximum is exact.
class histogram {
public:
  histogram();

  /// Counts one value; a negative one counts as zero.
  void record(std::chrono::nanoseconds value);

  /// The smallest bucket edge that at least `share` (0..1) of the values do not exceed; zero when
  /// nothing was counted.
  [[nodiscard]] std::chrono::nanoseconds quantile(double share) const;

  [[nodiscard]] std::chrono::nanoseconds max() const { return max_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }

private:
  std::vector<std::uint32_t> buckets_;
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds max_{0};
};

}  // namespace carillon::bench
