#include "model/retry_policy.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace carillon;
using namespace std::chrono_literals;

namespace {

retry_policy policy(backoff_kind kind, duration delay, duration cap = retry_wait_max) {
  return {retries_max_limit, kind, delay, cap};
}

}  // namespace

TEST_CASE("each backoff grows as its formula says", "[retry]") {
  const auto [kind, first, second, fifth] =
      GENERATE(table<backoff_kind, duration, duration, duration>({
          {backoff_kind::fixed, 3s, 3s, 3s},
          {backoff_kind::linear, 3s, 6s, 15s},
          {backoff_kind::exponential, 3s, 6s, 48s},
      }));
  CAPTURE(to_string(kind));
  CHECK(backoff(policy(kind, 3s), 1, 4711) == first);
  CHECK(backoff(policy(kind, 3s), 2, 4711) == second);
  CHECK(backoff(policy(kind, 3s), 5, 4711) == fifth);
}

TEST_CASE("jitter takes half to all of the exponential and spreads over it", "[retry]") {
  const auto n = GENERATE(1, 2, 7);
  const auto whole = backoff(policy(backoff_kind::exponential, 1s), n, 0);
  auto least = whole;
  auto most = 0ms;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    const auto wait = backoff(policy(backoff_kind::exponential_jitter, 1s), n, seed);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  CHECK(least >= whole / 2);
  CHECK(most <= whole);
  CHECK(least < whole * 51 / 100);
  CHECK(most > whole * 99 / 100);
}

TEST_CASE("jitter spreads below the cap too, never over it", "[retry]") {
  std::set<duration> waits;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto wait = backoff(policy(backoff_kind::exponential_jitter, 1s, 60s), 20, seed);
    CHECK(wait >= 30s);
    CHECK(wait <= 60s);
    waits.insert(wait);
  }
  CHECK(waits.size() > 90);
}

TEST_CASE("steep is n^4 + 15 + r * (n + 1) seconds with r from 0 to 9", "[retry]") {
  const auto n = GENERATE(1, 2, 5, 24);
  std::set<duration> waits;
  for (std::uint64_t seed = 0; seed < 2'000; ++seed)
    waits.insert(backoff(policy(backoff_kind::steep, 1s), n, seed));
  std::set<duration> formula;
  for (int r = 0; r <= 9; ++r)
    formula.insert(std::chrono::seconds{n * n * n * n + 15 + r * (n + 1)});
  CHECK(waits == formula);
}

TEST_CASE("the same task and retry always wait the same", "[retry]") {
  const auto kind = GENERATE(backoff_kind::exponential_jitter, backoff_kind::steep);
  CHECK(backoff(policy(kind, 1s), 3, 99) == backoff(policy(kind, 1s), 3, 99));
}

TEST_CASE("no wait is longer than the cap, however many retries", "[retry]") {
  const auto kind = GENERATE(backoff_kind::fixed, backoff_kind::linear, backoff_kind::exponential,
                             backoff_kind::exponential_jitter, backoff_kind::steep);
  const auto cap = GENERATE(duration{0}, duration{1ms}, duration{5min}, retry_wait_max);
  CAPTURE(to_string(kind), cap.count());
  for (const int n : {1, 2, 10, 63, 64, 65, 500, retries_max_limit}) {
    const auto wait = backoff(policy(kind, retry_wait_max, cap), n, 7);
    CHECK(wait >= 0ms);
    CHECK(wait <= cap);
  }
}

TEST_CASE("waits that overflow any integer end at the cap", "[retry]") {
  CHECK(backoff(policy(backoff_kind::exponential, 1s), retries_max_limit, 7) == retry_wait_max);
  CHECK(backoff(policy(backoff_kind::linear, retry_wait_max), retries_max_limit, 7)
        == retry_wait_max);
  CHECK(backoff(policy(backoff_kind::steep, 1s), retries_max_limit, 7) == retry_wait_max);
}

TEST_CASE("a backoff reads back from its word", "[retry]") {
  for (const auto kind : {backoff_kind::fixed, backoff_kind::linear, backoff_kind::exponential,
                          backoff_kind::exponential_jitter, backoff_kind::steep})
    CHECK(parse_backoff_kind(to_string(kind)) == kind);
  CHECK(to_string(backoff_kind::exponential_jitter) == "exponential_jitter");
  CHECK_FALSE(parse_backoff_kind("constant"));
}
