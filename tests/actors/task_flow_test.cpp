#include "tests/support/actor_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace carillon;
using namespace std::chrono_literals;
using test::actor_world;

namespace {

task_id id_of(const test::slot<created_task>& made) {
  REQUIRE(test::good(made) != nullptr);
  return test::good(made)->subject->id;
}

task_status status_in(const actor_world& world, const task_id& id) {
  return status_of(*world.stored(id));
}

std::uint64_t token_of(const task& leased) {
  return std::get<processing>(leased.state).token;
}

}  // namespace

TEST_CASE("a task is delivered at its time and not before", "[flow]") {
  actor_world world;
  const auto made = world.create(test::delivered_task(world.now() + 1h));
  world.settle();
  const auto id = id_of(made);

  world.advance(1h - 1s);
  CHECK(world.calls().empty());
  world.advance(1s);

  REQUIRE(world.calls().size() == 1);
  CHECK(status_in(world, id) == task_status::processing);
  world.answer_call(0, 200);
  world.settle();
  CHECK(status_in(world, id) == task_status::completed);
}

TEST_CASE("a client never hears of a task that is not on disk", "[flow][fault]") {
  actor_world world;
  world.fail_commits(storage::commit_status::no_space, 1);
  const auto made = world.create(test::delivered_task(world.now()));
  world.settle();

  REQUIRE(*made);
  CHECK((*made)->error().kind == problem_kind::unavailable);
  CHECK(world.all_stored().empty());
  CHECK(world.calls().empty());
}

TEST_CASE("no call is made before its attempt is on disk", "[flow][fault]") {
  actor_world world;
  const auto id = id_of([&] {
    auto made = world.create(test::delivered_task(world.now() + 1s));
    world.settle();
    return made;
  }());
  world.fail_commits(storage::commit_status::no_space, 1);
  world.advance(1s);
  CHECK(world.calls().empty());

  world.advance(3s);
  CHECK(world.calls().size() == 1);
  CHECK(world.stored(id)->attempts.size() == 1);
}

TEST_CASE("a task survives a kill and still runs on time", "[flow][crash]") {
  actor_world world;
  const auto made = world.create(test::delivered_task(world.now() + 1h));
  world.settle();
  world.kill_and_restart();
  world.advance(1h);

  REQUIRE(world.calls().size() == 1);
  CHECK(world.calls()[0].id == id_of(made));
}

TEST_CASE("a task due while the server was down runs once, at the start", "[flow][crash]") {
  actor_world world;
  world.create(test::delivered_task(world.now() + 10s));
  world.settle();
  world.kill_and_restart();
  world.advance(20s);
  world.answer_call(0, 200);
  world.settle();
  world.kill_and_restart();
  world.advance(1h);
  CHECK(world.calls().size() == 1);
}

TEST_CASE("an attempt that dies with the server is recorded as crashed and made again",
          "[flow][crash]") {
  actor_world world;
  const auto made = world.create(test::delivered_task(world.now()));
  world.settle();
  REQUIRE(world.calls().size() == 1);
  world.kill_and_restart();

  REQUIRE(world.calls().size() == 2);
  const auto task = *world.stored(id_of(made));
  REQUIRE(task.attempts.size() == 2);
  CHECK(task.attempts[0].outcome == attempt_outcome::crashed);
}

TEST_CASE("a failed call is retried after its wait, as often as the policy says", "[flow]") {
  actor_world world;
  const auto made = world.create(test::delivered_task(world.now(), 2));
  world.settle();
  for (std::size_t attempt = 0; attempt < 3; ++attempt) {
    REQUIRE(world.calls().size() == attempt + 1);
    world.answer_call(attempt, 500);
    world.settle();
    world.advance(1s);
  }
  world.advance(1h);
  CHECK(world.calls().size() == 3);
  CHECK(status_in(world, id_of(made)) == task_status::failed);
}

