#include <catch2/catch.hpp>

#include "tests/support/batch_day.hpp"

using namespace carillon;
using test::actor_world;
using test::batch_day;
using namespace std::chrono_literals;

namespace {

/// The batch has ended so often, and everybody has heard of each end once.
void check_told(batch_day& day, int times) {
  CHECK(day.view().subject.completions == times);
  CHECK_FALSE(day.view().subject.is_event_due);
  CHECK(day.notices() == times);
  CHECK(day.runs() == times);
}

/// A batch of `count` children that nobody has worked on.
void open_whole(actor_world& world, batch_day& day, std::uint32_t count) {
  day.open();
  day.bring(0, count);
  world.settle();
  day.seal();
  world.settle();
}

void work_all(actor_world& world, batch_day& day, int fails_each = 0) {
  for (int round = 0; round < 60 && !day.view().subject.finished_at; ++round) {
    day.work(3, fails_each);
    world.settle();
  }
}

}  // namespace

TEST_CASE("a batch ends with its last child, and everybody hears of it once", "[batch]") {
  actor_world world;
  batch_day day{world};
  open_whole(world, day, 10);
  CHECK(status_of(day.view().subject) == batch_status::running);
  while (day.view().counts.done() < 9) {
    day.work(static_cast<std::size_t>(9 - day.view().counts.done()), 0);
    world.settle();
  }
  CHECK(day.view().counts.done() == 9);
  check_told(day, 0);
  day.work(1, 0);
  world.settle();
  CHECK(status_of(day.view().subject) == batch_status::completed);
  check_told(day, 1);
  REQUIRE(world.calls().size() == 1);
  world.answer_call(0, 200);
  world.settle();
  const auto notice = world.stored(day.view().subject.notices.front());
  REQUIRE(notice);
  CHECK(status_of(*notice) == task_status::completed);
  CHECK(notice->spec->payload == completion_payload(day.view().subject, day.view().counts));
  day.check_exact();
}

TEST_CASE("a batch that is sealed last ends with the seal", "[batch]") {
  actor_world world;
  batch_day day{world};
  day.open();
  day.bring(0, 4);
  world.settle();
  day.work(4, 0);
  world.settle();
  CHECK(status_of(day.view().subject) == batch_status::open);
  day.seal();
  world.settle();
  CHECK(status_of(day.view().subject) == batch_status::completed);
  check_told(day, 1);
}

TEST_CASE("who repeats the request goes on where the first one was cut off", "[batch]") {
  actor_world world;
  batch_day day{world};
  CHECK(day.open().is_new);
  day.bring(0, 3);
  day.bring(7, 9);
  world.settle();
  const auto first = day.opened().feed;

  const auto& again = day.open();
  CHECK_FALSE(again.is_new);
  CHECK(again.view.subject.id == day.id());
  REQUIRE(again.feed);
  CHECK(again.feed->taken_count() == 5);
  CHECK(again.feed->first_free() == 3);
  CHECK(again.feed->is_taken(8));
  CHECK_FALSE(first->enter());

  const auto stale = test::ask_batch(world, day.id(), batch_event::seal{}, first->session());
  world.settle();
  REQUIRE((*stale)->has_error());
  CHECK((*stale)->error().kind == problem_kind::conflict);

  day.bring(0, 10);
  world.settle();
  CHECK(day.view().counts.total() == 10);
  day.check_exact();
  const auto sealed = test::ask_batch(world, day.id(), batch_event::seal{}, again.feed->session());
  world.settle();
  CHECK(test::good(sealed)->subject.sealed_at);
  CHECK_FALSE(day.open().feed);
}

TEST_CASE("children on their way are known to whoever goes on", "[batch]") {
  actor_world world;
  batch_day day{world};
  day.open();
  day.bring(0, 5);  // nothing of it is on disk
  CHECK(day.open().feed->taken_count() == 5);
}

TEST_CASE("another header with the same key is refused", "[batch]") {
  actor_world world;
  batch_day day{world};
  day.open();
  batch_spec other;
  other.idempotency_key = "day 1";
  const auto asked = test::open_batch(world, other);
  world.settle();
  REQUIRE((*asked)->has_error());
  CHECK((*asked)->error().kind == problem_kind::conflict);
}

TEST_CASE("a cancellation ends every child that has not ended, and the batch", "[batch]") {
  actor_world world;
  batch_day day{world};
  day.open();
  day.bring(0, 12);
  world.settle();
  day.work(2, 0);
  world.settle();
  const auto running = world.lease("q", 3, 10min);
  world.settle();
  REQUIRE(test::good(running)->size() == 3);
  const auto canceled = test::ask_batch(world, day.id(), batch_event::cancel{});
  world.settle();
  CHECK(status_of(test::good(canceled)->subject) == batch_status::canceled);
  const auto view = day.view();
  CHECK(view.subject.finished_at);
  CHECK(view.counts.of(task_status::completed) == 2);
  CHECK(view.counts.of(task_status::canceled) == 10);
  CHECK_FALSE(day.opened().feed->enter());
  check_told(day, 1);
  day.check_exact();
}

TEST_CASE("a retry runs the failed children alone, and the batch ends once more", "[batch]") {
  actor_world world;
  batch_day day{world};
  open_whole(world, day, 12);
  work_all(world, day, 3);
  REQUIRE(day.view().counts.of(task_status::failed) == 4);
  check_told(day, 1);

  test::ask_batch(world, day.id(), batch_event::retry_failed{});
  world.settle();
  CHECK(status_of(day.view().subject) == batch_status::running);
  CHECK(day.view().counts.open() == 4);
  work_all(world, day);
  CHECK(day.view().counts.of(task_status::completed) == 12);
  check_told(day, 2);
  day.check_exact();

  test::ask_batch(world, day.id(), batch_event::retry_failed{});
  world.settle();
  check_told(day, 2);
}

TEST_CASE("old children and then their batch are swept when it has ended", "[batch][sweeper]") {
  test::world_settings settings;
  settings.manual_clock = true;
  settings.sweep_interval = 1min;
  settings.keep = {{}, 1h};
  actor_world world{1, settings};
  batch_day day{world};
  open_whole(world, day, 3);
  day.work(2, 0);
  world.settle();
  const auto sweep_after = [&](duration step) {
    world.advance_manual(step);
    world.wait(250ms);
  };
  sweep_after(2h);
  CHECK(day.view().counts.kept() == 3);
  day.work(1, 0);
  world.settle();
  sweep_after(2min);
  CHECK(day.view().counts.kept() == 0);
  CHECK(day.view().counts.done() == 3);
  sweep_after(2h);
  sweep_after(2min);
  CHECK_FALSE(test::stored_batch(world, day.id()));
}
