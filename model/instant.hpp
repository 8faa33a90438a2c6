#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "model/problem.hpp"

namespace carillon {

/// A length of time. Milliseconds are the grain of the whole system.
using duration = std::chrono::milliseconds;

/// A point of real time (UTC without leap seconds, as POSIX has it).
using instant = std::chrono::sys_time<duration>;

/// The instants that have a text form: 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z.
inline constexpr instant instant_min{std::chrono::milliseconds{-62167219200000}};
inline constexpr instant instant_max{std::chrono::milliseconds{253402300799999}};

/// Where the time comes from. Nothing else in the system asks the machine for it, so that tests
/// and the manual clock move it. now() may be called on any thread.
class wall_clock {
public:
  virtual ~wall_clock() = default;
  virtual instant now() const = 0;
};

/// Reads an RFC 3339 timestamp (section 5.6): an offset is required, a leap second is read as the
/// second after it, digits below a millisecond are rounded up (so that nothing is early; only the
/// last millisecond of the year 9999 stays what it is). A day that the month has not is refused.
/// The problem is of kind invalid and says what is expected.
expected<instant> parse_instant(std::string_view text);

/// How many digits of the second are written.
enum class fraction {
  always,       ///< 2030-08-01T00:00:00.000Z
  when_needed,  ///< 2030-08-01T00:00:00Z, and .250Z when there are milliseconds
};

/// RFC 3339 in UTC with Z. Instants beyond the years 0000..9999 are clamped to them.
std::string format_instant(instant moment, fraction digits = fraction::when_needed);
void append_instant(std::string& out, instant moment, fraction digits = fraction::when_needed);

}  // namespace carillon
