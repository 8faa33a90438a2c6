#include "tools/bench/moment_book.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace carillon::bench {

moment_book::moment_book(std::vector<moment_series> schedules, std::chrono::milliseconds period)
    : schedules_(std::move(schedules)), period_(period) {
  std::size_t count = 0;
  begins_.reserve(schedules_.size());
  for (const auto& each : schedules_) {
    begins_.push_back(count);
    count += each.count;
  }
  entries_.resize(count);
}

moment_book::entry* moment_book::find(const lease& seen) {
  if (seen.sequence >= schedules_.size())
    return nullptr;
  const auto& known = schedules_[seen.sequence];
  const auto after = seen.scheduled_for - known.first;
  const auto index = after / period_;
  if (after < after.zero() || after % period_ != after.zero() || index >= known.count)
    return nullptr;
  return &entries_[begins_[seen.sequence] + static_cast<std::size_t>(index)];
}

void moment_book::on_leased(const lease& seen, wall_time at) {
  early_ += at < seen.scheduled_for ? 1 : 0;
  if (auto* found = find(seen)) {
    ++found->starts;
    ++started_;
  } else {
    ++strangers_;
  }
}

void moment_book::on_completed(const lease& done) {
  if (auto* found = find(done)) {
    ++found->completions;
    ++completed_;
  }
}

steady_time moment_book::begin_of(const lease& done) const {
  return steady_now() - (wall_now() - done.scheduled_for);
}

std::vector<std::string> moment_book::faults() const {
  std::uint64_t missing = 0;
  std::uint64_t doubled = 0;
  std::uint64_t open = 0;
  std::uint64_t completed_again = 0;
  for (const auto& each : entries_) {
    missing += each.starts == 0 ? 1 : 0;
    doubled += each.starts > 1 ? 1 : 0;
    open += each.completions == 0 ? 1 : 0;
    completed_again += each.completions > 1 ? 1 : 0;
  }
  std::vector<std::string> result;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0)
      result.push_back(fmt::format("{} {}", count, what));
  };
  add(missing, "moments are missing: no task came");
  add(doubled, "moments came more than once");
  add(strangers_, "tasks came for moments that are not due");
  add(early_, "tasks were early");
  add(open, "tasks were not completed");
  add(completed_again, "tasks were completed more than once");
  return result;
}

}  // namespace carillon::bench
