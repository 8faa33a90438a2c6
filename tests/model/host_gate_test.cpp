#include "model/host_gate.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;

namespace {

const instant noon = *parse_instant("2030-01-01T12:00:00Z");

/// Asks for tasks, gets them, and they begin.
void begin_calls(host_gate& gate, std::size_t count, instant now) {
  gate.ask(count, now);
  for (std::size_t call = 0; call < count; ++call)
    gate.begin_call();
  gate.settle(count, count, now);
}

}  // namespace

TEST_CASE("calls and tasks asked for share the host's concurrency", "[host]") {
  host_gate gate{{10, 0}, noon};
  CHECK(gate.room(noon) == 10);
  gate.ask(6, noon);
  CHECK(gate.room(noon) == 4);
  gate.begin_call();
  CHECK(gate.room(noon) == 4);
  CHECK(gate.asked() == 5);
  gate.settle(6, 1, noon);
  CHECK(gate.room(noon) == 9);
  gate.end_call(host_news::alive, noon, noon, {});
  CHECK(gate.room(noon) == 10);
  CHECK(gate.is_quiet());
}

TEST_CASE("a rate and a breaker limit what may be asked for", "[host]") {
  host_gate gate{{10, 2}, noon};
  CHECK(gate.room(noon) == 0);
  CHECK(gate.next_look(noon) == noon + 500ms);
  begin_calls(gate, 1, noon + 500ms);
  CHECK(gate.next_look(noon + 500ms) == noon + 1s);
  for (int call = 0; call < 10; ++call)
    gate.breaker().end(host_news::down, noon, noon + 600ms);
  CHECK(gate.room(noon + 1s) == 0);
  CHECK(gate.next_look(noon + 1s) == noon + 1'600ms);
}

TEST_CASE("a probe is let through although all places hang", "[host]") {
  host_gate gate{{10, 0}, noon};
  begin_calls(gate, 10, noon);
  CHECK(gate.room(noon) == 0);
  CHECK_FALSE(gate.next_look(noon));
  for (int call = 0; call < 10; ++call)
    gate.breaker().end(host_news::down, noon, noon);
  CHECK(gate.room(noon) == 0);
  CHECK(gate.room(noon + 1s) == 1);
}

TEST_CASE("a probe that finds no task is taken back", "[host]") {
  host_gate gate{{10, 0}, noon};
  for (int call = 0; call < 10; ++call)
    gate.breaker().end(host_news::down, noon, noon);
  gate.ask(1, noon + 1s);
  CHECK(gate.room(noon + 1s) == 0);
  gate.settle(1, 0, noon + 1s);
  CHECK(gate.room(noon + 1s) == 1);
}
