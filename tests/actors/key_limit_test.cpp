#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "tests/support/keyed_tasks.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

TEST_CASE("tasks with one key run one after the other, one with another key at once", "[key]") {
  actor_world world;
  const auto first = make(world, keyed_delivery(world, up_to(1)));
  const auto second = make(world, keyed_delivery(world, up_to(1)));
  const auto other = make(world, keyed_delivery(world, up_to(1, "other")));
  const auto free = make(world, delivered_task(world.now()));
  CHECK(called(world) == std::vector{first, other, free});
  CHECK(status_in(world, second) == task_status::queued);

  world.answer_call(0, 200);
  world.settle();
  CHECK(called(world).back() == second);
}

TEST_CASE("when the slot frees, the waiting ones run by priority, then by age", "[key]") {
  actor_world world;
  make(world, keyed_delivery(world, up_to(1)));
  std::map<int, task_id> waiting;
  for (const int priority : {9, 5, 1})
    waiting[priority] = make(world, keyed_delivery(world, up_to(1), priority));
  const auto later = make(world, keyed_delivery(world, up_to(1), 5));
  for (std::size_t call = 0; call < 5; ++call) {
    REQUIRE(world.calls().size() == call + 1);
    world.answer_call(call, 200);
    world.settle();
  }
  const auto ran = called(world);
  CHECK(std::vector(ran.begin() + 1, ran.end())
        == std::vector{waiting[1], waiting[5], later, waiting[9]});
}

TEST_CASE("as many run at once as the limit says", "[key]") {
  actor_world world;
  for (int at = 0; at < 7; ++at)
    make(world, keyed(world, up_to(3)));
  auto running = lease(world);
  CHECK(running.size() == 3);
  CHECK(lease(world).empty());
  complete(world, *running.back());
  complete(world, *running.front());
  CHECK(lease(world).size() == 2);
}

TEST_CASE("a worker that waits gets a keyed task the moment its key is free", "[key]") {
  actor_world world;
  make(world, keyed(world, up_to(1)));
  make(world, keyed(world, up_to(1)));
  const auto running = lease(world);
  REQUIRE(running.size() == 1);
  const auto asked = world.lease("q", 10, 1h, 30s);
  world.settle();
  CHECK(!*asked);
  complete(world, *running.front());
  REQUIRE(good(asked) != nullptr);
  CHECK(good(asked)->size() == 1);
}

TEST_CASE("two queues share a key: the better task goes first, wherever it waits", "[key]") {
  actor_world world;
  const auto in = [&](const char* queue, int priority) {
    auto spec = keyed(world, up_to(1), priority);
    spec.task_type = queue;
    return make(world, std::move(spec));
  };
  in("a", 5);
  const auto running = lease(world, 1, "a");
  const auto worse = in("a", 7);
  const auto better = in("b", 3);
  const auto asked_a = world.lease("a", 1, 1h, 1h);
  const auto asked_b = world.lease("b", 1, 1h, 1h);
  world.settle();
  complete(world, *running.front());
  REQUIRE(good(asked_b) != nullptr);
  CHECK(good(asked_b)->front()->id == better);
  CHECK(!*asked_a);
  complete(world, *good(asked_b)->front());
  REQUIRE(good(asked_a) != nullptr);
  CHECK(good(asked_a)->front()->id == worse);
}

TEST_CASE("a queue without workers blocks no key", "[key]") {
  actor_world world;
  auto idle = keyed(world, up_to(1), 1);
  idle.task_type = "idle";
  make(world, idle);
  make(world, idle);
  make(world, keyed(world, up_to(1)));
  make(world, keyed(world, up_to(1)));
  // Its workers have been there, and are gone.
  const auto first = lease(world, 1, "idle");
  REQUIRE(first.size() == 1);
  CHECK(lease(world, 1, "idle").empty());
  CHECK(lease(world).empty());
  complete(world, *first.front());

  for (int at = 0; at < 2; ++at) {
    const auto running = lease(world);
    REQUIRE(running.size() == 1);
    complete(world, *running.front());
  }
  CHECK(lease(world, 1, "idle").size() == 1);
}

