#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/actor_world.hpp"

using namespace carillon;
using test::actor_world;
using namespace std::chrono_literals;

namespace {

/// A server on the manual clock that sweeps every minute of it.
actor_world a_world(const retention_rules& by_default = {}) {
  test::world_settings settings;
  settings.manual_clock = true;
  settings.sweep_interval = 1min;
  settings.keep = by_default;
  return actor_world{1, settings};
}

schedule_id make_schedule(actor_world& world, const retention_rules& keep) {
  schedule_spec spec;
  spec.kind = schedule_kind::manual;
  spec.overlap.policy = overlap_policy::allow;
  spec.work.task_type = "q";
  spec.keep = keep;
  const auto made = world.create_schedule(std::move(spec));
  world.settle();
  return (**test::good(made)).id;
}

task_id start_one(actor_world& world, const schedule_id& maker) {
  const auto ran = world.ask_schedule(maker, schedule_change{schedule_event::run{}});
  world.settle();
  return test::good(ran)->made.front()->id;
}

void end(actor_world& world, const task_id& id) {
  const auto ended = world.ask(id, event::cancel{});
  world.settle();
  REQUIRE(test::good(ended) != nullptr);
}

task_id end_one(actor_world& world, const schedule_id& maker) {
  const auto id = start_one(world, maker);
  end(world, id);
  world.advance_manual(1ms);
  return id;
}

std::vector<task_id> end_many(actor_world& world, const schedule_id& maker, int count) {
  std::vector<task_id> ids;
  for (; count > 0; --count)
    ids.push_back(end_one(world, maker));
  return ids;
}

/// A task that has failed and can be retried.
task_id fail_one(actor_world& world) {
  world.create(test::pull_task(world.now()));
  world.settle();
  const auto leased = world.lease("q", 1, 1min);
  world.settle();
  const auto& subject = test::good(leased)->front();
  world.ask(subject->id, event::failed{std::get<processing>(subject->state).token});
  world.settle();
  REQUIRE(world.counted(task_status::failed) > 0);
  return subject->id;
}

bool is_there(const actor_world& world, const task_id& id) {
  return world.stored(id).has_value();
}

/// The lists, the totals and the rows tell of the same tasks.
void check_whole(const actor_world& world, const std::vector<task_id>& ids) {
  const auto all = world.all_stored();
  std::int64_t counted = 0;
  for (std::size_t status = 0; status < task_status_count; ++status)
    counted += world.counted(static_cast<task_status>(status));
  CHECK(counted == static_cast<std::int64_t>(all.size()));
  for (const auto& id : ids)
    CHECK(is_there(world, id)
          == std::ranges::any_of(all, [&](const task& one) { return one.id == id; }));
}

/// The next sweep is due, and has yet to begin.
void begin_sweep(actor_world& world) {
  world.advance_manual(1min);
  world.begin_wait(250ms);
}

void sweep(actor_world& world) {
  begin_sweep(world);
  world.settle();
}

}  // namespace

TEST_CASE("of eight ended tasks of a schedule the newest five are kept", "[sweeper]") {
  auto world = a_world();
  const auto maker = make_schedule(world, {5, {}});
  const auto ids = end_many(world, maker, 8);
  const auto open = start_one(world, maker);
  CHECK(world.all_stored().size() == 9);
  sweep(world);
  CHECK(world.tasks_swept() == 3);
  for (std::size_t at = 0; at < ids.size(); ++at)
    CHECK(is_there(world, ids[at]) == (at >= 3));
  CHECK(is_there(world, open));
  check_whole(world, ids);
}

TEST_CASE("a task goes when it is older than keep_for, and not a millisecond before", "[sweeper]") {
  auto world = a_world();
  const auto maker = make_schedule(world, {{}, 1h});
  const auto ids = end_many(world, maker, 3);  // a millisecond apart
  const auto made_at = world.stored(ids[1])->spec->created_at;
  world.advance_manual(made_at + 1h - world.now());
  world.wait(250ms);
  CHECK_FALSE(is_there(world, ids[0]));
  CHECK(is_there(world, ids[1]));
  CHECK(is_there(world, ids[2]));
}

TEST_CASE("a real clock sweeps too", "[sweeper]") {
  test::world_settings settings;
  settings.sweep_interval = 10s;
  settings.keep.age = 1min;
  actor_world world{1, settings};
  const auto made = world.create(test::pull_task(world.now() + 1h));
  world.settle();
  const auto id = test::good(made)->subject->id;
  world.ask(id, event::cancel{});
  world.advance(59s);
  CHECK(is_there(world, id));
  world.advance(12s);
  CHECK_FALSE(is_there(world, id));
}

