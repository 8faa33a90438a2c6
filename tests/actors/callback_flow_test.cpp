// Targets that take an attempt over, from the call to the callback, over kills and restarts.

#include <catch2/catch.hpp>

#include "tests/support/actor_world.hpp"

using namespace carillon;
using namespace std::chrono_literals;
using test::actor_world;

namespace {

/// A task whose target has answered 202 and will call back.
task_id handed_over(actor_world& world, task_spec spec) {
  const auto made = world.create(std::move(spec));
  world.settle();
  REQUIRE(test::good(made) != nullptr);
  world.answer_call(world.calls().size() - 1, 202);
  world.settle();
  return test::good(made)->subject->id;
}

task_spec a_task(const actor_world& world, duration timeout, int retries = 0) {
  auto spec = test::delivered_task(world.now(), retries);
  spec.timeout = timeout;
  return spec;
}

task_status status_in(const actor_world& world, const task_id& id) {
  return status_of(*world.stored(id));
}

std::uint64_t token_of(const actor_world& world, const task_id& id) {
  return std::get<processing>(world.stored(id)->state).token;
}

bool is_conflict(const test::slot<task_ptr>& where) {
  return *where && !where->value().has_value()
         && where->value().error().kind == problem_kind::conflict;
}

}  // namespace

TEST_CASE("a task that its target took over ends when the target says so", "[callback]") {
  actor_world world;
  const auto id = handed_over(world, a_task(world, 1h));
  CHECK(status_in(world, id) == task_status::processing);
  world.advance(59min);
  world.ask(id, event::progressed{token_of(world, id), 50.0, "half"});
  const auto token = token_of(world, id);
  world.ask(id, event::succeeded{token, R"({"ok":true})"});
  world.settle();

  const auto done = world.stored(id);
  CHECK(status_of(*done) == task_status::completed);
  CHECK(done->result == R"({"ok":true})");
  CHECK(done->attempts.back().http_status == 202);
  CHECK(done->news_count == 1);
  const auto again = world.ask(id, event::succeeded{token});
  world.settle();
  CHECK(is_conflict(again));
}

TEST_CASE("a kill does not end an attempt that is its target's", "[callback][crash]") {
  actor_world world;
  const auto id = handed_over(world, a_task(world, 1h));
  const auto token = token_of(world, id);
  world.kill_and_restart(10min);
  CHECK(status_in(world, id) == task_status::processing);
  CHECK(world.calls().size() == 1);
  world.ask(id, event::succeeded{token});
  world.settle();
  CHECK(status_in(world, id) == task_status::completed);
}

TEST_CASE("a target that never calls back loses the attempt at its timeout", "[callback]") {
  actor_world world;
  const bool killed = GENERATE(false, true);
  const auto id = handed_over(world, a_task(world, 1h, 1));
  const auto first = token_of(world, id);
  if (killed)
    world.kill_and_restart(1min);
  world.advance(killed ? 58min : 59min);
  world.advance(1min - 1ms);
  CHECK(world.stored(id)->attempts.size() == 1);
  world.advance(1h);
  REQUIRE(world.stored(id)->attempts.size() == 2);
  CHECK(world.stored(id)->attempts.front().outcome == attempt_outcome::timeout);
  const auto late = world.ask(id, event::succeeded{first});
  world.settle();
  CHECK(is_conflict(late));
}

TEST_CASE("without a timeout of its own an attempt waits a day for its callback", "[callback]") {
  actor_world world;
  auto spec = a_task(world, 30s);
  spec.has_default_timeout = true;
  const auto id = handed_over(world, spec);
  world.advance(callback_wait_default - 1ms);
  CHECK(status_in(world, id) == task_status::processing);
  world.advance(1ms);
  CHECK(status_in(world, id) == task_status::failed);
}

TEST_CASE("a failure that is called back is retried as any other", "[callback]") {
  actor_world world;
  const auto id = handed_over(world, a_task(world, 1h, 1));
  world.ask(id, event::failed{token_of(world, id), attempt_outcome::error, "no paper"});
  world.settle();
  CHECK(status_in(world, id) == task_status::retrying);
  CHECK(world.stored(id)->attempts.back().error == "no paper");
}

TEST_CASE("a task that waits for its callback can be canceled", "[callback]") {
  actor_world world;
  const auto id = handed_over(world, a_task(world, 1h));
  const auto token = token_of(world, id);
  world.ask(id, event::cancel{});
  world.settle();
  CHECK(status_in(world, id) == task_status::canceled);
  const auto late = world.ask(id, event::succeeded{token});
  world.settle();
  CHECK(is_conflict(late));
}

TEST_CASE("a callback that overtakes the answer counts, and the answer changes nothing",
          "[callback]") {
  actor_world world;
  const auto made = world.create(a_task(world, 1h));
  world.settle();
  const auto id = test::good(made)->subject->id;
  world.ask(id, event::succeeded{token_of(world, id), "1"});
  world.settle();
  world.answer_call(0, 202);
  world.settle();
  CHECK(status_in(world, id) == task_status::completed);
  CHECK(world.stored(id)->result == "1");
}

TEST_CASE("what its target took over holds no slot", "[callback]") {
  actor_world world{1, {.delivery_slots = 1}};
  handed_over(world, a_task(world, 1h));
  const auto next = world.create(a_task(world, 1h));
  world.settle();
  CHECK(world.calls().size() == 2);
}

TEST_CASE("what must be signed and cannot be fails its attempt unsent", "[callback]") {
  actor_world world;
  auto spec = a_task(world, 1h);
  spec.target->secret = "gone";
  const auto made = world.create(spec);
  world.settle();
  const auto found = world.stored(test::good(made)->subject->id);
  CHECK(world.calls().empty());
  CHECK(status_of(*found) == task_status::failed);
  CHECK(found->attempts.back().error
        == "not sent: it must be signed, and there is no secret called gone");
}
