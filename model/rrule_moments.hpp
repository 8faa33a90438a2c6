#pragma once

#include <memory>
#include <optional>

#include "model/rrule_periods.hpp"

namespace carillon {

inline constexpr local_seconds local_min{std::chrono::seconds{day_min * seconds_per_day}};
inline constexpr local_seconds local_max{std::chrono::seconds{(day_max + 1) * seconds_per_day - 1}};

/// The moments of one rule from its start on, without its COUNT and UNTIL. Immutable; any thread.
class rrule_moments {
public:
  /// `rule` leaves nothing open: with_defaults().
  rrule_moments(const rrule_parts& rule, local_seconds start);

  /// The first not before / the last not after `at`.
  [[nodiscard]] std::optional<local_seconds> first_from(local_seconds at) const;
  [[nodiscard]] std::optional<local_seconds> last_until(local_seconds at) const;

  /// The one that `count` ends with, or the last of all when there are fewer. At least one exists.
  [[nodiscard]] std::optional<local_seconds> counted(std::int64_t count) const;

private:
  class picks;

  local_seconds start_;
  rrule_times times_;
  std::vector<int> set_positions_;  ///< Sorted: those from the end come first.
  /// Null: a period is one unit and no set position is in it, so that nothing ever matches.
  std::unique_ptr<const rrule_periods> periods_;
};

}  // namespace carillon
