#include <catch2/catch.hpp>

#include "storage/schedule_store.hpp"
#include "tests/support/actor_world.hpp"

using namespace carillon;
using test::actor_world;
using namespace std::chrono_literals;

namespace {

/// A daily schedule whose timer was lost: the store says that it is due, and no actor knows.
schedule_id lose_timer(actor_world& world) {
  schedule_spec spec;
  spec.expr = "0 12 * * *";
  spec.work.task_type = "q";
  const auto made = world.create_schedule(std::move(spec));
  world.settle();
  const auto before = **test::good(made);
  auto after = before;
  after.wake_at = world.now() + 1s;
  storage::change_set changes;
  encode(storage::schedule_changes{after, storage::facts_of(before), before.spec}, changes);
  world.write_behind(changes);
  return before.id;
}

}  // namespace

TEST_CASE("a lost timer is found, armed again and reported within a minute", "[watchdog]") {
  actor_world world;
  const auto id = lose_timer(world);
  world.advance(5s);
  REQUIRE(world.stored_schedule(id)->wake_at < world.now());
  CHECK_FALSE(is_late(*world.stored_schedule(id), world.now()));
  world.advance(15s);
  CHECK(is_late(*world.stored_schedule(id), world.now()));

  world.advance(40s);
  CHECK(world.timers_rearmed() >= 1);
  CHECK(world.stored_schedule(id)->wake_at == world.stored_schedule(id)->next_at);
  CHECK_FALSE(is_late(*world.stored_schedule(id), world.now()));
}

TEST_CASE("timers that are not lost are left alone", "[watchdog]") {
  actor_world world;
  for (int at = 1; at < 10; ++at)
    world.create(test::pull_task(world.now() + at * 10s));
  world.advance(3min);
  CHECK(world.timers_rearmed() == 0);
}
