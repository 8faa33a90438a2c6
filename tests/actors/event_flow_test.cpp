#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "tests/support/actor_world.hpp"

using namespace carillon;
using test::actor_world;
using test::good;
using test::world_settings;
using namespace std::chrono_literals;

namespace {

schedule_spec listening(const std::string& topic) {
  schedule_spec spec;
  spec.kind = schedule_kind::event;
  spec.expr = topic;
  spec.work.task_type = "q";
  spec.overlap.policy = overlap_policy::allow;
  return spec;
}

std::vector<schedule_id> listeners(actor_world& world, std::size_t count,
                                   const std::string& topic = "mail") {
  std::vector<schedule_id> made;
  for (std::size_t at = 0; at < count; ++at) {
    const auto one = world.create_schedule(listening(topic));
    world.settle();
    made.push_back((*good(one))->id);
  }
  return made;
}

new_event mail(std::string id = {}, std::string payload = "1") {
  return {"mail", std::move(payload), std::move(id), {}};
}

/// How many tasks each schedule has.
std::map<schedule_id, int> runs(const actor_world& world) {
  std::map<schedule_id, int> found;
  for (const auto& one : world.all_stored())
    ++found[*one.spec->schedule];
  return found;
}

bool each_ran_once(const actor_world& world, const std::vector<schedule_id>& wanted) {
  const auto found = runs(world);
  return found.size() == wanted.size() && std::ranges::all_of(wanted, [&](const auto& id) {
           return found.contains(id) && found.at(id) == 1;
         });
}

problem_kind kind_of(const test::slot<published_event>& where) {
  return (**where).error().kind;
}

}  // namespace

TEST_CASE("an event runs everybody who listens, once, and the answer names them", "[event]") {
  actor_world world;
  const auto mine = listeners(world, 3);
  listeners(world, 2, "post");
  const auto published = world.publish(mail({}, R"({"from":"a@b"})"));
  world.settle();
  REQUIRE(good(published));
  CHECK(each_ran_once(world, mine));
  REQUIRE((*good(published)).told->size() == 3);
  for (const auto& told : *good(published)->told) {
    REQUIRE(told.is_triggered());
    const auto made = world.stored(*told.task);
    CHECK(made->spec->schedule == told.listener.id);
    CHECK(event_of(*made->spec) == R"({"from":"a@b"})");
    CHECK(made->spec->cause == trigger_cause::event);
  }
  CHECK_FALSE(good(published)->is_repeat);
}

TEST_CASE("an id that is repeated is answered again, and nothing is run", "[event]") {
  actor_world world;
  const auto mine = listeners(world, 3);
  const auto first = world.publish(mail("order-1"));
  world.settle();
  const bool over_a_crash = GENERATE(false, true);
  if (over_a_crash)
    world.kill_and_restart();
  const auto second = world.publish(mail("order-1"));
  world.settle();
  CHECK(each_ran_once(world, mine));
  REQUIRE(good(second));
  CHECK(good(second)->is_repeat);
  CHECK(good(second)->subject->id == good(first)->subject->id);
  CHECK(*good(second)->told == *good(first)->told);
}

TEST_CASE("an id with another body is another event and refused", "[event]") {
  actor_world world;
  const auto mine = listeners(world, 2);
  const auto first = world.publish(mail("order-1"));
  world.settle();
  auto elsewhere = mail("order-1");
  elsewhere.topic = "post";
  for (auto& other : {mail("order-1", "2"), elsewhere}) {
    const auto second = world.publish(other);
    world.settle();
    CHECK(kind_of(second) == problem_kind::invalid);
  }
  CHECK(each_ran_once(world, mine));
}

