#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>

#include "tests/support/month.hpp"

// Goal: whatever happens to the server in a month, each moment of each schedule has one record.
// Method: a month with a life of its own for each seed, and an oracle that knows the definitions
// alone. The big one, or a seed of your choice: tools/simulate --seed 42

using namespace carillon;
using test::live_through;

namespace {

/// From the environment, as tools/simulate sets it.
int number(const char* name, int otherwise) {
  const char* set = std::getenv(name);
  return set == nullptr ? otherwise : std::atoi(set);
}

void judge(const test::month_settings& settings) {
  const auto found = live_through(settings);
  std::cout << "seed " << settings.seed << ": " << found.moments << " moments, " << found.records
            << " records, " << found.tasks << " tasks, " << found.calls << " calls, " << found.kills
            << " kills, gaps " << found.gaps << ", doubles " << found.doubles << ", faults "
            << found.faults.size() << ", digest " << std::hex << found.digest << std::dec
            << std::endl;
  CAPTURE(settings.seed);
  for (const auto& fault : found.faults)
    FAIL_CHECK(fault);
  CHECK(found.gaps == 0);
  CHECK(found.doubles == 0);
  CHECK(found.moments > settings.schedules);
}

}  // namespace

TEST_CASE("each moment of a month has one record, whatever happens to the server", "[month]") {
  test::month_settings small;
  small.schedules = 120;
  small.days = 5;
  small.kills = 60;
  SECTION("around the night of a gap") {
    small.seed = 1;
  }
  SECTION("around the night of a repeated hour") {
    small.seed = 2;
    small.begins = *parse_instant("2030-10-25T12:00:00Z");
  }
  judge(small);
}

TEST_CASE("a whole month", "[.][simulate]") {
  test::month_settings big;
  big.seed = static_cast<std::uint64_t>(number("CARILLON_SEED", 1));
  big.schedules = number("CARILLON_SCHEDULES", big.schedules);
  big.days = number("CARILLON_DAYS", big.days);
  big.kills = number("CARILLON_KILLS", big.kills);
  judge(big);
}