TEST_CASE("a task that waits for its key holds nothing else up, however many wait before it",
          "[key][memory]") {
  actor_world world;  // heads of queues have room for 8
  for (int at = 0; at < 60; ++at)
    make(world, keyed(world, up_to(1), 1));
  std::set<task_id> free;
  for (int at = 0; at < 20; ++at)
    free.insert(make(world, pull_task(world.now())));
  std::size_t ran = 0;
  for (int round = 0; round < 30; ++round)
    for (const auto& one : lease(world, 5))
      ran += free.contains(one->id) ? 1 : 0;
  CHECK(ran == free.size());
}

TEST_CASE("of more waiting tasks than fit in memory none is forgotten, and they keep their order",
          "[key][memory]") {
  actor_world world;
  std::vector<task_id> made;
  for (int at = 0; at < 50; ++at)
    made.push_back(make(world, keyed(world, up_to(1))));
  std::vector<task_id> ran;
  while (ran.size() < made.size()) {
    const auto running = lease(world);
    REQUIRE(running.size() == 1);
    ran.push_back(running.front()->id);
    complete(world, *running.front());
    world.advance(10ms);
  }
  CHECK(ran == made);
}

// -- how an attempt ends ------------------------------------------------------------

TEST_CASE("however an attempt ends, its key is free", "[key]") {
  actor_world world;
  const auto first = make(world, keyed(world, up_to(1)));
  const auto running = lease(world, 1, "q", 10s);
  make(world, keyed(world, up_to(1)));
  CHECK(lease(world).empty());
  const auto token = std::get<processing>(running.front()->state).token;
  SECTION("it fails") {
    world.ask(first, event::failed{token});
  }
  SECTION("it is given back") {
    world.ask(first, event::release{token});
  }
  SECTION("it is stopped") {
    world.ask(first, event::cancel{});
  }
  SECTION("its lease is lost") {
    world.advance(10s);
  }
  world.settle();
  CHECK(lease(world).size() == 1);
  CHECK(lease(world).empty());
}

TEST_CASE("a task that does not wait any more leaves the key to the next", "[key]") {
  actor_world world;
  make(world, keyed(world, up_to(1)));
  const auto running = lease(world);
  const auto canceled = make(world, keyed(world, up_to(1)));
  auto spec = keyed(world, up_to(1));
  spec.expires_at = world.now() + 5s;
  const auto expired = make(world, std::move(spec));
  const auto next = make(world, keyed(world, up_to(1)));
  CHECK(lease(world).empty());  // all of them are parked
  world.ask(canceled, event::cancel{});
  world.advance(5s);
  CHECK(status_in(world, expired) == task_status::expired);
  complete(world, *running.front());
  const auto got = lease(world);
  REQUIRE(got.size() == 1);
  CHECK(got.front()->id == next);
}

TEST_CASE("a grant that is refused because the task is gone costs nothing of a rate",
          "[key][rate]") {
  actor_world world;
  world.advance(2h);  // the start of the server counts as one
  const key_limit hourly{"hourly", 0, 1, 1h};
  const auto first = make(world, keyed(world, hourly));
  const auto second = make(world, keyed(world, hourly));
  world.ask(first, event::cancel{});
  world.settle();
  const auto got = lease(world);
  REQUIRE(got.size() == 1);
  CHECK(got.front()->id == second);
}

TEST_CASE("a component that reports starts its task and holds the key", "[key]") {
  actor_world world;
  const auto reported = make(world, keyed(world, up_to(1)));
  world.ask(reported, event::report{{world.now(), "started", "part", ""}});
  world.settle();
  CHECK(status_in(world, reported) == task_status::processing);
  make(world, keyed(world, up_to(1)));
  CHECK(lease(world).empty());
  world.ask(reported, event::report{{world.now(), "completed", "part", ""}});
  world.settle();
  CHECK(lease(world).size() == 1);
}

TEST_CASE("a task that is granted and stopped in one step gives its key back", "[key][race]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    actor_world world{seed};
    const auto first = make(world, keyed(world, up_to(1)));
    const auto second = make(world, keyed(world, up_to(1)));
    // While this is being saved, what comes waits and is then decided together.
    world.ask(first, event::report{{world.now(), "log", "", "a line"}});
    const auto asked = world.lease("q", 1, 1h);
    world.stir();
    world.ask(first, event::cancel{});
    world.settle();
    REQUIRE(status_in(world, first) == task_status::canceled);
    if (status_in(world, second) == task_status::queued)
      CHECK(lease(world).size() == 1);
    CHECK(status_in(world, second) == task_status::processing);
    complete(world, *stored_task(world, second));
    CHECK(world.keys_in_use().empty());
  }
}
