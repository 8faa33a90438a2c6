#include "model/rate_gate.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;

namespace {

const rate_gate::time start{100s};

int admitted(rate_gate& gate, const rate_limit& limit, rate_gate::time now, int wishes) {
  int count = 0;
  for (int wish = 0; wish < wishes; ++wish)
    count += gate.take(limit, now).admitted ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a burst is admitted at once, and then so many a second", "[rate]") {
  rate_gate gate;
  const rate_limit limit{10, 25};
  CHECK(admitted(gate, limit, start, 100) == 25);
  CHECK(admitted(gate, limit, start + 1s, 100) == 10);
  CHECK(admitted(gate, limit, start + 1h, 100) == 25);
}

TEST_CASE("without a burst a second's worth may come at once", "[rate]") {
  rate_gate gate;
  CHECK(rate_limit{10, 0}.bucket() == 10);
  CHECK(admitted(gate, {10, 0}, start, 100) == 10);
}

TEST_CASE("whoever asks is told what is left, and when there is more", "[rate]") {
  rate_gate gate;
  const rate_limit limit{2, 4};
  const auto first = gate.take(limit, start);
  CHECK(first.admitted);
  CHECK(first.remaining == 3);
  CHECK(first.full_after == 1s);
  admitted(gate, limit, start, 3);
  const auto refused = gate.take(limit, start);
  CHECK_FALSE(refused.admitted);
  CHECK(refused.remaining == 0);
  CHECK(refused.next_after == 1s);
  CHECK(refused.full_after == 2s);
  CHECK(limit.window() == 2s);
}

TEST_CASE("who comes again when told to is admitted", "[rate]") {
  rate_gate gate;
  const rate_limit limit{3, 1};
  auto now = start;
  for (int round = 0; round < 100; ++round) {
    REQUIRE(gate.take(limit, now).admitted);
    const auto refused = gate.take(limit, now);
    REQUIRE_FALSE(refused.admitted);
    now += refused.next_after;
  }
}

TEST_CASE("a refusal costs nothing", "[rate]") {
  rate_gate gate;
  const rate_limit limit{1, 1};
  CHECK(gate.take(limit, start).admitted);
  CHECK(admitted(gate, limit, start, 1'000) == 0);
  CHECK(gate.take(limit, start + 1s).admitted);
}

TEST_CASE("a limit that is lowered makes no debt", "[rate]") {
  rate_gate gate;
  CHECK(admitted(gate, {1'000, 1'000}, start, 1'000) == 1'000);
  CHECK(gate.take({1, 1}, start + 1s).admitted);
}
