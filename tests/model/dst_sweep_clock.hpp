#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace carillon::sweep {

// What clocks on walls show, as the C library has it. Nothing here shares code with the engine.
// Numbers are minutes since 1970; local ones as if local time were UTC.

/// The names of all zones in the system's folder, one for those that are the same file or an equal
/// one.
std::vector<std::string> distinct_zones();

/// Makes `zone` the one of the C library's local time, for the whole process.
void enter_zone(const std::string& zone);

/// The local minute of a real one, in the zone that was entered. Ends the test when the clock shows
/// a broken minute there.
std::int64_t local_minute(std::int64_t real);

/// The first real minutes with another offset than the one before, in [from, to).
std::vector<std::int64_t> changes(std::int64_t from, std::int64_t to);

/// Every minute around one change, one after the other.
class window {
public:
  /// A local minute: how often and where the clock shows it.
  struct shown {
    std::int64_t real;
    std::int64_t local;
    bool first;  ///< It did not come before.
    bool last;   ///< It will not come again.
  };
  /// A local minute that the clock never shows.
  struct skipped {
    std::int64_t local;
    std::int64_t next;  ///< The real minute after the first jump over it.
  };

  explicit window(std::int64_t change);

  // Far enough inside of what was looked at, so that every other pass was seen.
  [[nodiscard]] std::int64_t begin() const { return begin_; }
  [[nodiscard]] std::int64_t end() const { return end_; }
  [[nodiscard]] const std::vector<shown>& minutes() const { return minutes_; }
  [[nodiscard]] const std::vector<skipped>& gaps() const { return gaps_; }

  // The local times between which the clock was changed.
  [[nodiscard]] std::int64_t low() const { return low_; }
  [[nodiscard]] std::int64_t high() const { return high_; }

private:
  std::int64_t begin_;
  std::int64_t end_;
  std::int64_t low_;
  std::int64_t high_;
  std::vector<shown> minutes_;
  std::vector<skipped> gaps_;
};

}  // namespace carillon::sweep
