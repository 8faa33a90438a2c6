#include "model/host_breaker.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;
using state = host_breaker::state;

namespace {

const instant noon = *parse_instant("2030-01-01T12:00:00Z");

/// A breaker, and the moment that it is asked at.
struct breaker_at {
  host_breaker breaker;
  instant now = noon;

  void end(host_news news, std::optional<instant> try_again_at = {}) {
    breaker.end(news, now, now, try_again_at);
  }
  void fail(int times) {
    for (; times > 0; --times)
      end(host_news::down);
  }
  /// One call begins now and ends as told after `lasts`.
  void probe(host_news news, duration lasts = 10ms) {
    const auto began = now;
    breaker.begin(now);
    now += lasts;
    breaker.end(news, began, now);
  }
  [[nodiscard]] state is() const { return breaker.state_at(now); }
  [[nodiscard]] std::size_t room() const { return breaker.room(now); }
  /// How long no call may begin.
  [[nodiscard]] duration rest() const { return breaker.closed_until(now).value_or(now) - now; }
};

breaker_at opened() {
  breaker_at made;
  made.fail(10);
  REQUIRE(made.is() == state::open);
  return made;
}

breaker_at half_opened() {
  auto made = opened();
  made.now += 1s;
  REQUIRE(made.is() == state::half_open);
  return made;
}

}  // namespace

TEST_CASE("ten failures in a row open a breaker, and no fewer", "[breaker]") {
  breaker_at at;
  at.fail(9);
  CHECK(at.is() == state::closed);
  CHECK(at.room() > 1'000'000);
  at.fail(1);
  CHECK(at.is() == state::open);
  CHECK(at.room() == 0);
  CHECK(at.rest() == 1s);
  CHECK(at.breaker.failures() == 10);
}

TEST_CASE("every state answers every end of a call", "[breaker]") {
  struct row {
    breaker_at (*from)();
    host_news news;
    state to;
    duration rest;
  };
  const auto nine_failures = +[] {
    breaker_at made;
    made.fail(9);
    return made;
  };
  const row rows[] = {
      {nine_failures, host_news::alive, state::closed, 0s},
      {nine_failures, host_news::down, state::open, 1s},
      {nine_failures, host_news::busy, state::closed, 0s},
      {nine_failures, host_news::nothing, state::closed, 0s},
      {opened, host_news::alive, state::closed, 0s},
      {opened, host_news::down, state::open, 1s},  // it began before
      {opened, host_news::busy, state::closed, 0s},
      {opened, host_news::nothing, state::open, 1s},
      {half_opened, host_news::alive, state::closed, 0s},
      {half_opened, host_news::down, state::open, 2s},
      {half_opened, host_news::busy, state::closed, 0s},
      {half_opened, host_news::nothing, state::half_open, 0s},
  };
  for (const auto& [from, news, to, rest] : rows) {
    auto at = from();
    CAPTURE(static_cast<int>(at.is()), static_cast<int>(news));
    if (at.is() == state::half_open)
      at.breaker.begin(at.now);
    at.end(news);
    CHECK(at.is() == to);
    CHECK(at.rest() == rest);
  }
}

TEST_CASE("an answer between failures starts the count anew", "[breaker]") {
  breaker_at at;
  for (int round = 0; round < 10; ++round) {
    at.fail(9);
    at.end(host_news::alive);
  }
  CHECK(at.is() == state::closed);
  at.fail(9);
  at.end(host_news::nothing);  // says nothing, and changes nothing
  at.fail(1);
  CHECK(at.is() == state::open);
}

TEST_CASE("the cool-down doubles with each failed probe up to a minute", "[breaker]") {
  auto at = opened();
  for (const auto rest : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    CHECK(at.rest() == rest);
    CHECK(at.room() == 0);
    at.now += rest - 1ms;
    CHECK(at.is() == state::open);
    at.now += 1ms;
    CHECK(at.is() == state::half_open);
    CHECK(at.room() == 1);
    at.probe(host_news::down);
    CHECK(at.is() == state::open);
  }
  at.now += 60s;
  at.probe(host_news::alive);
  CHECK(at.is() == state::closed);
  CHECK(at.breaker.failures() == 0);
  at.fail(10);
  CHECK(at.rest() == 1s);
}

TEST_CASE("half open lets one probe through, and another when that one hangs", "[breaker]") {
  auto at = half_opened();
  CHECK(at.room() == 1);
  at.breaker.begin(at.now);
  CHECK(at.room() == 0);
  CHECK(at.is() == state::half_open);
  at.now += 1s;
  CHECK(at.room() == 1);
}

TEST_CASE("a probe that had no task to begin with is due again at once", "[breaker]") {
  auto at = half_opened();
  at.breaker.begin(at.now);
  at.breaker.take_back(at.now);
  CHECK(at.room() == 1);
}

TEST_CASE("failures of calls that began before it opened are old news", "[breaker]") {
  auto at = opened();
  const auto before = at.now;
  at.now += 500ms;
  at.breaker.end(host_news::down, before, at.now);
  CHECK(at.rest() == 500ms);
  at.now += 500ms;
  at.breaker.begin(at.now);
  at.breaker.end(host_news::down, before, at.now);
  CHECK(at.is() == state::half_open);
}

TEST_CASE("a call that began before it opened and is answered closes it", "[breaker]") {
  auto at = opened();
  at.breaker.end(host_news::alive, noon - 5s, at.now);
  CHECK(at.is() == state::closed);
}

TEST_CASE("what a host asks for lengthens its rest, up to a minute", "[breaker]") {
  const auto rest_after = [](duration wish) {
    breaker_at at;
    at.fail(9);
    at.end(host_news::down, at.now + wish);
    return at.rest();
  };
  CHECK(rest_after(20s) == 20s);
  CHECK(rest_after(10ms) == 1s);
  CHECK(rest_after(-5s) == 1s);
  CHECK(rest_after(1h) == 60s);
}

TEST_CASE("one 503 that names a time makes nobody else wait", "[breaker]") {
  breaker_at at;
  at.end(host_news::down, at.now + 30s);
  CHECK(at.room() > 1);
}

TEST_CASE("a host that answers 429 ten times in a row is left alone, and is not down",
          "[breaker]") {
  breaker_at at;
  for (int time = 0; time < 9; ++time)
    at.end(host_news::busy, at.now + 30s);
  CHECK(at.is() == state::closed);
  at.end(host_news::busy, at.now + 30s);
  CHECK(at.is() == state::resting);
  CHECK(at.room() == 0);
  CHECK(at.rest() == 30s);
  CHECK(at.breaker.failures() == 0);
  at.now += 30s;
  CHECK(at.is() == state::closed);
  CHECK(at.room() > 1);
  at.end(host_news::alive);
  CHECK(at.breaker.knows_nothing(at.now));
}

TEST_CASE("reset closes it at once", "[breaker]") {
  auto at = opened();
  at.breaker.reset();
  CHECK(at.is() == state::closed);
  CHECK(at.breaker.knows_nothing(at.now));
}

TEST_CASE("a clock that went back holds no host for longer than any cool-down", "[breaker]") {
  auto at = opened();
  at.now -= 1h;
  CHECK(at.room() == 1);
}
