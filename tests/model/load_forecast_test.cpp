#include "model/load_forecast.hpp"

#include <catch2/catch.hpp>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t plenty = 1'000'000;

std::vector<std::int64_t> starts_of(const load_forecast::series& one) {
  std::vector<std::int64_t> starts;
  for (const auto& point : one.points)
    starts.push_back(point.starts);
  return starts;
}

/// The same moments one by one: those behind the making of the schedule.
std::vector<std::int64_t> counted(const moments& all, instant from, instant to, duration step) {
  std::vector<std::int64_t> starts(static_cast<std::size_t>((to - from + step - 1ms) / step));
  for (auto at = all.next(from); at && at->at < to; at = all.next(at->at))
    ++starts[static_cast<std::size_t>((at->at - from) / step)];
  return starts;
}

}  // namespace

TEST_CASE("a start adds to its step, and its run to every step that it lasts", "[forecast]") {
  load_forecast load{noon, noon + 4min, 1min};
  load.add("", noon + 30s, 2min);
  const auto all = load.total();
  CHECK(starts_of(all) == std::vector<std::int64_t>{1, 0, 0, 0});
  CHECK(all.points[0].concurrency == Approx(0.5));
  CHECK(all.points[1].concurrency == Approx(1));
  CHECK(all.points[2].concurrency == Approx(0.5));
  CHECK(all.points[3].concurrency == Approx(0));
}

TEST_CASE("what lasts longer than the time asked for is cut off at its end", "[forecast]") {
  load_forecast load{noon, noon + 150s, 1min};
  load.add("", noon, 1h, 3);
  const auto all = load.total();
  REQUIRE(all.points.size() == 3);
  for (const auto& point : all.points)
    CHECK(point.concurrency == Approx(3));
}

TEST_CASE("a forecast is what the preview shows", "[forecast]") {
  const schedule_life life{a_schedule("*/7 9-17 * * *")};
  load_forecast load{noon, noon + 24h, 1h};
  auto budget = plenty;
  REQUIRE(load.add("", life.subject(), life.rule(), 0ms, budget));
  CHECK(starts_of(load.total()) == counted(life.rule(), noon, noon + 24h, 1h));
  CHECK(budget == plenty - load.total().starts);
}

TEST_CASE("equal steps are counted by arithmetic as if they were one by one", "[forecast]") {
  for (const auto* rule : {"@every 1s", "@every 7s", "@every 13m", "@every 90m", "@every 30h"}) {
    for (const auto& [begin, end] : {std::pair{0min, 1'440min}, std::pair{37min, 999min}}) {
      auto spec = a_schedule(rule);
      spec.start_at = noon + begin;
      spec.end_at = noon + end;
      spec.jitter = 5min;
      const schedule_life life{spec};
      CAPTURE(rule, end.count());
      load_forecast load{noon, noon + 24h, 10min};
      auto budget = plenty;
      REQUIRE(load.add("", life.subject(), life.rule(), 30s, budget));
      CHECK(starts_of(load.total()) == counted(life.rule(), noon, noon + 24h, 10min));
      CHECK(budget >= plenty - 24 * 6);
    }
  }
}

TEST_CASE("a budget that is used up ends the counting", "[forecast]") {
  const schedule_life life{a_schedule("* * * * *")};
  load_forecast load{noon, noon + 24h, 1h};
  std::int64_t budget = 10;
  CHECK_FALSE(load.add("", life.subject(), life.rule(), 0ms, budget));
  CHECK(load.total().starts == 10);
  CHECK_FALSE(load.add("", life.subject(), life.rule(), 0ms, budget));
}

TEST_CASE("moments with a record are not planned again", "[forecast]") {
  const schedule_life life{a_schedule("0 * * * *")};
  auto subject = life.subject();
  subject.cursor = noon + 2h;
  subject.answered = {noon + 4h};
  load_forecast load{noon, noon + 6h, 1h};
  auto budget = plenty;
  REQUIRE(load.add("", subject, life.rule(), 0ms, budget));
  CHECK(starts_of(load.total()) == std::vector<std::int64_t>{0, 0, 0, 1, 0, 1});
}

TEST_CASE("the groups with the most starts are shown, the others as one", "[forecast]") {
  load_forecast load{noon, noon + 1h, 1h};
  load.add("few", noon, 0ms, 1);
  load.add("many", noon, 0ms, 9);
  load.add("some", noon, 0ms, 4);
  const auto groups = load.by_group(1);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].group == "many");
  CHECK(groups[1].is_other);
  CHECK(groups[1].starts == 5);
  CHECK(load.by_group(3).size() == 3);
}
