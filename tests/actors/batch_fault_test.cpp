#include <catch2/catch.hpp>

#include "tests/support/batch_day.hpp"

// Batches on days on which the server is killed, the disk is full, and news comes in any order.

using namespace carillon;
using test::actor_world;
using test::batch_day;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t children = 40;
constexpr int seeds = 60;

/// A random part of what is to do now happens; then, perhaps, the server is killed.
bool stir_or_kill(actor_world& world, batch_day& day, unsigned one_in) {
  world.stir();
  if (world.random()() % one_in != 0)
    return false;
  world.kill_and_restart();
  world.settle();
  if (!day.view().subject.sealed_at)
    day.open();
  return true;
}

/// The client brings all children, however often the server is killed, and seals.
void bring_all(actor_world& world, batch_day& day, unsigned kills_one_in) {
  for (std::uint32_t from = 0; from < children;) {
    const auto to = from + 1 + static_cast<std::uint32_t>(world.random()() % 8);
    day.bring(from, std::min(to, children));
    from = stir_or_kill(world, day, kills_one_in) ? 0 : to;
    if (world.random()() % 3 == 0)
      day.work(4, 3);
  }
  world.settle();
  while (!day.view().subject.sealed_at) {
    day.seal();
    if (stir_or_kill(world, day, kills_one_in)) {
      day.bring(0, children);
      world.settle();
    }
    world.settle();
  }
}

void work_to_the_end(actor_world& world, batch_day& day, unsigned kills_one_in, int fails_each) {
  for (int round = 0; round < 200; ++round) {
    day.work(1 + world.random()() % 6, fails_each);
    stir_or_kill(world, day, kills_one_in);
  }
  world.advance(11min);  // leases that nobody holds any more
  while (!day.view().subject.finished_at) {
    day.work(8, fails_each);
    world.advance(11min);
  }
  world.settle();
}

}  // namespace

TEST_CASE("no order of news and kills loses or doubles a child or the end of a batch",
          "[batch][crash]") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    actor_world world{seed};
    batch_day day{world};
    day.open();
    bring_all(world, day, 12);
    CHECK(day.view().counts.total() == children);
    day.check_exact();
    work_to_the_end(world, day, 12, 3);
    CHECK(day.view().counts.done() == children);
    CHECK(day.view().subject.completions == 1);
    CHECK(day.notices() == 1);
    CHECK(day.runs() == 1);
    day.check_exact();
  }
}

TEST_CASE("a retry of the failed goes on after a kill", "[batch][crash]") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    actor_world world{seed};
    batch_day day{world};
    day.open();
    bring_all(world, day, 1'000'000);
    work_to_the_end(world, day, 1'000'000, 2);
    const auto failed = day.view().counts.of(task_status::failed);
    REQUIRE(failed > 5);
    const auto asked = test::ask_batch(world, day.id(), batch_event::retry_failed{});
    while (!*asked)
      world.stir();
    stir_or_kill(world, day, 2);
    world.settle();
    work_to_the_end(world, day, 8, 0);
    CHECK(day.view().counts.of(task_status::completed) == children);
    CHECK(day.view().subject.completions == 2);
    CHECK(day.notices() == 2);
    CHECK(day.runs() == 2);
    day.check_exact();
  }
}

TEST_CASE("a cancellation goes on after a kill", "[batch][crash]") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    actor_world world{seed};
    batch_day day{world};
    day.open();
    bring_all(world, day, 1'000'000);
    const auto asked = test::ask_batch(world, day.id(), batch_event::cancel{});
    while (!*asked)
      world.stir();
    for (int kills = 0; kills < 3; ++kills)
      stir_or_kill(world, day, 2);
    world.settle();
    CHECK(day.view().counts.done() == children);
    CHECK(day.view().subject.completions == 1);
    CHECK(day.notices() == 1);
    CHECK(day.runs() == 1);
    day.check_exact();
  }
}

TEST_CASE("the end of a batch that meets a full disk is told when there is room",
          "[batch][fault]") {
  actor_world world;
  batch_day day{world};
  day.open();
  day.bring(0, 2);
  world.settle();
  day.seal();
  world.settle();
  day.work(2, 0);
  for (int attempt = 1; attempt <= 3; ++attempt)
    world.fail_commits(storage::commit_status::no_space, attempt);
  world.settle();
  world.advance(2min);
  while (day.view().counts.open() > 0) {
    world.advance(11min);
    day.work(2, 0);
    world.settle();
  }
  world.advance(10s);
  CHECK(day.view().subject.completions == 1);
  CHECK(day.notices() == 1);
  CHECK(day.runs() == 1);
}

TEST_CASE("a batch that cannot be saved is not answered as one", "[batch][fault]") {
  actor_world world;
  world.fail_commits(storage::commit_status::no_space, 1);
  batch_spec spec;
  spec.idempotency_key = "full";
  const auto refused = test::open_batch(world, spec);
  const auto second = test::open_batch(world, spec);
  world.settle();
  REQUIRE((*refused)->has_error());
  CHECK((*refused)->error().kind == problem_kind::unavailable);
  CHECK((*second)->has_error());
  const auto made = test::open_batch(world, spec);
  world.settle();
  CHECK(test::good(made)->is_new);
}
