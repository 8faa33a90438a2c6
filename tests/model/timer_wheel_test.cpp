#include "model/timer_wheel.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

TEST_CASE("timers come out in time order, once", "[timer_wheel]") {
  timer_wheel wheel{noon};
  wheel.arm(noon + 3s, an_id(3));
  wheel.arm(noon + 1ms, an_id(1));
  wheel.arm(noon + 2s, an_id(2));
  CHECK(wheel.next() == noon + 1ms);
  CHECK(wheel.size() == 3);
  CHECK(wheel.take_due(noon + 2s) == std::vector{an_id(1), an_id(2)});
  CHECK(wheel.next() == noon + 3s);
  CHECK(wheel.take_due(noon + 1h) == std::vector{an_id(3)});
  CHECK_FALSE(wheel.next());
  CHECK(wheel.size() == 0);
  CHECK(wheel.take_due(noon + 2h).empty());
}

TEST_CASE("a timer is never early", "[timer_wheel]") {
  timer_wheel wheel{noon};
  wheel.arm(noon + 5s, an_id(1));
  CHECK(wheel.take_due(noon + 5s - 1ms).empty());
  CHECK(wheel.take_due(noon + 5s) == std::vector{an_id(1)});
}

TEST_CASE("timers of the same millisecond come together, as they were armed", "[timer_wheel]") {
  timer_wheel wheel{noon};
  for (const unsigned number : {5U, 1U, 3U, 3U})
    wheel.arm(noon + 1s, an_id(number));
  CHECK(wheel.take_due(noon + 1s) == std::vector{an_id(5), an_id(1), an_id(3), an_id(3)});
}

TEST_CASE("what is armed for the past is due at once", "[timer_wheel]") {
  timer_wheel wheel{noon};
  wheel.take_due(noon + 1min);
  wheel.arm(noon, an_id(1));
  wheel.arm(instant{duration{-1}}, an_id(2));
  CHECK(wheel.next() == noon + 1min);
  CHECK(wheel.take_due(noon + 1min) == std::vector{an_id(1), an_id(2)});
}

TEST_CASE("a clock that goes back takes nothing out and loses nothing", "[timer_wheel]") {
  timer_wheel wheel{noon};
  wheel.arm(noon + 1s, an_id(1));
  CHECK(wheel.take_due(noon - 1h).empty());
  CHECK(wheel.position() == noon);
  CHECK(wheel.take_due(noon + 1s) == std::vector{an_id(1)});
}

TEST_CASE("a wheel turns over its end", "[timer_wheel]") {
  const auto start = GENERATE(as<instant>{}, noon, instant{}, instant{duration{-100'000}},
                              instant{timer_wheel::span - duration{1}}, instant{timer_wheel::span});
  timer_wheel wheel{start};
  for (int turn = 0; turn < 5; ++turn) {
    const auto here = wheel.position();
    wheel.arm(here + timer_wheel::span - 1ms, an_id(2));
    wheel.arm(here, an_id(1));
    CHECK(wheel.next() == here);
    CHECK(wheel.take_due(here) == std::vector{an_id(1)});
    CHECK(wheel.next() == here + timer_wheel::span - 1ms);
    CHECK(wheel.take_due(here + timer_wheel::span - 1ms) == std::vector{an_id(2)});
  }
}

TEST_CASE("a sleep longer than the wheel takes all that was armed", "[timer_wheel]") {
  timer_wheel wheel{noon};
  wheel.arm(noon + timer_wheel::span - 1ms, an_id(2));
  wheel.arm(noon + 1s, an_id(1));
  CHECK(wheel.take_due(noon + 10 * timer_wheel::span) == std::vector{an_id(1), an_id(2)});
  CHECK(wheel.position() == noon + 10 * timer_wheel::span);
  wheel.arm(wheel.position() + 1ms, an_id(3));
  CHECK(wheel.next() == wheel.position() + 1ms);
}

TEST_CASE("a reset wheel is empty and stands at its new start", "[timer_wheel]") {
  timer_wheel wheel{noon};
  wheel.arm(noon + 1s, an_id(1));
  wheel.reset(noon - 1h);
  CHECK(wheel.position() == noon - 1h);
  CHECK(wheel.size() == 0);
  CHECK_FALSE(wheel.next());
  wheel.arm(noon - 1h + 1s, an_id(2));
  CHECK(wheel.take_due(noon) == std::vector{an_id(2)});
}

// Method: a multimap is the truth; arms and sleeps of all lengths, small ones oftener.
TEST_CASE("a wheel does what a sorted list does", "[timer_wheel][random]") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const auto some_time = [&random] {
    const auto bits = random() % 19;
    return duration{static_cast<std::int64_t>(random() & ((1ULL << bits) - 1))};
  };
  auto now = seed % 2 == 0 ? noon : instant{duration{-500'000}};
  timer_wheel wheel{now};
  std::multimap<instant, task_id> truth;
  for (std::uint64_t step = 0; step < 5'000; ++step) {
    if (random() % 4 != 0) {
      const auto due = random() % 8 == 0 ? now - some_time() : now + some_time();
      wheel.arm(due, an_id(step));
      truth.emplace(std::max(due, now), an_id(step));
      continue;
    }
    REQUIRE(wheel.next() == (truth.empty() ? std::nullopt : std::optional{truth.begin()->first}));
    now += some_time();
    std::vector<task_id> due;
    const auto end = truth.upper_bound(now);
    std::transform(truth.begin(), end, std::back_inserter(due),
                   [](auto& one) { return one.second; });
    truth.erase(truth.begin(), end);
    REQUIRE(wheel.take_due(now) == due);
    REQUIRE(wheel.size() == truth.size());
    REQUIRE(wheel.position() == now);
  }
}
