#include "tools/bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace carillon::bench {

namespace {

// Values below 128 have a bucket each; every further power of two is cut into 128.
constexpr int cut_bits = 7;
constexpr std::uint64_t cuts = std::uint64_t{1} << cut_bits;
constexpr std::size_t bucket_count = (64 - cut_bits + 1) * cuts;

std::size_t bucket_of(std::uint64_t value) {
  if (value < cuts)
    return value;
  const auto shift = static_cast<std::uint64_t>(std::bit_width(value) - cut_bits - 1);
  return (shift + 1) * cuts + (value >> shift) - cuts;
}

/// The largest value of a bucket.
std::uint64_t upper_edge(std::size_t bucket) {
  if (bucket < cuts)
    return bucket;
  const auto shift = bucket / cuts - 1;
  const auto first = (bucket % cuts + cuts) << shift;
  return first + (std::uint64_t{1} << shift) - 1;
}

}  // namespace

histogram::histogram() : buckets_(bucket_count) {}

void histogram::record(std::chrono::nanoseconds value) {
  const auto counted = std::max(value, std::chrono::nanoseconds{0});
  ++buckets_[bucket_of(static_cast<std::uint64_t>(counted.count()))];
  ++count_;
  max_ = std::max(max_, counted);
}

std::chrono::nanoseconds histogram::quantile(double share) const {
  if (count_ == 0)
    return std::chrono::nanoseconds{0};
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted)
      return std::min(max_, std::chrono::nanoseconds{upper_edge(bucket)});
  }
  return max_;
}

}  // namespace carillon::bench
