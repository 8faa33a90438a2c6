#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/instant.hpp"

namespace carillon::test {

struct month_settings {
  std::uint64_t seed = 1;
  int schedules = 1'000;
  int days = 31;
  int kills = 200;
  /// October has nights with a gap and with a repeated hour, in different zones.
  instant begins = *parse_instant("2030-10-04T22:00:00Z");
};

struct month_summary {
  std::int64_t moments = 0;
  std::int64_t records = 0;
  std::int64_t gaps = 0;
  std::int64_t doubles = 0;
  std::int64_t tasks = 0;  ///< All, with those that people asked for.
  std::int64_t calls = 0;
  std::int64_t kills = 0;
  std::uint64_t digest = 0;  ///< Of all tasks: the same seed, the same digest.
  std::vector<std::string> faults;
};

/// A month in the life of a server on the manual clock: people make and change schedules, calls
/// fail and last, the disk is full at times, the server is killed at random points and stays away
/// for minutes or days. Then everything that happened is compared with an oracle.
month_summary live_through(const month_settings& settings);

}  // namespace carillon::test
