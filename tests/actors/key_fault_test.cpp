#include <catch2/catch.hpp>

#include <map>

#include "tests/support/keyed_tasks.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

// -- the disk and the crash ---------------------------------------------------------

TEST_CASE("a grant that was not saved gives the key back, and the task is offered again",
          "[key][fault]") {
  actor_world world;
  const auto first = make(world, keyed(world, up_to(1)));
  const auto second = make(world, keyed(world, up_to(1)));
  world.fail_commits(storage::commit_status::no_space, 2);
  CHECK(lease(world).empty());
  world.advance(2s);
  const auto got = lease(world);
  REQUIRE(got.size() == 1);
  CHECK(got.front()->id == first);
  complete(world, *got.front());
  CHECK(lease(world).front()->id == second);
}

TEST_CASE("an end that was not saved keeps the key", "[key][fault]") {
  actor_world world;
  make(world, keyed(world, up_to(1)));
  make(world, keyed(world, up_to(1)));
  const auto running = lease(world);
  world.fail_commits(storage::commit_status::no_space, 1);
  world.ask(running.front()->id,
            event::succeeded{std::get<processing>(running.front()->state).token});
  world.settle();
  CHECK(lease(world).empty());
  complete(world, *running.front());
  CHECK(lease(world).size() == 1);
}

TEST_CASE("a lease keeps its key over a kill, until it is lost", "[key][crash]") {
  actor_world world;
  make(world, keyed(world, up_to(1)));
  make(world, keyed(world, up_to(1)));
  REQUIRE(lease(world, 1, "q", 60s).size() == 1);
  world.kill_and_restart();
  CHECK(lease(world).empty());
  world.advance(59s);
  CHECK(lease(world).empty());
  world.advance(2s);
  CHECK(lease(world).size() == 1);
  CHECK(lease(world).empty());
}

TEST_CASE("a delivery that dies with the server gives its key back", "[key][crash]") {
  actor_world world;
  const auto first = make(world, keyed_delivery(world, up_to(1)));
  const auto second = make(world, keyed_delivery(world, up_to(1), 1));
  world.kill_and_restart();
  // One of them runs: the crashed one again, or the better one that waited.
  REQUIRE(world.calls().size() == 2);
  world.answer_call(1, 200);
  world.settle();
  REQUIRE(world.calls().size() == 3);
  world.answer_call(2, 200);
  world.settle();
  CHECK(status_in(world, first) == task_status::completed);
  CHECK(status_in(world, second) == task_status::completed);
}

// -- rates --------------------------------------------------------------------------

TEST_CASE("tasks with a rate start evenly, on the manual clock too", "[key][rate]") {
  const bool manual = GENERATE(true, false);
  CAPTURE(manual);
  actor_world world{1, manual};
  const auto pass = [&](duration step) {
    manual ? world.advance_manual(step) : world.advance(step);
  };
  pass(1min);
  const auto begin = world.now();
  const key_limit limit{"mail", 0, 2, 1min};
  for (int at = 0; at < 8; ++at)
    make(world, keyed_delivery(world, limit));
  for (int step = 0; step < 10; ++step) {
    for (std::size_t call = 0; call < world.calls().size(); ++call)
      world.answer_call(call, 200);
    world.settle();
    pass(1min);
  }
  REQUIRE(world.calls().size() == 8);
  for (std::size_t at = 0; at < 8; ++at)
    CHECK(world.calls()[at].at == begin + static_cast<int>(at) * 30s);
}

TEST_CASE("a rate waits from the start of the server on, as if a task had just begun",
          "[key][rate][crash]") {
  actor_world world;
  world.advance(1h);
  const key_limit limit{"mail", 0, 1, 1min};
  make(world, keyed_delivery(world, limit));
  make(world, keyed_delivery(world, limit));
  CHECK(world.calls().size() == 1);
  world.answer_call(0, 200);
  world.settle();
  world.kill_and_restart();
  world.advance(59s);
  CHECK(world.calls().size() == 1);
  world.advance(1s);
  CHECK(world.calls().size() == 2);
}

// -- many ---------------------------------------------------------------------------

TEST_CASE("ten thousand keys: each runs its tasks one by one, and none is left", "[key]") {
  constexpr int keys = 10'000;
  actor_world world;
  for (int round = 0; round < 2; ++round)
    for (int key = 0; key < keys; ++key)
      world.create(keyed(world, up_to(1, std::to_string(key))));
  world.settle();
  std::map<std::string, int> running;
  int ended = 0;
  for (auto got = lease(world, 5'000); !got.empty(); got = lease(world, 5'000)) {
    for (const auto& one : got)
      CHECK(++running[one->spec->limit.key] == 1);
    for (const auto& one : got) {
      world.ask(one->id, event::succeeded{std::get<processing>(one->state).token});
      --running[one->spec->limit.key];
      ++ended;
    }
    world.settle();
  }
  CHECK(ended == 2 * keys);
  CHECK(world.keys_in_use().empty());
}
