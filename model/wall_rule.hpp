#pragma once

#include <optional>
#include <variant>

#include "model/cron.hpp"
#include "model/recurrence.hpp"
#include "model/rrule.hpp"

namespace carillon {

/// A rule of one local time.
struct single_time {
  local_seconds at;

  [[nodiscard]] std::optional<local_seconds> next(local_seconds after) const {
    return at > after ? std::optional{at} : std::nullopt;
  }
  [[nodiscard]] std::optional<local_seconds> previous(local_seconds before) const {
    return at < before ? std::optional{at} : std::nullopt;
  }
};

/// What knows when a clock on the wall shows a time of the rule, and nothing of real time.
using local_rule = std::variant<cron_expression, rrule_set, single_time>;

/// A real time at which a rule of local times fires.
struct wall_moment {
  sys_seconds at;
  bool runs;  ///< As moment::runs.
};

/// The first real time strictly after / the last strictly before at which `rule` fires in `where`.
/// Neither beyond the years 0 to 9999. Allocates nothing.
///
/// A local time that comes more than once is one pass after the other; one that never comes falls
/// to the end of the first gap that has swallowed it. Both hold however close the changes lie.
std::optional<wall_moment> next_moment(const local_rule& rule, const zone& where,
                                       const dst_rules& dst, sys_seconds after);
std::optional<wall_moment> previous_moment(const local_rule& rule, const zone& where,
                                           const dst_rules& dst, sys_seconds before);

}  // namespace carillon
