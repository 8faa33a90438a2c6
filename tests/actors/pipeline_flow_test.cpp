#include <catch2/catch.hpp>

#include <algorithm>

#include "storage/group_store.hpp"
#include "storage/task_store.hpp"
#include "tests/support/actor_world.hpp"
#include "tests/support/pipeline_samples.hpp"

using namespace carillon;
using namespace std::chrono_literals;
using test::a_pipeline_spec;
using test::a_step;
using test::actor_world;

namespace {

const std::string call = R"({"url":"http://receiver/x","method":"POST"})";

/// The id of a pipeline that has begun.
task_id begin(actor_world& world, const std::string& steps, int retries = 0) {
  auto spec = a_pipeline_spec(steps);
  spec.scheduled_for = world.now();
  spec.retry = {retries, backoff_kind::fixed, 1s, 1s};
  const auto made = world.create(spec);
  world.settle();
  return test::good(made)->subject->id;
}

task_status status(const actor_world& world, const task_id& id) {
  return status_of(*world.stored(id));
}

task_id child_of(const actor_world& world, const task_id& id) {
  return std::get<processing>(world.stored(id)->state).waits.children.front().id;
}

/// Writes the child's end as a life would that died before it could tell the parent.
void end_behind(actor_world& world, const task_id& id, task_status how, const std::string& result) {
  const auto before = *world.stored(id);
  auto after = before;
  after.state = ended{how, how == task_status::completed ? end_reason::success : end_reason::error,
                      world.now()};
  after.result = result;
  storage::change_set changes;
  encode({std::make_shared<const task>(after), facts_of(before), {}}, changes);
  world.write_behind(changes);
}

}  // namespace

TEST_CASE("a child's end that was not told before a death is told after it", "[pipelines]") {
  actor_world world;
  const auto id = begin(world, a_step("a", "queue.q") + "," + a_step("b", "test.echo"));
  end_behind(world, child_of(world, id), task_status::completed, R"({"n":7})");
  world.kill_and_restart();
  CHECK(status(world, id) == task_status::completed);
  CHECK(world.stored(id)->parts.at({0})->output == R"({"n":7})");
}

TEST_CASE("a child that is gone counts as canceled", "[pipelines]") {
  actor_world world;
  const auto id = begin(world, a_step("a", "queue.q"));
  const auto child = *world.stored(child_of(world, id));
  storage::change_set changes;
  encode({std::make_shared<const task>(child), facts_of(child), {}, true}, changes);
  world.write_behind(changes);
  world.kill_and_restart();
  CHECK(status(world, id) == task_status::failed);
  CHECK_THAT(world.stored(id)->components[0].error, Catch::EndsWith("is gone"));
}

TEST_CASE("a call that takes its server along three times fails its step, with the reason",
          "[pipelines]") {
  actor_world world;
  const auto id = begin(world, a_step("a", "http.request", call, R"(,"max_retries":5)"));
  for (int death = 1; death <= 3; ++death) {
    CHECK(world.calls().size() == static_cast<std::size_t>(death));
    world.kill_and_restart();
  }
  CHECK(world.calls().size() == 3);
  CHECK(status(world, id) == task_status::failed);
  CHECK_THAT(world.stored(id)->components[0].error, Catch::EndsWith("(crashed)"));
}

TEST_CASE("what is done again carries the same key", "[pipelines]") {
  actor_world world;
  const auto id = begin(world, a_step("a", "http.request", call), 1);
  world.kill_and_restart();
  world.answer_call(1, 500);
  world.settle();
  world.advance(2s);
  REQUIRE(world.calls().size() == 3);
  for (const auto& made : world.calls())
    CHECK(made.key == to_text(id) + "/a");
  CHECK(world.calls()[0].id == world.calls()[1].id);
  CHECK(world.calls()[1].id != world.calls()[2].id);
}

TEST_CASE("a pipeline that waits for a date or an event sleeps", "[pipelines]") {
  actor_world world;
  world.settle();
  const auto nobody = world.actors_running();
  const auto day = begin(world, a_step("a", "wait.until", R"({"duration":"P1D"})"));
  const auto event = begin(world, a_step("a", "wait.for_event", R"({"topic":"t"})"));
  CHECK(world.actors_running() == nobody);
  CHECK(status(world, day) == task_status::processing);
  const auto told = world.publish({"t", "1"});
  world.settle();
  CHECK(test::good(told) != nullptr);
  CHECK(status(world, event) == task_status::completed);
  CHECK(world.actors_running() == nobody);
}

TEST_CASE("a publication waits for a full disk", "[pipelines]") {
  actor_world world;
  const auto waiting = begin(world, a_step("w", "wait.for_event", R"({"topic":"t"})"));
  auto spec = a_pipeline_spec(a_step("p", "event.publish", R"({"topic":"t","payload":5})"));
  spec.scheduled_for = world.now();
  const auto made = world.create(spec);
  while (status(world, waiting) == task_status::processing && !test::good(made))
    world.run_a_round();
  world.fail_commits(storage::commit_status::no_space, 6);
  world.advance(30s);
  CHECK(status(world, waiting) == task_status::completed);
  CHECK(world.stored(waiting)->parts.at({0})->output == "5");
  CHECK(status(world, test::good(made)->subject->id) == task_status::completed);
}

TEST_CASE("a cancel reaches the children after a death too", "[pipelines]") {
  actor_world world;
  const auto id = begin(world, a_step("a", "queue.q"));
  const auto child = child_of(world, id);
  auto stopping = *world.stored(id);
  const auto before = facts_of(stopping);
  std::get<processing>(stopping.state).stopping = end_reason::stopped;
  storage::change_set changes;
  encode({std::make_shared<const task>(stopping), before, {}}, changes);
  world.write_behind(changes);
  world.kill_and_restart();
  CHECK(status(world, child) == task_status::canceled);
  CHECK(status(world, id) == task_status::canceled);
}

TEST_CASE("a child that a person cancels fails its step", "[pipelines]") {
  actor_world world;
  const auto id = begin(world, a_step("a", "queue.q"));
  world.ask(child_of(world, id), event::cancel{});
  world.settle();
  CHECK(status(world, id) == task_status::failed);
  CHECK_THAT(world.stored(id)->components[0].error, Catch::EndsWith("is canceled (canceled)"));
}

TEST_CASE("a manual clock waits for steps that follow a pause", "[pipelines]") {
  actor_world world{1, true};
  auto spec = a_pipeline_spec(a_step("a", "wait.until", R"({"seconds":60})") + ","
                              + a_step("b", "test.echo") + ","
                              + a_step("c", "wait.until", R"({"seconds":60})"));
  spec.scheduled_for = world.now();
  const auto made = world.create(spec);
  world.settle();
  world.advance_manual(2min);
  CHECK(status(world, test::good(made)->subject->id) == task_status::completed);
}