TEST_CASE("the outcome of a call is not lost to a full disk", "[flow][fault]") {
  actor_world world;
  const auto made = world.create(test::delivered_task(world.now()));
  world.settle();
  world.fail_commits(storage::commit_status::no_space, 3);
  world.answer_call(0, 200);
  world.advance(10s);
  CHECK(status_in(world, id_of(made)) == task_status::completed);
  CHECK(world.calls().size() == 1);
}

TEST_CASE("a waiting worker gets a task the moment it is due", "[flow][lease]") {
  actor_world world;
  const auto asked = world.lease("q", 5, 60s, 30s);
  world.create(test::pull_task(world.now() + 10s));
  world.settle();
  CHECK(!*asked);
  world.advance(10s);

  REQUIRE(*asked);
  CHECK((**asked)->size() == 1);
}

TEST_CASE("a worker that waits for nothing is told so", "[flow][lease]") {
  actor_world world;
  const auto asked = world.lease("q", 5, 60s, 2s);
  world.settle();
  world.advance(2s);
  REQUIRE(*asked);
  CHECK((**asked)->empty());
}

TEST_CASE("a lost lease is given again and the late worker is refused", "[flow][lease]") {
  actor_world world;
  const auto id = id_of([&] {
    auto made = world.create(test::pull_task(world.now()));
    world.settle();
    return made;
  }());
  const auto first = world.lease("q", 1, 10s);
  world.settle();
  REQUIRE((**first)->size() == 1);
  world.advance(10s);
  const auto second = world.lease("q", 1, 10s);
  world.settle();
  REQUIRE((**second)->size() == 1);

  const auto late = world.ask(id, event::succeeded{token_of(*(**first)->front())});
  const auto right = world.ask(id, event::succeeded{token_of(*(**second)->front())});
  world.settle();
  CHECK((**late).error().kind == problem_kind::conflict);
  CHECK((**right).has_value());
  CHECK(status_in(world, id) == task_status::completed);
}

TEST_CASE("a queue longer than its head in memory is given out whole, each once", "[flow][lease]") {
  actor_world world;
  for (int at = 0; at < 50; ++at)
    world.create(test::pull_task(world.now()));
  world.settle();
  std::set<task_id> seen;
  for (int round = 0; round < 60; ++round) {
    const auto asked = world.lease("q", 3, 1h);
    world.settle();
    for (const auto& one : ***asked)
      CHECK(seen.insert(one->id).second);
  }
  CHECK(seen.size() == 50);
}

TEST_CASE("of many triggers at once one wins", "[flow][race]") {
  actor_world world;
  const auto id = id_of([&] {
    auto made = world.create(test::delivered_task(world.now() + 1h));
    world.settle();
    return made;
  }());
  std::vector<test::slot<task_ptr>> triggers;
  for (int at = 0; at < 20; ++at)
    triggers.push_back(world.ask(id, event::trigger{}));
  world.settle();
  CHECK(std::ranges::count_if(triggers, [](const auto& one) { return (**one).has_value(); }) == 1);
  CHECK(world.calls().size() == 1);
}

TEST_CASE("of many tasks with one unique_id one is made", "[flow][race]") {
  actor_world world;
  std::vector<test::slot<created_task>> made;
  for (int at = 0; at < 20; ++at) {
    auto spec = test::pull_task(world.now() + 1h);
    spec.unique_id = "only";
    made.push_back(world.create(std::move(spec)));
    world.stir();
  }
  world.settle();
  CHECK(world.all_stored().size() == 1);
  CHECK(std::ranges::count_if(made, [](const auto& one) { return (**one)->is_new; }) == 1);
}

TEST_CASE("an awake task is put to sleep and wakes for what is meant for it", "[flow][sleep]") {
  actor_world world;  // two awake tasks a shard at most
  std::vector<task_id> ids;
  for (int at = 0; at < 500; ++at) {
    const auto made = world.create(test::pull_task(world.now() + 1s));
    world.settle();
    ids.push_back(id_of(made));
  }
  world.advance(1s);
  CHECK(world.counted(task_status::queued) == 500);
  for (const auto& id : ids)
    world.ask(id, event::cancel{});
  world.settle();
  CHECK(world.counted(task_status::canceled) == 500);
}
