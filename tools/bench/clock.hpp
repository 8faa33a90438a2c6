#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::bench {

using steady_time = std::chrono::steady_clock::time_point;
/// Due moments are whole milliseconds, as the server has them; arrivals are finer, so that a task
/// which is early by less than a millisecond shows.
using due_time = std::chrono::sys_time<std::chrono::milliseconds>;
using wall_time = std::chrono::sys_time<std::chrono::microseconds>;

steady_time steady_now();
wall_time wall_now();

/// RFC 3339 in UTC with milliseconds: 2030-08-01T00:00:00.000Z.
void append_instant(std::string& out, due_time moment);

/// Reads what append_instant writes, with or without the fraction.
std::optional<due_time> parse_instant(std::string_view text);

/// The same moment of the other clock, as long as nobody sets that.
steady_time to_steady(due_time moment);

double to_seconds(std::chrono::nanoseconds length);
double to_milliseconds(std::chrono::nanoseconds length);

/// A whole number of nanoseconds out of (fractions of) seconds.
std::chrono::nanoseconds from_seconds(double seconds);

}  // namespace carillon::bench
