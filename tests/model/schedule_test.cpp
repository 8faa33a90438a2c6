#include <catch2/catch.hpp>

#include <set>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

std::vector<instant> all_of(const moments& rule, instant from) {
  return upcoming(rule, from, 100);
}

schedule_spec every_hour() {
  return a_schedule("0 * * * *");
}

}  // namespace

TEST_CASE("start_at and end_at belong to the window", "[schedule]") {
  auto spec = every_hour();
  spec.start_at = noon + 1h;
  spec.end_at = noon + 3h;
  const schedule_life life{spec};
  CHECK(all_of(life.rule(), noon - 24h) == std::vector<instant>{noon + 1h, noon + 2h, noon + 3h});
  CHECK(life.rule().previous(noon + 24h)->at == noon + 3h);
  CHECK(life.rule().previous(noon + 3h)->at == noon + 2h);
  CHECK_FALSE(life.rule().previous(noon + 1h));
  CHECK_FALSE(life.rule().next(noon + 3h));
}

TEST_CASE("a window between two moments holds none", "[schedule]") {
  auto spec = every_hour();
  spec.start_at = noon + 1ms;
  spec.end_at = noon + 1h - 1ms;
  const schedule_life life{spec};
  CHECK(all_of(life.rule(), noon - 24h).empty());
  CHECK_FALSE(life.rule().previous(noon + 24h));
}

TEST_CASE("jitter delays every moment of a schedule by the same amount", "[schedule]") {
  auto spec = every_hour();
  spec.jitter = 10min;
  std::set<duration> delays;
  for (std::uint64_t number = 1; number <= 50; ++number) {
    const schedule_life life{spec, noon, true, number};
    const auto first = life.rule().next(noon - 1ms)->at;
    const auto delay = (first - noon) % 1h;
    CHECK(delay >= 0ms);
    CHECK(delay <= 10min);
    CHECK(life.rule().next(first)->at == first + 1h);
    CHECK(life.rule().previous(first)->at == first - 1h);
    CHECK(schedule_life(spec, noon + 5h, true, number).rule().next(first - 1ms)->at == first);
    delays.insert(delay);
  }
  CHECK(delays.size() > 40);
}

TEST_CASE("jitter may carry the last moment over the end, and the first one in", "[schedule]") {
  auto spec = every_hour();
  spec.jitter = 10min;
  spec.start_at = noon + 1h;
  spec.end_at = noon + 2h;
  const schedule_life life{spec};
  const auto all = all_of(life.rule(), noon - 24h);
  REQUIRE(all.size() == 2);
  CHECK(all.front() >= noon + 1h);
  CHECK(all.back() - all.front() == 1h);
  CHECK(life.rule().previous(noon + 24h)->at == all.back());
  CHECK(life.rule().previous(all.back())->at == all.front());
  CHECK_FALSE(life.rule().previous(all.front()));
}

TEST_CASE("a preview shows what runs, as many as asked for", "[schedule]") {
  auto spec = a_schedule("30 2 * * *");
  spec.timezone = "Europe/Berlin";
  const auto before_the_night = *parse_instant("2030-10-26T20:00:00Z");
  const schedule_life life{spec, before_the_night};
  CHECK(upcoming(life.rule(), before_the_night, 2)
        == std::vector<instant>{*parse_instant("2030-10-27T00:30:00Z"),
                                *parse_instant("2030-10-28T01:30:00Z")});
  CHECK(upcoming(life.rule(), before_the_night, 0).empty());
  CHECK(life.rule().next(*parse_instant("2030-10-27T00:30:00Z"))->runs == false);
}

TEST_CASE("the words of a schedule are read as they are written", "[schedule]") {
  CHECK(to_string(schedule_status::active) == "active");
  CHECK(to_string(schedule_status::deleted) == "deleted");
  for (const auto policy : {catch_up_policy::latest, catch_up_policy::all, catch_up_policy::skip})
    CHECK(parse_catch_up_policy(to_string(policy)) == policy);
  for (const auto policy : {overlap_policy::queue, overlap_policy::skip, overlap_policy::terminate,
                            overlap_policy::allow})
    CHECK(parse_overlap_policy(to_string(policy)) == policy);
  CHECK_FALSE(parse_catch_up_policy("some"));
  CHECK_FALSE(parse_overlap_policy("wait"));
}
