#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "model/zone.hpp"

namespace carillon {

/// The rule of a POSIX TZ variable, "CET-1CEST,M3.5.0,M10.5.0/3", with the wider times of RFC 9636
/// (3.3.1): what a zone does in every year, without a history. Immutable; any thread.
///
/// The calendar repeats every 400 years to the second, so the changes of one such cycle say all.
/// One lookup in their table answers for any year, and rules whose summer time is without an end,
/// or reaches over New Year, need no care of their own.
///
/// date/ptz.h is not used: it refuses negative times ("M3.5.0/-1") and those over 99 hours, it cuts
/// a summer time of the whole year into spans of one offset, it decides by the year in UTC where
/// the local one counts, and it does not compile as C++20.
class posix_tz {
public:
  /// Empty: no such rule. A second name needs its two dates.
  static std::optional<posix_tz> parse(std::string_view text);

  /// Within 30,000 years of 1970 to the second; beyond that nothing changes any more.
  [[nodiscard]] zone_span span_at(sys_seconds at) const;

  bool operator==(const posix_tz&) const = default;

private:
  friend class posix_tz_reader;

  explicit posix_tz(std::chrono::seconds offset) : constant_{offset} {}

  std::chrono::seconds constant_;     ///< The offset when there are no changes.
  std::vector<zone_change> changes_;  ///< Of the cycle that begins in 1970.
};

}  // namespace carillon
