#include <catch2/catch.hpp>
#include <set>

#include "tests/support/keyed_tasks.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

std::vector<task_id> make_many(actor_world& world, int count, duration ahead = 24h) {
  std::vector<slot<created_task>> made;
  for (; count > 0; --count)
    made.push_back(world.create(pull_task(world.now() + ahead)));
  world.settle();
  std::vector<task_id> ids;
  for (const auto& one : made)
    ids.push_back(good(one)->subject->id);
  return ids;
}

task_id begin(actor_world& world, bulk_action action, storage::task_filter filter = {}) {
  const auto started = world.start_bulk(action, std::move(filter));
  while (!*started)
    REQUIRE(world.run_a_round());
  REQUIRE(good(started) != nullptr);
  return good(started)->job.id;
}

bulk_job stored_job(const actor_world& world, const task_id& job) {
  return world.stored_bulk(job)->job;
}

bulk_job run(actor_world& world, bulk_action action, storage::task_filter filter = {}) {
  const auto job = begin(world, action, std::move(filter));
  world.settle();
  const auto ended = stored_job(world, job);
  REQUIRE(ended.status == bulk_status::completed);
  return ended;
}

void check_counts(const bulk_job& job, std::int64_t total, std::int64_t changed,
                  std::int64_t conflicts = 0) {
  CHECK(job.total == total);
  CHECK(job.changed == changed);
  CHECK(job.conflicts == conflicts);
  CHECK(job.failed == 0);
}

}  // namespace

TEST_CASE("a job goes through more tasks than a piece has", "[bulk]") {
  actor_world world;
  make_many(world, 700);
  check_counts(run(world, bulk_action::cancel), 700, 700);
  CHECK(world.counted(task_status::canceled) == 700);
  check_counts(run(world, bulk_action::remove), 700, 700);
  CHECK(world.all_stored().empty());
}

TEST_CASE("tasks that are made after a job are left alone", "[bulk]") {
  actor_world world;
  make_many(world, 300);
  const auto job = begin(world, bulk_action::cancel);
  const auto later = make_many(world, 5);
  world.settle();
  check_counts(stored_job(world, job), 300, 300);
  for (const auto& id : later)
    CHECK(status_in(world, id) == task_status::scheduled);
}

TEST_CASE("triggered tasks are given to the worker that waits", "[bulk]") {
  actor_world world;
  make_many(world, 5);
  const auto waiting = world.lease("q", 10, 1h, 1h);
  world.settle();
  CHECK_FALSE(*waiting);
  check_counts(run(world, bulk_action::trigger), 5, 5);
  REQUIRE(good(waiting) != nullptr);
  CHECK(good(waiting)->size() + lease(world).size() == 5);
}

TEST_CASE("a canceled task gives its key back, whoever held it", "[bulk][key]") {
  actor_world world;
  const auto first = make(world, keyed(world, up_to(1)));
  const auto second = make(world, keyed(world, up_to(1)));
  REQUIRE(lease(world).size() == 1);
  storage::task_filter runs;
  runs.statuses = {task_status::processing};
  check_counts(run(world, bulk_action::cancel, runs), 1, 1);
  CHECK(status_in(world, first) == task_status::canceled);
  const auto next = lease(world);
  REQUIRE(next.size() == 1);
  CHECK(next.front()->id == second);
}

TEST_CASE("what people do meanwhile is theirs, and no task is touched twice", "[bulk]") {
  actor_world world{7};
  const auto ids = make_many(world, 400);
  const auto job = begin(world, bulk_action::cancel);
  std::vector<slot<task_ptr>> theirs;
  for (std::size_t at = 0; at < ids.size(); at += 20) {
    theirs.push_back(world.ask(ids[at], event::cancel{}));
    world.stir();
  }
  world.settle();
  std::int64_t by_people = 0;
  for (const auto& one : theirs)
    by_people += good(one) != nullptr ? 1 : 0;
  const auto ended = stored_job(world, job);
  CHECK(ended.changed + by_people == 400);
  CHECK(world.counted(task_status::canceled) == 400);
}

TEST_CASE("a paused job does nothing, also in the next life", "[bulk]") {
  actor_world world;
  make_many(world, 600);
  const auto job = begin(world, bulk_action::cancel);
  const auto paused = world.ask_bulk(job, bulk_request::pause);
  world.settle();
  REQUIRE(good(paused) != nullptr);
  const auto done = bulk::done(good(paused)->job);
  CHECK(done < 600);
  CHECK(world.counted(task_status::canceled) == done);
  world.kill_and_restart();
  CHECK(world.counted(task_status::canceled) == done);
  CHECK(stored_job(world, job) == good(paused)->job);
  REQUIRE(world.ask_bulk(job, bulk_request::resume));
  world.settle();
  check_counts(stored_job(world, job), 600, 600);
}

TEST_CASE("a canceled job leaves the rest", "[bulk]") {
  actor_world world;
  make_many(world, 600);
  const auto job = begin(world, bulk_action::cancel);
  const auto ended = world.ask_bulk(job, bulk_request::cancel);
  world.settle();
  REQUIRE(good(ended) != nullptr);
  CHECK(stored_job(world, job).status == bulk_status::canceled);
  CHECK(world.counted(task_status::canceled) == stored_job(world, job).changed);
  CHECK(world.counted(task_status::scheduled) > 0);
}

TEST_CASE("a crash at any moment of a job loses and repeats nothing", "[bulk][crash]") {
  const auto action = GENERATE(bulk_action::cancel, bulk_action::trigger, bulk_action::remove);
  std::set<std::int64_t> done_before;
  for (int rounds = 0; rounds < 240; rounds += 12) {
    actor_world world;
    make_many(world, 400);
    if (action == bulk_action::remove)
      run(world, bulk_action::cancel);
    const auto job = begin(world, action);
    for (int round = 0; round < rounds; ++round)
      world.run_a_round();
    done_before.insert(bulk::done(stored_job(world, job)));
    world.kill_and_restart();
    world.settle();
    check_counts(stored_job(world, job), 400, 400);
    CHECK(stored_job(world, job).status == bulk_status::completed);
  }
  CHECK(done_before.contains(0));
  CHECK(done_before.contains(256));
}

TEST_CASE("a full disk holds a job up and costs it no task", "[bulk][fault]") {
  for (int rounds = 0; rounds < 120; rounds += 15) {
    actor_world world;
    make_many(world, 400);
    const auto job = begin(world, bulk_action::cancel);
    for (int round = 0; round < rounds; ++round)
      world.run_a_round();
    world.fail_commits(storage::commit_status::no_space, 3);
    world.advance(20s);
    check_counts(stored_job(world, job), 400, 400);
  }
}

TEST_CASE("a job that cannot be saved is none", "[bulk][fault]") {
  actor_world world;
  make_many(world, 3);
  world.fail_commits(storage::commit_status::no_space, 1);
  const auto started = world.start_bulk(bulk_action::cancel);
  world.advance(5s);
  REQUIRE(*started);
  CHECK((*started)->error().kind == problem_kind::unavailable);
  CHECK(world.counted(task_status::scheduled) == 3);
}