TEST_CASE("a thousand at once with one id are one event, and others with it are refused",
          "[event]") {
  actor_world world;
  const auto mine = listeners(world, 3);
  std::vector<test::slot<published_event>> same;
  std::vector<test::slot<published_event>> other;
  for (int at = 0; at < 1'000; ++at) {
    same.push_back(world.publish(mail("order-1")));
    if (at % 100 == 50)
      other.push_back(world.publish(mail("order-1", "2")));
    if (at % 250 == 0)
      world.stir();
  }
  world.settle();
  CHECK(each_ran_once(world, mine));
  CHECK(std::ranges::count_if(same,
                              [](const auto& one) { return good(one) && !good(one)->is_repeat; })
        == 1);
  for (const auto& one : same)
    CHECK(*good(one)->told == *good(same.front())->told);
  for (const auto& one : other)
    CHECK(kind_of(one) == problem_kind::invalid);
}

TEST_CASE("an event without an id is another one each time", "[event]") {
  actor_world world;
  const auto mine = listeners(world, 2);
  world.publish(mail());
  world.publish(mail());
  world.settle();
  CHECK(runs(world) == std::map<schedule_id, int>{{mine[0], 2}, {mine[1], 2}});
}

TEST_CASE("those who make no run say why", "[event]") {
  actor_world world;
  auto spec = listening("mail");
  spec.dedupe_window = 1h;
  world.create_schedule(spec);
  world.settle();
  world.publish(mail());
  world.settle();
  const auto again = world.publish(mail());
  world.settle();
  REQUIRE(good(again)->told->size() == 1);
  const auto& told = good(again)->told->front();
  CHECK_FALSE(told.is_triggered());
  CHECK(told.skip == end_reason::deduplicated);
  CHECK(status_of(*world.stored(*told.task)) == task_status::skipped);
}

TEST_CASE("one that is paused while the event is under way runs nothing", "[event]") {
  actor_world world;
  const auto mine = listeners(world, 2);
  const auto published = world.publish(mail());
  world.run_a_round();  // who listens is read
  world.ask_schedule(mine[0], schedule_change{schedule_event::pause{}});
  world.settle();
  CHECK(runs(world).size()
            + static_cast<std::size_t>(std::ranges::count_if(
                *good(published)->told, [](const auto& told) { return !told.task; }))
        == 2);
}

TEST_CASE("a schedule that waits for its tasks is run awake, and others in their sleep",
          "[event]") {
  actor_world world;
  auto spec = listening("mail");
  spec.overlap = {overlap_policy::queue, 1, 100};
  const auto one = world.create_schedule(spec);
  spec.overlap = {overlap_policy::terminate, 1, 100};
  const auto other = world.create_schedule(spec);
  world.settle();
  for (int count = 0; count < 3; ++count) {
    const auto published = world.publish(mail());
    world.settle();
    CHECK(good(published)->told->size() == 2);
  }
  const auto queued = world.open_tasks((*good(one))->id);
  REQUIRE(queued.size() == 3);
  CHECK(std::ranges::count_if(queued, &open_task::is_held) == 2);
  CHECK(world.open_tasks((*good(other))->id).size() == 1);
  CHECK(runs(world).at((*good(other))->id) == 3);
}

TEST_CASE("wherever a crash comes, each listener runs once", "[event]") {
  int crashes_amid = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    actor_world world{seed};
    const auto mine = listeners(world, 8);
    auto published = world.publish(mail("order-1"));
    for (auto steps = world.random()() % 24; steps > 0; --steps)
      world.stir();
    const auto before = runs(world).size();
    crashes_amid += before > 0 && before < mine.size() ? 1 : 0;
    const bool was_acknowledged = good(published) != nullptr;
    const auto told = was_acknowledged ? good(published)->told : told_ptr{};
    world.kill_and_restart();
    if (was_acknowledged)
      CHECK(each_ran_once(world, mine));
    else
      CHECK((runs(world).empty() || each_ran_once(world, mine)));
    published = world.publish(mail("order-1"));
    world.settle();
    REQUIRE(good(published));
    CHECK(each_ran_once(world, mine));
    CHECK(good(published)->told->size() == mine.size());
    if (told)
      CHECK(*good(published)->told == *told);
  }
  CHECK(crashes_amid > 5);  // else the crashes came too early or too late
}

