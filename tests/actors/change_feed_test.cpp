#include "actors/change_feed.hpp"

#include <catch2/catch.hpp>

#include "actors/house.hpp"
#include "tests/support/actor_world.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

change a_change(std::string name) {
  return {.kind = change_kind::queue, .what = "changed", .at = noon, .name = std::move(name)};
}

std::vector<std::string> names_after(const change_feed& feed, std::uint64_t number) {
  std::vector<std::string> names;
  for (const auto& one : feed.after(number, 100).items)
    names.push_back(one->name);
  return names;
}

/// "created", "queued", ...
std::vector<std::string> story_of(const change_feed& feed, std::uint64_t from, const task_id& id) {
  std::vector<std::string> words;
  for (const auto& one : feed.after(from, 1'000).items)
    if (one->id == id)
      words.emplace_back(one->what);
  return words;
}

}  // namespace

TEST_CASE("nothing is gathered while nobody looks on", "[changes]") {
  change_feed feed;
  feed.begin(100);
  CHECK_FALSE(feed.is_on());
  feed.publish(a_change("lost"));
  CHECK(feed.last_number() == 100);
  const auto watch = feed.watch([] {});
  CHECK(feed.is_on());
  feed.publish(a_change("one"));
  CHECK(feed.last_number() == 101);
  CHECK(names_after(feed, 100) == std::vector<std::string>{"one"});
}

TEST_CASE("a watcher that comes back soon has missed nothing", "[changes]") {
  change_feed feed;
  feed.begin(0);
  auto watch = feed.watch([] {});
  feed.publish(a_change("one"));
  watch.reset();
  feed.publish(a_change("two"));
  watch = feed.watch([] {});
  feed.publish(a_change("three"));
  CHECK_FALSE(feed.after(1, 10).has_gap);
  CHECK(names_after(feed, 1) == std::vector<std::string>{"two", "three"});
}

TEST_CASE("numbers of another life, and those forgotten, are a gap", "[changes]") {
  news_ring<int> ring{100, 3};
  const auto no_bytes = [](int) { return 0; };
  ring.add({1, 2, 3, 4}, no_bytes);
  CHECK(ring.after(99, 10).has_gap);
  CHECK(ring.after(100, 10).has_gap);
  CHECK(ring.after(500, 10).has_gap);
  const auto rest = ring.after(101, 10);
  CHECK_FALSE(rest.has_gap);
  CHECK(rest.first == 102);
  CHECK(rest.items == std::vector{2, 3, 4});
  CHECK(ring.after(102, 1).items == std::vector{3});
  CHECK(ring.after(104, 10).items.empty());
  CHECK_FALSE(ring.after(104, 10).has_gap);
  ring.forget();
  CHECK(ring.after(104, 10).has_gap);
}

TEST_CASE("large items leave room for fewer", "[changes]") {
  news_ring<std::string> ring{0, 100, 10};
  const auto bytes = [](const std::string& item) { return item.size(); };
  ring.add({"12345", "12345"}, bytes);
  CHECK_FALSE(ring.after(0, 10).has_gap);
  ring.add({"1"}, bytes);
  CHECK(ring.after(0, 10).has_gap);
  ring.add({std::string(50, 'x')}, bytes);
  CHECK(ring.after(3, 10).items.size() == 1);
}

TEST_CASE("every watcher is woken once for what is added together", "[changes]") {
  news_ring<int> ring{0, 100};
  int woken = 0;
  auto watch = ring.watch([&] { ++woken; });
  ring.add({1, 2, 3}, [](int) { return 0; });
  CHECK(woken == 1);
  watch.reset();
  ring.add({4}, [](int) { return 0; });
  CHECK(woken == 1);
}

TEST_CASE("the life of a task is told step by step, what was reported included", "[changes]") {
  actor_world world{1};
  auto& feed = world.look_inside().home.changes;
  const auto watch = feed.watch([] {});
  const auto from = feed.last_number();
  auto spec = pull_task(world.now() + 1min);
  spec.components = {"pdf"};
  const auto made = world.create(spec);
  world.settle();
  const auto id = good(made)->subject->id;
  world.advance(1min);
  const auto leased = world.lease("q", 1, 1min);
  world.settle();
  REQUIRE(good(leased));
  const auto token = std::get<processing>(good(leased)->front()->state).token;
  world.ask(id, event::report{{world.now(), "progress", "pdf", "half", 50.0}});
  world.settle();
  world.ask(id, event::failed{token, attempt_outcome::error, "boom", false});
  world.settle();
  CHECK(story_of(feed, from, id)
        == std::vector<std::string>{"created", "queued", "started", "changed", "report", "failed"});
}

TEST_CASE("what was not saved is not told", "[changes]") {
  actor_world world{1};
  auto& feed = world.look_inside().home.changes;
  const auto watch = feed.watch([] {});
  world.fail_commits(storage::commit_status::no_space, 1);
  const auto lost = world.create(pull_task(world.now()));
  world.settle();
  CHECK_FALSE(good(lost));
  CHECK(feed.after(0, 100).items.empty());
}

TEST_CASE("schedules are told of with the moments that they decide", "[changes]") {
  actor_world world{1};
  auto& feed = world.look_inside().home.changes;
  const auto watch = feed.watch([] {});
  schedule_spec spec;
  spec.expr = "* * * * *";
  spec.work.task_type = "q";
  const auto made = world.create_schedule(spec);
  world.settle();
  const auto id = good(made)->get()->id;
  world.advance(1min);
  world.ask_schedule(id, schedule_change{schedule_event::pause{}});
  world.settle();
  world.ask_schedule(id, schedule_change{schedule_event::resume{}});
  world.settle();
  world.ask_schedule(id, schedule_change{schedule_event::remove{}});
  world.settle();
  const auto words = story_of(feed, 0, id);
  CHECK(words == std::vector<std::string>{"created", "decided", "paused", "resumed", "deleted"});
}
