#pragma once

#include "model/schedule.hpp"
#include "tests/support/dice.hpp"

// Schedules as people might make them, drawn from a seed.

namespace carillon::test {

struct time_span {
  instant from;
  instant to;
};

/// All of it is random; most fire once an hour to once a day, some every few minutes. The name is
/// unique by its number.
schedule_spec random_schedule(dice& random, int number, const time_span& month);

/// Another rule in the place of the one it has.
void change_rule(schedule_spec& spec, dice& random, instant now, const time_span& month);

/// When it begins or ends.
void change_window(schedule_spec& spec, dice& random, instant now, const time_span& month);

}  // namespace carillon::test
