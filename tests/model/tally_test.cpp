#include "model/tally.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

TEST_CASE("a value is counted in the first range that reaches up to it", "[tally]") {
  distribution counted{1, 10, 100};
  for (const auto value : {0, 1, 2, 10, 11, 100, 101, 5'000})
    counted.add(value);
  const auto found = counted.read();
  CHECK(found.bounds == std::vector<double>{1, 10, 100});
  CHECK(found.counts == std::vector<std::uint64_t>{2, 2, 2, 2});
  CHECK(found.sum == 5'225);
}

TEST_CASE("a distribution is read in the reader's unit", "[tally]") {
  distribution counted{250, 1'000};
  counted.add(750);
  const auto found = counted.read(1e-3);
  CHECK(found.bounds[0] == Approx(0.25));
  CHECK(found.sum == Approx(0.75));
}

TEST_CASE("a value below zero counts as none in the sum", "[tally]") {
  distribution counted{1};
  counted.add(-5);
  CHECK(counted.read().counts == std::vector<std::uint64_t>{1, 0});
  CHECK(counted.read().sum == 0);
}
