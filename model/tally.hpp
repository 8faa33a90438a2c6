#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

namespace carillon {

// Numbers that many threads count and few read. Nobody waits for anybody: a reader sees each number
// as it is, and not all of them as of one moment.

/// How often something happened.
class tally {
public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// What a distribution was when it was read, in the reader's unit.
struct spread {
  std::vector<double> bounds;
  std::vector<std::uint64_t> counts;  ///< Of values up to each bound, and last of those above all.
  double sum = 0;
};

/// How values spread over ranges. Values and bounds are whole numbers of one unit.
class distribution {
public:
  /// `bounds` rise.
  distribution(std::initializer_list<std::int64_t> bounds);

  void add(std::int64_t value);
  /// `unit`: what one is worth to the reader, 1e-6 for microseconds as seconds.
  [[nodiscard]] spread read(double unit = 1) const;

private:
  std::vector<std::int64_t> bounds_;
  std::unique_ptr<tally[]> counts_;
  tally sum_;
};

}  // namespace carillon
