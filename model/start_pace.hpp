#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "model/instant.hpp"

namespace carillon {

/// Spreads starts evenly: at most so many a second, however many wait. What could not start in time
/// is made up for within 10 ms and no further, so that an idle second is never saved up.
class start_pace {
public:
  /// `per_second` 0: as many as there are. Counts as if one had started at `last_start`.
  start_pace(std::int64_t per_second, instant last_start);

  /// How many may start now.
  [[nodiscard]] std::size_t room(instant now) const;
  /// They start. At most room(now).
  void take(std::size_t count, instant now);
  /// So many of those that were to start did not.
  void give_back(std::size_t count);
  /// When there is room again.
  [[nodiscard]] instant next(instant now) const;

private:
  /// The middle of a millisecond matters to a thousand starts a second.
  using fine_instant = std::chrono::sys_time<std::chrono::microseconds>;

  [[nodiscard]] fine_instant first(instant now) const;

  std::chrono::microseconds interval_;  ///< 0: no limit.
  fine_instant next_;
};

}  // namespace carillon
