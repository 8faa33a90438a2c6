#include "model/start_pace.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;

namespace {

const instant noon = *parse_instant("2030-01-01T12:00:00Z");

}  // namespace

TEST_CASE("no rate is no limit", "[pace]") {
  start_pace pace{0, noon};
  CHECK(pace.room(noon) > 1'000'000);
  pace.take(1'000, noon);
  CHECK(pace.room(noon) > 1'000'000);
  CHECK(pace.next(noon) == noon);
}

TEST_CASE("starts are spread evenly, whenever they are asked for", "[pace]") {
  for (const std::int64_t rate : {1, 3, 10, 999, 1'000, 5'000}) {
    CAPTURE(rate);
    start_pace pace{rate, noon};
    CHECK(pace.room(noon) == 0);
    std::int64_t started = 0;
    for (auto now = noon; now < noon + 10s; now += 1ms) {
      const auto room = pace.room(now);
      CHECK(static_cast<std::int64_t>(room) <= rate / 1'000 + 2);
      if (room > 0)
        pace.take(room, now);
      started += static_cast<std::int64_t>(room);
    }
    CHECK(started <= 10 * rate);
    CHECK(started >= 10 * rate - 2 - rate / 50);  // an interval is whole microseconds
  }
}

TEST_CASE("an idle second is not saved up", "[pace]") {
  start_pace pace{100, noon};
  CHECK(pace.room(noon + 1h) <= 2);
}

TEST_CASE("next() is when there is room, and not earlier", "[pace]") {
  start_pace pace{3, noon};
  auto now = noon;
  for (int start = 0; start < 20; ++start) {
    const auto next = pace.next(now);
    CHECK(pace.room(next - 1ms) == 0);
    REQUIRE(pace.room(next) == 1);
    now = next;
    pace.take(1, now);
  }
  CHECK(now >= noon + 20 * 333ms);
}

TEST_CASE("what did not start does not count", "[pace]") {
  start_pace pace{1, noon};
  pace.take(1, noon + 1s);
  CHECK(pace.room(noon + 1s) == 0);
  pace.give_back(1);
  CHECK(pace.room(noon + 1s) == 1);
}

TEST_CASE("a clock that went back stops nothing for longer than an interval", "[pace]") {
  start_pace pace{2, noon};
  const auto earlier = noon - 1h;
  CHECK(pace.next(earlier) == earlier + 500ms);
}
