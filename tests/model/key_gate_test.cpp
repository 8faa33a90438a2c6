#include "model/key_gate.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

/// The task `number`, whose rank rises with it.
ready_entry wants(unsigned number, key_limit limit = {}) {
  limit.key = "db";
  return {noon + std::chrono::seconds{number}, an_id(number),
          std::make_shared<const key_limit>(std::move(limit))};
}

key_limit up_to(int concurrency) {
  return {"db", concurrency};
}

key_limit rate_of(int rate, duration period) {
  return {"db", 0, rate, period};
}

/// No rate counts from before the test.
key_gate a_gate() {
  return key_gate{noon - 24h};
}

/// Every start that a gate allows from `from` on, asked each millisecond.
std::vector<instant> starts(key_gate& gate, const key_limit& limit, instant from, duration span) {
  std::vector<instant> made;
  unsigned number = 0;
  for (auto now = from; now < from + span; now += 1ms)
    while (gate.try_start("q", wants(++number, limit), now) == key_answer::start)
      made.push_back(now);
  return made;
}

}  // namespace

// -- concurrency ----------------------------------------------------------------

TEST_CASE("so many tasks hold a key as the limit of the next one allows", "[key_gate]") {
  auto gate = a_gate();
  CHECK(gate.try_start("q", wants(1, up_to(2)), noon) == key_answer::start);
  CHECK(gate.try_start("q", wants(2, up_to(1)), noon) == key_answer::wait);
  CHECK(gate.try_start("q", wants(2, up_to(2)), noon) == key_answer::start);
  CHECK(gate.try_start("q", wants(3, up_to(2)), noon) == key_answer::wait);
  CHECK(gate.try_start("q", wants(3, up_to(0)), noon) == key_answer::start);
  CHECK(gate.holders().size() == 3);
}

TEST_CASE("a task that holds the key is told so, and its hold is not a second one", "[key_gate]") {
  auto gate = a_gate();
  gate.try_start("q", wants(1, up_to(9)), noon);
  CHECK(gate.try_start("q", wants(1, up_to(9)), noon) == key_answer::held);
  gate.release(an_id(1));
  CHECK(gate.is_idle(noon));
}

TEST_CASE("a refused grant gives the key back, but not from a task that runs", "[key_gate]") {
  auto gate = a_gate();
  gate.try_start("q", wants(1), noon);
  gate.give_back(an_id(1));
  CHECK(gate.is_idle(noon));

  gate.try_start("q", wants(2), noon);
  gate.confirm(an_id(2));
  gate.give_back(an_id(2));
  CHECK(gate.try_start("q", wants(3), noon) == key_answer::wait);
  gate.release(an_id(2));
  CHECK(gate.try_start("q", wants(3), noon) == key_answer::start);
}

// -- queues that wait -------------------------------------------------------------

TEST_CASE("the queue with the best task is told of room, and nobody passes it", "[key_gate]") {
  auto gate = a_gate();
  gate.try_start("a", wants(1), noon);
  gate.wait("a", wants(5));
  gate.wait("b", wants(4));
  CHECK_FALSE(gate.look(noon).tell);
  gate.release(an_id(1));
  CHECK(gate.look(noon).tell == "b");
  CHECK_FALSE(gate.look(noon).tell);  // it has been told

  CHECK(gate.try_start("c", wants(6), noon) == key_answer::wait);
  CHECK(gate.try_start("a", wants(5), noon) == key_answer::wait);
  CHECK(gate.try_start("b", wants(4), noon) == key_answer::start);
}

TEST_CASE("a queue without workers passes and is in nobody's way", "[key_gate]") {
  auto gate = a_gate();
  gate.wait("idle", wants(1));
  gate.wait("busy", wants(2));
  CHECK(gate.look(noon).tell == "idle");
  gate.pass("idle");
  CHECK(gate.look(noon).tell == "busy");
  gate.pass("busy");
  CHECK_FALSE(gate.look(noon).tell);
  CHECK(gate.try_start("third", wants(9), noon) == key_answer::start);
  gate.release(an_id(9));

  gate.wait("idle", wants(1));  // it has a worker now, and had to wait
  CHECK(gate.look(noon).tell == "idle");
  gate.leave("idle");
  gate.leave("busy");
  CHECK(gate.is_idle(noon));
}