TEST_CASE("an event without an id is told to the end after a crash", "[event]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    actor_world world{seed};
    const auto mine = listeners(world, 8);
    world.publish(mail());
    for (auto steps = world.random()() % 24; steps > 0; --steps)
      world.stir();
    const auto before = runs(world).size();
    world.kill_and_restart();
    CHECK((each_ran_once(world, mine) || (before == 0 && runs(world).empty())));
  }
}

TEST_CASE("on a full disk an event is told when there is room again", "[event]") {
  for (int failures = 1; failures <= 12; ++failures) {
    actor_world world;
    const auto mine = listeners(world, 4);
    const auto first = world.publish(mail("order-1"));
    for (int rounds = failures % 4; rounds > 0; --rounds)
      world.run_a_round();
    world.fail_commits(storage::commit_status::no_space, failures);
    world.settle();
    for (int waits = 0; waits < 15; ++waits)
      world.advance(1s);
    auto again = world.publish(mail("order-1"));
    world.settle();
    for (int tries = 0; !good(again) && tries < failures; ++tries) {
      CHECK(kind_of(again) == problem_kind::unavailable);
      again = world.publish(mail("order-1"));
      world.advance(1s);
    }
    CAPTURE(failures);
    REQUIRE(good(again));
    CHECK(each_ran_once(world, mine));
    CHECK((good(first) || kind_of(first) == problem_kind::unavailable));
  }
}

TEST_CASE("after a day an event is forgotten and its id is free", "[event]") {
  actor_world world{1, world_settings{.manual_clock = true}};
  const auto mine = listeners(world, 1);
  const auto first = world.publish(mail("order-1"));
  world.publish(mail("order-2"));
  world.settle();
  world.advance_manual(24h - 1s);
  const auto still = world.publish(mail("order-1"));
  world.settle();
  CHECK(good(still)->is_repeat);
  world.advance_manual(1s);
  const auto anew = world.publish(mail("order-1", "2"));
  world.settle();
  CHECK_FALSE(good(anew)->is_repeat);
  CHECK(runs(world) == std::map<schedule_id, int>{{mine[0], 3}});
  CHECK(world.events().size() == 3);
  world.advance_manual(1s);
  world.wait(1s);  // a look at the clock
  REQUIRE(world.events().size() == 1);
  CHECK(world.events().front().subject.id == good(anew)->subject->id);
  const auto repeated = world.publish(mail("order-1", "2"));
  world.settle();
  CHECK(good(repeated)->is_repeat);
}

namespace {

/// A task that waits for two events, one after the other.
task_spec two_waits(instant when) {
  task_spec spec;
  spec.runs_pipeline = true;
  spec.scheduled_for = when;
  spec.payload = R"({"pipeline":[
      {"id":"one","uses":"wait.for_event","with":{"topic":"mail"}},
      {"id":"two","uses":"wait.for_event","with":{"topic":"mail"}}]})";
  return spec;
}

std::size_t steps_done(const task& subject) {
  return static_cast<std::size_t>(std::ranges::count_if(subject.components, [](const auto& one) {
    return one.status == component_status::completed;
  }));
}

}  // namespace

TEST_CASE("a task that waits hears an event once, wherever a crash comes", "[event]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    actor_world world{seed};
    const auto made = world.create(two_waits(world.now()));
    world.settle();
    REQUIRE(good(made));
    const auto id = good(made)->subject->id;
    REQUIRE(steps_done(*world.stored(id)) == 0);
    listeners(world, 4);
    world.advance(1s);  // a second wait begins later than the event
    const auto published = world.publish(mail("order-1"));
    for (auto steps = world.random()() % 24; steps > 0; --steps)
      world.stir();
    world.kill_and_restart(1s);
    const auto again = world.publish(mail("order-1"));
    world.settle();
    CAPTURE(seed);
    REQUIRE(good(again));
    CHECK(steps_done(*world.stored(id)) == 1);
    world.publish(mail("order-2"));
    world.settle();
    CHECK(status_of(*world.stored(id)) == task_status::completed);
  }
}
