#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/actor_world.hpp"

using namespace carillon;
using namespace std::chrono_literals;
using test::actor_world;

namespace {

key_limit up_to(int concurrency, std::string key = "db") {
  return {std::move(key), concurrency};
}

task_spec keyed(const actor_world& world, key_limit limit, int priority = priority_default) {
  auto spec = test::pull_task(world.now());
  spec.limit = std::move(limit);
  spec.priority = priority;
  return spec;
}

task_spec keyed_delivery(const actor_world& world, key_limit limit,
                         int priority = priority_default) {
  auto spec = test::delivered_task(world.now());
  spec.limit = std::move(limit);
  spec.priority = priority;
  return spec;
}

task_id make(actor_world& world, task_spec spec) {
  const auto made = world.create(std::move(spec));
  world.settle();
  REQUIRE(test::good(made) != nullptr);
  return test::good(made)->subject->id;
}

std::vector<task_ptr> lease(actor_world& world, std::size_t max = 100,
                            const std::string& queue = "q", duration time = 1h) {
  const auto asked = world.lease(queue, max, time);
  world.settle();
  REQUIRE(test::good(asked) != nullptr);
  return *test::good(asked);
}

void complete(actor_world& world, const task& leased) {
  const auto done =
      world.ask(leased.id, event::succeeded{std::get<processing>(leased.state).token});
  world.settle();
  REQUIRE(test::good(done) != nullptr);
}

task_status status_in(const actor_world& world, const task_id& id) {
  return status_of(*world.stored(id));
}

/// Called in this order.
std::vector<task_id> called(actor_world& world) {
  std::vector<task_id> ids;
  for (const auto& call : world.calls())
    ids.push_back(call.id);
  return ids;
}

}  // namespace

TEST_CASE("tasks with one key run one after the other, one with another key at once", "[key]") {
  actor_world world;
  const auto first = make(world, keyed_delivery(world, up_to(1)));
  const auto second = make(world, keyed_delivery(world, up_to(1)));
  const auto other = make(world, keyed_delivery(world, up_to(1, "other")));
  const auto free = make(world, test::delivered_task(world.now()));
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
  REQUIRE(test::good(asked) != nullptr);
  CHECK(test::good(asked)->size() == 1);
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
  REQUIRE(test::good(asked_b) != nullptr);
  CHECK(test::good(asked_b)->front()->id == better);
  CHECK(!*asked_a);
  complete(world, *test::good(asked_b)->front());
  REQUIRE(test::good(asked_a) != nullptr);
  CHECK(test::good(asked_a)->front()->id == worse);
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
    free.insert(make(world, test::pull_task(world.now())));
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
