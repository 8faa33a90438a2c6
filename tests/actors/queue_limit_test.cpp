#include <catch2/catch.hpp>

#include <set>

#include "tests/support/keyed_tasks.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

void set(actor_world& world, const queue_change& change) {
  const auto answered = world.change_queue("q", change);
  world.settle();
  REQUIRE(good(answered) != nullptr);
}

void make_pulls(actor_world& world, int count) {
  for (; count > 0; --count)
    make(world, pull_task(world.now()));
}

}  // namespace

TEST_CASE("a paused queue keeps its tasks, and gives them when it is resumed", "[queue]") {
  actor_world world;
  set(world, {.is_paused = true});
  make_pulls(world, 3);
  CHECK(lease(world).empty());
  CHECK(world.counted(task_status::queued) == 3);
  const auto waiting = world.lease("q", 10, 1h, 1h);
  world.settle();
  CHECK_FALSE(*waiting);
  set(world, {.is_paused = false});
  REQUIRE(good(waiting) != nullptr);
  CHECK(good(waiting)->size() == 3);
}

TEST_CASE("a request to a paused queue is answered when its wait is over", "[queue]") {
  actor_world world;
  set(world, {.is_paused = true});
  make_pulls(world, 1);
  const auto waiting = world.lease("q", 10, 1h, 2s);
  world.advance(3s);
  REQUIRE(good(waiting) != nullptr);
  CHECK(good(waiting)->empty());
}

TEST_CASE("other queues are not paused with it", "[queue]") {
  actor_world world;
  set(world, {.is_paused = true});
  auto other = pull_task(world.now());
  other.task_type = "other";
  make(world, other);
  CHECK(lease(world, 10, "other").size() == 1);
}

TEST_CASE("at most as many tasks of a queue run as its concurrency says", "[queue]") {
  actor_world world;
  set(world, {.concurrency = 2});
  make_pulls(world, 5);
  const auto running = lease(world);
  CHECK(running.size() == 2);
  CHECK(lease(world).empty());
  const auto waiting = world.lease("q", 10, 1h, 1h);
  world.settle();
  CHECK_FALSE(*waiting);
  complete(world, *running.front());
  REQUIRE(good(waiting) != nullptr);
  CHECK(good(waiting)->size() == 1);
}

TEST_CASE("a first limit counts what runs already", "[queue]") {
  actor_world world;
  make_pulls(world, 6);
  const auto running = lease(world, 3);
  REQUIRE(running.size() == 3);
  set(world, {.concurrency = 3});
  CHECK(lease(world).empty());
  complete(world, *running[0]);
  CHECK(lease(world).size() == 1);
  set(world, {.concurrency = 1});
  complete(world, *running[1]);
  CHECK(lease(world).empty());
}

TEST_CASE("a limit that is wider or gone holds at once", "[queue]") {
  actor_world world;
  set(world, {.concurrency = 1});
  make_pulls(world, 4);
  REQUIRE(lease(world).size() == 1);
  const auto waiting = world.lease("q", 1, 1h, 1h);
  world.settle();
  CHECK_FALSE(*waiting);
  set(world, {.concurrency = 2});
  REQUIRE(good(waiting) != nullptr);
  CHECK(lease(world).empty());
  set(world, {.concurrency = 0});
  CHECK(lease(world).size() == 2);
}

TEST_CASE("a rate spreads the starts of a queue evenly", "[queue]") {
  actor_world world;
  set(world, {.rate = std::pair{2, duration{1s}}});
  world.advance(1s);
  make_pulls(world, 4);
  CHECK(lease(world).size() == 1);
  const auto waiting = world.lease("q", 10, 1h, 1h);
  world.advance(250ms);
  CHECK_FALSE(*waiting);
  world.advance(250ms);
  REQUIRE(good(waiting) != nullptr);
  CHECK(good(waiting)->size() == 1);
  CHECK(lease(world).empty());
}

