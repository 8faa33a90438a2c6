#include <catch2/catch.hpp>

#include "tools/bench/histogram.hpp"

using namespace carillon::bench;
using namespace std::chrono_literals;

TEST_CASE("an empty histogram has zero everywhere", "[bench]") {
  const histogram times;

  CHECK(times.count() == 0);
  CHECK(times.quantile(0.99) == 0ns);
  CHECK(times.max() == 0ns);
}

TEST_CASE("quantiles are exact to a hundredth at every size", "[bench]") {
  const auto unit = GENERATE(1ns, 1000ns, 1'000'000ns, 1'000'000'000ns);
  histogram times;
  for (int value = 1; value <= 1000; ++value)
    times.record(value * unit);

  const auto near = [&](double share, std::int64_t wanted) {
    const auto found = times.quantile(share);
    return found >= wanted * unit && found.count() <= (wanted * unit).count() * 1.01 + 1;
  };
  CHECK(near(0.50, 500));
  CHECK(near(0.99, 990));
  CHECK(near(1.00, 1000));
  CHECK(times.count() == 1000);
}

TEST_CASE("the maximum is exact, and no quantile is above it", "[bench]") {
  histogram times;
  times.record(1'234'567'891ns);

  CHECK(times.max() == 1'234'567'891ns);
  CHECK(times.quantile(0.5) == 1'234'567'891ns);
}

TEST_CASE("one slow value in a hundred shows at p99.5 and not at p99", "[bench]") {
  histogram times;
  for (int count = 0; count < 99; ++count)
    times.record(1ms);
  times.record(1s);

  CHECK(times.quantile(0.99) < 2ms);
  CHECK(times.quantile(0.995) == 1s);
}

TEST_CASE("a negative time counts as zero", "[bench]") {
  histogram times;
  times.record(-5ms);

  CHECK(times.count() == 1);
  CHECK(times.quantile(1) == 0ns);
}

TEST_CASE("the longest time has a bucket", "[bench]") {
  histogram times;
  times.record(std::chrono::nanoseconds::max());

  CHECK(times.quantile(1) == std::chrono::nanoseconds::max());
}
