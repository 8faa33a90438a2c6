#include "model/stat_series.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

using names = std::array<std::string, stat_group_count>;

/// All that the steps of a life add up to.
class counted_life {
public:
  explicit counted_life(const task_spec& spec = a_spec()) : life_{spec} {
    all.add(counts_of_change(nullptr, life_.subject()));
  }
  template <class Step>
  counted_life& then(Step step) {
    const auto before = life_.subject();
    step(life_);
    all.add(counts_of_change(&before, life_.subject()));
    return *this;
  }

  stat_counts all;

private:
  life life_;
};

stat_counts some(stat what, std::int64_t count) {
  stat_counts counts;
  counts.of(what) = count;
  return counts;
}

stat_bucket a_bucket(instant begin, std::string type, std::int64_t created) {
  stat_bucket bucket;
  bucket.begin = begin;
  bucket.add(some(stat::created, created), names{std::move(type), "", ""}, 10);
  return bucket;
}

}  // namespace

TEST_CASE("a task is counted once for each thing that happens to it", "[stats]") {
  auto spec = a_spec();
  spec.retry.retries_max = 1;
  spec.retry.backoff = backoff_kind::fixed;
  spec.retry.delay = 1s;
  counted_life one{spec};
  one.then([](life& of) { of.wait(3s).lease(); })
      .then([](life& of) { of.wait(2s).fail(); })
      .then([](life& of) { of.tick_when_due(); })
      .then([](life& of) { of.lease(); })
      .then([](life& of) { of.wait(4s).tell(event::succeeded{of.token()}); });
  CHECK(one.all.of(stat::created) == 1);
  CHECK(one.all.of(stat::started) == 1);
  CHECK(one.all.of(stat::retries) == 1);
  CHECK(one.all.of(stat::completed) == 1);
  CHECK(one.all.of(stat::failed) == 0);
  CHECK(one.all.start_lag.count() == 1);
  CHECK(one.all.start_lag.sum() == 3s);
  CHECK(one.all.run_time.count() == 2);
  CHECK(one.all.run_time.sum() == 6s);
}

TEST_CASE("what is removed after its end is not counted again", "[stats]") {
  life one;
  one.lease().tell(event::succeeded{one.token()});
  const auto before = one.subject();
  CHECK(counts_of_change(&before, before).empty());
}

TEST_CASE("quantiles are at most an eighth off", "[stats]") {
  length_spread lengths;
  for (int at = 1; at <= 100'000; ++at)
    lengths.add(duration{at});
  for (const auto share : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    const auto exact = share * 100'000;
    const auto found = static_cast<double>(lengths.quantile(share)->count());
    CHECK(found == Approx(exact).epsilon(0.125));
  }
  CHECK_FALSE(length_spread{}.quantile(0.5));
  CHECK(lengths.ranges().size() < 130);
}

TEST_CASE("short and negative lengths are what they are, or nothing", "[stats]") {
  for (int at = 0; at < 16; ++at) {
    length_spread one;
    one.add(duration{at});
    CHECK(one.quantile(0.5) == duration{at});
  }
  length_spread early;
  early.add(-5ms);
  CHECK(early.quantile(1) == 0ms);
  CHECK(early.sum() == 0ms);
}

TEST_CASE("the sum of two spreads is that of their values", "[stats]") {
  length_spread one;
  length_spread other;
  length_spread both;
  for (const auto length : {1ms, 20ms, 20ms, 900ms}) {
    one.add(length);
    both.add(length);
  }
  for (const auto length : {20ms, 5000ms}) {
    other.add(length);
    both.add(length);
  }
  one.add(other);
  CHECK(one == both);
}

TEST_CASE("a name without room is counted among the others, and in all", "[stats]") {
  stat_bucket bucket;
  bucket.add(some(stat::created, 1), names{"a", "", ""}, 2);
  bucket.add(some(stat::created, 2), names{"b", "", ""}, 2);
  bucket.add(some(stat::created, 4), names{"c", "", ""}, 2);
  bucket.add(some(stat::created, 8), names{"a", "", ""}, 2);
  CHECK(bucket.all.of(stat::created) == 15);
  CHECK(bucket.by(stat_group::task_type).named.size() == 2);
  CHECK(bucket.by(stat_group::task_type).named.at("a").of(stat::created) == 9);
  CHECK(bucket.by(stat_group::task_type).others.of(stat::created) == 4);
  bucket.trim(1);
  CHECK(bucket.by(stat_group::task_type).named.size() == 1);
  CHECK(bucket.by(stat_group::task_type).named.contains("a"));
  CHECK(bucket.by(stat_group::task_type).others.of(stat::created) == 6);
  CHECK(bucket.by(stat_group::queue).named.empty());
}

TEST_CASE("steps gather the buckets that lie in them", "[stats]") {
  const stat_query asked{noon, noon + 6min, 3min};
  const auto found = summarize(asked, {a_bucket(noon, "a", 1), a_bucket(noon + 2min, "a", 2),
                                       a_bucket(noon + 3min, "b", 4)});
  REQUIRE(found.series.size() == 1);
  REQUIRE(found.series[0].steps.size() == 2);
  CHECK(found.series[0].steps[0].of(stat::created) == 3);
  CHECK(found.series[0].steps[1].of(stat::created) == 4);
}

TEST_CASE("groups that are not shown are one series", "[stats]") {
  stat_query asked{noon, noon + 2min, 1min};
  asked.group_by = stat_group::task_type;
  asked.series_max = 1;
  const auto found = summarize(asked, {a_bucket(noon, "a", 5), a_bucket(noon + 1min, "b", 4),
                                       a_bucket(noon + 1min, "c", 3)});
  REQUIRE(found.series.size() == 2);
  CHECK(found.series[0].name == "a");
  CHECK(found.series[1].is_other);
  CHECK(found.series[1].steps[1].of(stat::created) == 7);
  CHECK_FALSE(found.is_partial);
}

TEST_CASE("one name is shown alone, and tells when it may be among others", "[stats]") {
  stat_query asked{noon, noon + 1min, 1min};
  asked.only = std::pair{stat_group::task_type, std::string{"b"}};
  auto bucket = a_bucket(noon, "a", 5);
  bucket.add(some(stat::created, 2), names{"b", "", ""}, 10);
  CHECK(summarize(asked, {bucket}).series[0].steps[0].of(stat::created) == 2);
  CHECK_FALSE(summarize(asked, {bucket}).is_partial);
  bucket.trim(1);
  CHECK(summarize(asked, {bucket}).series[0].steps[0].empty());
  CHECK(summarize(asked, {bucket}).is_partial);
}

TEST_CASE("stretches begin at whole multiples, before 1970 too", "[stats]") {
  CHECK(stretch_of(noon + 59s, 1min) == noon);
  CHECK(stretch_of(noon, 1min) == noon);
  CHECK(stretch_of(instant{-1ms}, 1min) == instant{-60'000ms});
}
