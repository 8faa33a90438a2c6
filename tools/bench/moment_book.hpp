#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/bench/work_book.hpp"

namespace carillon::bench {

/// The moments of one schedule: `count` of them, each a period after the one before.
struct moment_series {
  due_time first;
  std::uint32_t count = 0;
};

/// The book of what schedules make: for each moment of each schedule whether its task came, once,
/// and not early. A task names its schedule by the number in its payload, its moment by its planned
/// time.
class moment_book final : public work_book {
public:
  moment_book(std::vector<moment_series> schedules, std::chrono::milliseconds period);

  void on_leased(const lease& seen, wall_time at) override;
  void on_completed(const lease& done) override;
  /// The planned time.
  [[nodiscard]] steady_time begin_of(const lease& done) const override;

  [[nodiscard]] std::uint64_t expected() const { return entries_.size(); }
  [[nodiscard]] std::uint64_t started() const { return started_; }
  [[nodiscard]] std::uint64_t completed() const { return completed_; }
  [[nodiscard]] std::uint32_t moments_of(std::uint64_t schedule) const {
    return schedules_.at(schedule).count;
  }

  [[nodiscard]] std::vector<std::string> faults() const;

private:
  struct entry {
    std::uint8_t starts = 0;
    std::uint8_t completions = 0;
  };

  entry* find(const lease& seen);

  std::vector<moment_series> schedules_;
  std::chrono::milliseconds period_;
  std::vector<std::size_t> begins_;  // of each schedule, in entries_
  std::vector<entry> entries_;
  std::uint64_t started_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t early_ = 0;
  std::uint64_t strangers_ = 0;  // leased, but not due
};

}  // namespace carillon::bench