TEST_CASE("without an interval nothing is removed", "[sweeper]") {
  actor_world world{1, true};
  const auto maker = make_schedule(world, {1, 1ms});
  end_many(world, maker, 3);
  sweep(world);
  CHECK(world.all_stored().size() == 3);
}

TEST_CASE("either rule is enough", "[sweeper]") {
  auto world = a_world();
  const auto maker = make_schedule(world, {2, 1h});
  const auto old = end_one(world, maker);
  world.advance_manual(2h);
  const auto ids = end_many(world, maker, 3);
  sweep(world);
  CHECK_FALSE(is_there(world, old));
  CHECK_FALSE(is_there(world, ids[0]));
  CHECK(is_there(world, ids[1]));
  CHECK(is_there(world, ids[2]));
}

TEST_CASE("a task that runs stays, however old it is", "[sweeper]") {
  auto world = a_world({{}, 1h});
  const auto maker = make_schedule(world, {1, 1h});
  start_one(world, maker);
  world.create(test::pull_task(world.now()));
  world.settle();
  const auto leased = world.lease("q", 9, 12h);
  world.settle();
  REQUIRE(test::good(leased)->size() == 2);
  world.advance_manual(11h);
  sweep(world);
  for (const auto& one : *test::good(leased))
    CHECK(is_there(world, one->id));
}

TEST_CASE("the default holds for tasks of no schedule, and of those without rules", "[sweeper]") {
  auto world = a_world({{}, 1h});
  const auto plain = make_schedule(world, {});
  const auto longer = make_schedule(world, {{}, 48h});
  const auto of_plain = end_one(world, plain);
  const auto of_longer = end_one(world, longer);
  const auto alone = fail_one(world);
  world.advance_manual(2h);
  sweep(world);
  CHECK_FALSE(is_there(world, of_plain));
  CHECK_FALSE(is_there(world, alone));
  CHECK(is_there(world, of_longer));
  CHECK(world.tasks_swept() == 2);
}

TEST_CASE("a sweep removes more than a piece", "[sweeper]") {
  auto world = a_world({{}, 1h});
  std::vector<test::slot<created_task>> made;
  for (int number = 0; number < 700; ++number)
    made.push_back(world.create(test::pull_task(world.now() + 24h)));
  world.settle();
  for (const auto& one : made)
    world.ask(test::good(one)->subject->id, event::cancel{});
  world.settle();
  world.advance_manual(2h);
  sweep(world);
  CHECK(world.tasks_swept() == 700);
  CHECK(world.all_stored().empty());
}

TEST_CASE("a task that is retried as the sweep comes by is retried or gone", "[sweeper]") {
  std::set<bool> seen;
  for (int rounds = 0; rounds < 10; ++rounds) {
    auto world = a_world({{}, 1h});
    const auto id = fail_one(world);
    world.advance_manual(2h);
    begin_sweep(world);
    for (int round = 0; round < rounds; ++round)
      world.run_a_round();
    const auto retried = world.ask(id, event::retry{});
    world.settle();
    const bool stays = test::good(retried) != nullptr;
    CHECK(is_there(world, id) == stays);
    CHECK(world.counted(task_status::queued) == (stays ? 1 : 0));
    CHECK(world.counted(task_status::failed) == 0);
    if (!stays)
      CHECK((*retried)->error().kind == problem_kind::not_found);
    seen.insert(stays);
  }
  CHECK(seen == std::set{false, true});
}

TEST_CASE("a full disk ends a sweep, and the next one removes all", "[sweeper]") {
  auto world = a_world();
  const auto maker = make_schedule(world, {1, {}});
  const auto ids = end_many(world, maker, 6);
  world.fail_commits(storage::commit_status::no_space, 1);
  sweep(world);
  CHECK(world.tasks_swept() == 0);
  CHECK(world.all_stored().size() == 6);
  check_whole(world, ids);
  sweep(world);
  CHECK(world.tasks_swept() == 5);
  CHECK(world.all_stored().size() == 1);
  check_whole(world, ids);
}

TEST_CASE("a crash in a sweep leaves whole tasks, and the next life removes them", "[sweeper]") {
  std::set<std::size_t> left;
  for (int rounds = 0; rounds < 10; ++rounds) {
    auto world = a_world({{}, 1h});
    std::vector<task_id> ids;
    for (int number = 0; number < 3; ++number)
      ids.push_back(fail_one(world));
    world.advance_manual(2h);
    begin_sweep(world);
    for (int round = 0; round < rounds; ++round)
      world.run_a_round();
    world.kill_and_restart();
    check_whole(world, ids);
    left.insert(world.all_stored().size());
    sweep(world);
    CHECK(world.all_stored().empty());
    check_whole(world, ids);
  }
  CHECK(left.contains(0));
  CHECK(left.contains(3));
}