TEST_CASE("a task with a wider limit does not starve one with a tighter", "[key_gate]") {
  auto gate = a_gate();
  gate.try_start("a", wants(1, up_to(3)), noon);
  gate.wait("b", wants(2, up_to(1)));
  CHECK_FALSE(gate.look(noon).tell);
  CHECK(gate.try_start("a", wants(3, up_to(3)), noon) == key_answer::wait);
  gate.release(an_id(1));
  CHECK(gate.look(noon).tell == "b");
}

// -- rates --------------------------------------------------------------------------

TEST_CASE("a rate is even: no burst, and never more than it says", "[key_gate][rate]") {
  auto gate = a_gate();
  const auto [rate, period, span] = GENERATE(table<int, duration, duration>({
      {3, 1s, 10s},
      {1, 1s, 10s},
      {7, 1s, 3s},
      {2'000, 1s, 1s},
      {2, 3ms, 1s},
  }));
  const auto made = starts(gate, rate_of(rate, period), noon, span);
  CHECK(made.front() == noon);
  CHECK(made.size() <= static_cast<std::size_t>(rate * (span / period)) + 1);
  CHECK(made.size() >= static_cast<std::size_t>(rate * (span / period)) * 99 / 100);
  for (std::size_t at = static_cast<std::size_t>(rate); at < made.size(); ++at)
    CHECK(made[at] - made[at - static_cast<std::size_t>(rate)] >= period - 1ms);
  const auto least = period / rate;
  for (std::size_t at = 1; at < made.size(); ++at)
    CHECK(made[at] - made[at - 1] >= least - 1ms);
}

TEST_CASE("time in which nobody asked is not made up for", "[key_gate][rate]") {
  auto gate = a_gate();
  const auto limit = rate_of(1, 1s);
  gate.try_start("q", wants(1, limit), noon);
  CHECK(gate.try_start("q", wants(2, limit), noon + 1h) == key_answer::start);
  CHECK(gate.try_start("q", wants(3, limit), noon + 1h + 999ms) == key_answer::wait);
  CHECK(gate.try_start("q", wants(3, limit), noon + 1h + 1s) == key_answer::start);
}

TEST_CASE("who waits for a rate is told at its moment, and once", "[key_gate][rate]") {
  auto gate = a_gate();
  const auto limit = rate_of(2, 1s);
  gate.try_start("q", wants(1, limit), noon);
  gate.wait("q", wants(2, limit));
  CHECK(gate.look(noon).look_again_at == noon + 500ms);
  CHECK_FALSE(gate.look(noon + 1ms).look_again_at);
  gate.alarm_rang();
  CHECK(gate.look(noon + 1ms).look_again_at == noon + 500ms);
  gate.alarm_rang();
  CHECK(gate.look(noon + 500ms).tell == "q");
}

TEST_CASE("a start that was refused does not count for the rate", "[key_gate][rate]") {
  auto gate = a_gate();
  const auto limit = rate_of(1, 1h);
  gate.try_start("q", wants(1, limit), noon);
  gate.give_back(an_id(1));
  CHECK(gate.try_start("q", wants(2, limit), noon + 1s) == key_answer::start);
}

TEST_CASE("a gate is not forgotten before its rate has rested", "[key_gate][rate]") {
  auto gate = a_gate();
  gate.try_start("q", wants(1, rate_of(1, 10s)), noon);
  gate.release(an_id(1));
  CHECK_FALSE(gate.is_idle(noon + 9s));
  CHECK(gate.is_idle(noon + 10s));
}

TEST_CASE("a rate counts from what the gate was made with", "[key_gate][rate]") {
  key_gate gate{noon};
  CHECK(gate.try_start("q", wants(1, rate_of(1, 10s)), noon + 9s) == key_answer::wait);
  CHECK(gate.try_start("q", wants(1, rate_of(1, 10s)), noon + 10s) == key_answer::start);
}

TEST_CASE("a clock that goes back does not stop a key for so long", "[key_gate][rate]") {
  auto gate = a_gate();
  const auto limit = rate_of(1, 1s);
  gate.try_start("q", wants(1, limit), noon + 1h);
  gate.wait("q", wants(2, limit));
  CHECK(gate.look(noon).look_again_at == noon + 1s);
}
