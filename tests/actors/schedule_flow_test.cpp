#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/support/actor_world.hpp"

using namespace carillon;
using test::actor_world;
using namespace std::chrono_literals;

namespace {

/// Every ten seconds a call, however long calls take.
schedule_spec every_ten_seconds() {
  schedule_spec spec;
  spec.expr = "*/10 * * * * *";
  spec.work.target.emplace().url = "http://receiver.test/";
  spec.overlap.policy = overlap_policy::allow;
  return spec;
}

schedule_id created(actor_world& world, schedule_spec spec) {
  const auto made = world.create_schedule(std::move(spec));
  world.settle();
  REQUIRE(test::good(made) != nullptr);
  return (*test::good(made))->id;
}

std::vector<task> tasks_of(const actor_world& world, const schedule_id& id) {
  auto all = world.all_stored();
  std::erase_if(all, [&](const task& one) { return one.spec->schedule != id; });
  return all;
}

std::size_t count(const std::vector<task>& all, task_status status) {
  return static_cast<std::size_t>(
      std::ranges::count_if(all, [&](const task& one) { return status_of(one) == status; }));
}

void answer_open_calls(actor_world& world) {
  for (std::size_t at = 0; at < world.calls().size(); ++at)
    if (!world.calls()[at].ended)
      world.answer_call(at, 200);
  world.settle();
}

}  // namespace

TEST_CASE("a schedule fires at each of its moments, once", "[schedule]") {
  actor_world world;
  const auto id = created(world, every_ten_seconds());
  const auto start = world.now();
  world.advance(35s);

  REQUIRE(world.calls().size() == 3);
  for (int at = 0; at < 3; ++at)
    CHECK(world.calls()[static_cast<std::size_t>(at)].at == start + (at + 1) * 10s);
  CHECK(world.stored_schedule(id)->execution_count == 3);
  CHECK(world.stored_schedule(id)->next_at == start + 40s);
}

TEST_CASE("a killed server carries on: nothing twice, nothing left out", "[schedule]") {
  actor_world world;
  auto spec = every_ten_seconds();
  spec.catch_up.policy = catch_up_policy::all;
  const auto id = created(world, spec);
  const auto start = world.now();
  for (int life = 0; life < 5; ++life) {
    world.advance(7s);
    world.kill_and_restart();
  }
  world.advance(5s);

  std::vector<instant> planned;
  for (const auto& one : tasks_of(world, id))
    planned.push_back(one.spec->scheduled_for);
  std::ranges::sort(planned);
  CHECK(planned == std::vector<instant>{start + 10s, start + 20s, start + 30s, start + 40s});
}

TEST_CASE("a task of the queue waits until the one before has ended", "[schedule]") {
  actor_world world;
  auto spec = every_ten_seconds();
  spec.overlap.policy = overlap_policy::queue;
  const auto id = created(world, spec);
  world.advance(25s);

  CHECK(world.calls().size() == 1);
  CHECK(count(tasks_of(world, id), task_status::queued) == 1);
  SECTION("it is admitted then") {
    answer_open_calls(world);
    CHECK(world.calls().size() == 2);
  }
  SECTION("it is admitted after a crash too") {
    world.kill_and_restart();
    world.advance(1s);
    answer_open_calls(world);
    answer_open_calls(world);
    CHECK(count(tasks_of(world, id), task_status::completed) == 2);
  }
}

TEST_CASE("what is made ahead starts at its time and not before", "[schedule]") {
  actor_world world;
  auto spec = every_ten_seconds();
  spec.lead = 30s;
  const auto id = created(world, spec);
  CHECK(count(tasks_of(world, id), task_status::scheduled) == 3);
  CHECK(world.calls().empty());

  SECTION("in one life") {
    world.advance(10s);
    CHECK(world.calls().size() == 1);
    CHECK(count(tasks_of(world, id), task_status::scheduled) == 3);
    CHECK(world.stored_schedule(id)->execution_count == 1);
  }
  SECTION("after a crash") {
    world.kill_and_restart();
    world.advance(10s);
    CHECK(world.calls().size() == 1);
    CHECK(tasks_of(world, id).size() == 4);
  }
  SECTION("and its schedule shows the next moment when it is canceled") {
    auto ahead = tasks_of(world, id);
    std::ranges::sort(ahead, {}, [](const task& one) { return one.spec->scheduled_for; });
    world.ask(ahead.front().id, event::cancel{});
    world.settle();
    CHECK(world.stored_schedule(id)->next_at == ahead[1].spec->scheduled_for);
  }
}

TEST_CASE("a full disk delays a moment and loses nothing", "[schedule]") {
  actor_world world;
  const auto id = created(world, every_ten_seconds());
  const auto start = world.now();
  world.advance(9s);
  world.fail_commits(storage::commit_status::no_space, 3);
  world.advance(6s);

  REQUIRE(tasks_of(world, id).size() == 1);
  CHECK(tasks_of(world, id).front().spec->scheduled_for == start + 10s);
  CHECK(world.calls().size() == 1);
}

TEST_CASE("runs within the window of a dedupe key name the first, restarts included",
          "[schedule]") {
  actor_world world;
  auto spec = every_ten_seconds();
  spec.kind = schedule_kind::manual;
  spec.expr.clear();
  spec.dedupe_key = "daily";
  spec.dedupe_window = 60s;
  const auto id = created(world, spec);
  const auto other = created(world, spec);
  const auto run = [&](const schedule_id& which) {
    const auto done = world.ask_schedule(which, schedule_change{schedule_event::run{}});
    world.settle();
    REQUIRE(test::good(done) != nullptr);
    return test::good(done)->made.at(0);
  };
  const auto first = run(id);
  CHECK(status_of(*first) == task_status::queued);
  world.kill_and_restart();
  world.advance(10s);
  const auto second = run(other);
  REQUIRE(status_of(*second) == task_status::skipped);
  CHECK(std::get<ended>(second->state).because_of == first->id);
  world.advance(60s);
  CHECK(status_of(*run(other)) == task_status::queued);
}

TEST_CASE("an edit is checked as a whole and launches nothing", "[schedule]") {
  actor_world world;
  const auto id = created(world, every_ten_seconds());
  const auto edit = [&](std::string expr) {
    schedule_patch patch;
    patch.apply = [expr](const schedule_spec& now) -> expected<schedule_spec> {
      auto next = now;
      next.expr = expr;
      return next;
    };
    patch.locations = {"expr", "timezone"};
    const auto done = world.ask_schedule(id, patch);
    world.settle();
    return done;
  };
  SECTION("a good one") {
    REQUIRE(test::good(edit("0 0 12 * * *")) != nullptr);
    CHECK(tasks_of(world, id).empty());
    world.advance(30s);
    CHECK(world.calls().empty());
  }
  SECTION("a bad one") {
    const auto refused = edit("0 0 12 30 2 *");
    REQUIRE(*refused);
    REQUIRE(!(*refused)->has_value());
    CHECK((*refused)->error().faults.at(0).location == "expr");
    world.advance(10s);
    CHECK(world.calls().size() == 1);
  }
}