TEST_CASE("a task needs room in its queue and its key", "[queue][key]") {
  actor_world world;
  set(world, {.concurrency = 2});
  const auto a1 = make(world, keyed(world, up_to(1, "a")));
  const auto a2 = make(world, keyed(world, up_to(1, "a")));
  const auto b1 = make(world, keyed(world, up_to(1, "b")));
  const auto c1 = make(world, keyed(world, up_to(1, "c")));
  const auto running = lease(world);
  REQUIRE(running.size() == 2);  // a2 waits for its key and is in nobody's way
  CHECK(running[0]->id == a1);
  CHECK(running[1]->id == b1);
  complete(world, *running[1]);
  const auto next = lease(world);
  REQUIRE(next.size() == 1);
  CHECK(next[0]->id == c1);
  complete(world, *running[0]);
  const auto last = lease(world);
  REQUIRE(last.size() == 1);
  CHECK(last[0]->id == a2);
  CHECK(lease(world).empty());
}

TEST_CASE("what is set for a queue survives, and what runs is counted in the next life",
          "[queue]") {
  actor_world world;
  set(world, {.concurrency = 2});
  make_pulls(world, 5);
  const auto running = lease(world);
  REQUIRE(running.size() == 2);
  world.kill_and_restart();
  CHECK(lease(world).empty());
  complete(world, *running[0]);
  CHECK(lease(world).size() == 1);
  set(world, {.is_paused = true});
  world.kill_and_restart();
  complete(world, *running[1]);
  CHECK(lease(world).empty());
  CHECK(world.stored_queue("q").settings.concurrency == 2);
}

TEST_CASE("a change that cannot be saved changes nothing", "[queue][fault]") {
  actor_world world;
  world.fail_commits(storage::commit_status::no_space, 1);
  const auto lost = world.change_queue("q", {.is_paused = true});
  const auto kept = world.change_queue("q", {.concurrency = 1});
  world.settle();
  CHECK((*lost)->error().kind == problem_kind::unavailable);
  REQUIRE(good(kept) != nullptr);
  make_pulls(world, 2);
  CHECK(lease(world).size() == 1);
}

TEST_CASE("a queue's tasks are counted where they are", "[queue]") {
  actor_world world;
  make_pulls(world, 5);
  make(world, pull_task(world.now() + 1h));
  const auto running = lease(world, 2);
  CHECK(world.stored_queue("q").waiting == 3);
  CHECK(world.stored_queue("q").processing == 2);
  complete(world, *running.front());
  CHECK(world.stored_queue("q").processing == 1);
}

TEST_CASE("no order of changes, leases and crashes passes a queue's limit or strands a task",
          "[queue][random]") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 25));
  CAPTURE(seed);
  actor_world world{seed};
  auto& dice = world.random();
  int limit = 0;
  std::vector<task_ptr> running;
  for (int step = 0; step < 120; ++step) {
    switch (dice() % 6) {
      case 0:
      case 1:
        make(world, dice() % 2 == 0 ? pull_task(world.now())
                                    : keyed(world, up_to(1, "k" + std::to_string(dice() % 2))));
        break;
      case 2: {
        limit = static_cast<int>(dice() % 4);
        set(world, {.concurrency = limit});
        break;
      }
      case 3: {
        const auto before = world.counted(task_status::processing);
        const auto got = lease(world, 1 + dice() % 3);
        running.insert(running.end(), got.begin(), got.end());
        if (limit > 0)
          CHECK(before + static_cast<std::int64_t>(got.size())
                <= std::max<std::int64_t>(limit, before));
        break;
      }
      case 4:
        if (!running.empty()) {
          complete(world, *running.back());
          running.pop_back();
        }
        break;
      default:
        if (dice() % 8 == 0)
          world.kill_and_restart();
    }
  }
  for (int round = 0; round < 500 && world.counted(task_status::queued) > 0; ++round) {
    for (const auto& one : running)
      complete(world, *one);
    running = lease(world, 3);
    REQUIRE(!running.empty());
  }
  CHECK(world.counted(task_status::queued) == 0);
}
