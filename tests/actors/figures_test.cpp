#include "actors/figures.hpp"

#include <catch2/catch.hpp>

#include "actors/house.hpp"
#include "actors/waiting_room.hpp"
#include "tests/support/actor_world.hpp"

using namespace carillon;
using namespace std::chrono_literals;
using test::actor_world;

namespace {

const house_figures& figures_of(const actor_world& world) {
  return world.look_inside().home.figures;
}

std::uint64_t attempts_of(const actor_world& world, runner_kind runner, attempt_outcome outcome) {
  return figures_of(world)
      .attempts.at(static_cast<std::size_t>(runner))
      .at(static_cast<std::size_t>(outcome))
      .value();
}

std::uint64_t unrun_of(const actor_world& world, end_reason reason) {
  return figures_of(world).due_unrun.at(static_cast<std::size_t>(reason)).value();
}

std::uint64_t attempts_of_all(const actor_world& world) {
  std::uint64_t sum = 0;
  for (const auto& row : figures_of(world).attempts)
    for (const auto& one : row)
      sum += one.value();
  return sum;
}

}  // namespace

TEST_CASE("the lag of a start is counted from the planned time", "[figures]") {
  actor_world world;
  world.create(test::pull_task(world.now() + 10s));
  world.advance(13s);
  const auto leased = world.lease("q", 1, 30s);
  world.settle();
  REQUIRE(test::good(leased)->size() == 1);

  const auto& figures = figures_of(world);
  CHECK(figures.due_started.value() == 1);
  CHECK(figures.start_lag.read(1e-3).sum == Approx(3.0));
}

TEST_CASE("each attempt is counted once, by its runner and outcome", "[figures]") {
  actor_world world;
  world.create(test::delivered_task(world.now(), 1));
  world.settle();
  world.answer_call(0, 500);
  world.settle();
  CHECK(attempts_of(world, runner_kind::delivery, attempt_outcome::error) == 1);
  world.advance(2s);
  world.answer_call(1, 200);
  world.settle();

  CHECK(attempts_of(world, runner_kind::delivery, attempt_outcome::success) == 1);
  CHECK(attempts_of_all(world) == 2);
  CHECK(figures_of(world).due_started.value() == 1);
}

TEST_CASE("a commit that the disk refused is counted when it is on disk, and once", "[figures]") {
  actor_world world;
  world.create(test::delivered_task(world.now() + 1s));
  world.settle();
  world.fail_commits(storage::commit_status::no_space, 1);
  world.advance(5s);
  REQUIRE(world.calls().size() == 1);
  CHECK(figures_of(world).due_started.value() == 1);
}

TEST_CASE("a task that expires is counted as a moment without a start", "[figures]") {
  actor_world world;
  auto spec = test::pull_task(world.now() + 1s);
  spec.expires_at = world.now() + 5s;
  world.create(spec);
  world.advance(10s);
  CHECK(unrun_of(world, end_reason::expired) == 1);
  CHECK(figures_of(world).due_started.value() == 0);
}

TEST_CASE("a task that was canceled before its time is no moment", "[figures]") {
  actor_world world;
  const auto made = world.create(test::pull_task(world.now() + 1h));
  world.settle();
  world.ask(test::good(made)->subject->id, event::cancel{});
  world.settle();
  CHECK(unrun_of(world, end_reason::canceled) == 0);
}

TEST_CASE("who waits for a task hears of its end once it is on disk", "[waiting_room]") {
  actor_world world;
  const auto made = world.create(test::delivered_task(world.now()));
  world.settle();
  const auto id = test::good(made)->subject->id;
  int heard = 0;
  world.look_inside().home.waiting.enter(
      id, [] { return true; },
      [&] {
        ++heard;
        CHECK(has_ended(*world.stored(id)));
      });
  CHECK(heard == 0);
  world.answer_call(0, 200);
  world.settle();
  CHECK(heard == 1);
  CHECK(world.look_inside().home.waiting.size() == 0);
}

TEST_CASE("who has waited long enough is told once and holds no place", "[waiting_room]") {
  waiting_room room;
  int heard = 0;
  const auto number = room.enter(
      {}, [] { return true; }, [&] { ++heard; });
  room.leave({}, *number);
  room.leave({}, *number);
  room.ended({});
  CHECK(heard == 1);
  CHECK(room.size() == 0);
}

TEST_CASE("a full room takes nobody but in place of those who have gone", "[waiting_room]") {
  waiting_room room;
  bool has_gone = false;
  for (std::size_t count = 0; count < waiting_room::places; ++count)
    REQUIRE(room.enter(
        {}, [&] { return !has_gone; }, [] {}));
  CHECK_FALSE(room.enter(
      {}, [] { return true; }, [] {}));
  has_gone = true;
  CHECK(room.enter(
      {}, [] { return true; }, [] {}));
  CHECK(room.size() == 1);
}
