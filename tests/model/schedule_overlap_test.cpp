#include <catch2/catch.hpp>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

schedule_spec every_minute(overlap_policy policy, int parallelism = 1) {
  auto spec = a_schedule("* * * * *");
  spec.overlap.policy = policy;
  spec.overlap.parallelism = parallelism;
  return spec;
}

/// Dedupes for a minute.
schedule_spec deduplicating(std::string key = {}) {
  auto spec = a_schedule("0 0 1 1 *");
  spec.dedupe_window = 1min;
  spec.dedupe_key = std::move(key);
  return spec;
}

}  // namespace

// -- queue ----------------------------------------------------------------------------

TEST_CASE("under queue tasks wait for each other in their order", "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::queue)};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 2min + 30s);
  life.tell(schedule_event::run{});  // keeps its place
  life.go_to(noon + 3min);
  CHECK(life.ledger() == "12:01 processing, 12:02 held, 12:02:30 held api, 12:03 held");
  CHECK_FALSE(facts_of(life.of(noon + 2min)).ready_rank);
  life.finish(noon + 1min);
  CHECK(life.ledger() == "12:01 completed, 12:02 queued, 12:02:30 held api, 12:03 held");
  CHECK(facts_of(life.of(noon + 2min)).ready_rank);
  life.finish(noon + 2min);
  CHECK(life.ledger() == "12:01 completed, 12:02 completed, 12:02:30 queued api, 12:03 held");
}

TEST_CASE("a task that waits for its retry is still open", "[schedule][overlap]") {
  auto spec = every_minute(overlap_policy::queue);
  spec.work.retry = {1, backoff_kind::fixed, 10min, 10min};
  schedule_life life{spec};
  life.go_to(noon + 1min).start(noon + 1min);
  const auto token = std::get<processing>(life.of(noon + 1min).state).token;
  life.tell_task(noon + 1min, event::failed{token});
  CHECK(life.go_to(noon + 2min).ledger() == "12:01 retrying, 12:02 held");
}

TEST_CASE("a task that fails or is stopped makes room", "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::queue)};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 2min);
  const auto token = std::get<processing>(life.of(noon + 1min).state).token;
  SECTION("failed") {
    life.tell_task(noon + 1min, event::failed{token});
    CHECK(life.ledger() == "12:01 failed, 12:02 queued");
  }
  SECTION("stopped") {
    life.tell_task(noon + 1min, event::cancel{});
    CHECK(life.ledger() == "12:01 stopped, 12:02 queued");
  }
}

TEST_CASE("a held task that is canceled leaves the queue", "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::queue)};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 3min);
  life.tell_task(noon + 2min, event::cancel{}).finish(noon + 1min);
  CHECK(life.ledger() == "12:01 completed, 12:02 canceled, 12:03 queued");
}

TEST_CASE("a full queue takes no more, and what it refuses is recorded", "[schedule][overlap]") {
  auto spec = every_minute(overlap_policy::queue);
  spec.overlap.queue_limit = 2;
  schedule_life life{spec};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 4min);
  CHECK(life.ledger() == "12:01 processing, 12:02 held, 12:03 held, 12:04 queue_full");
  CHECK(life.subject().execution_count == 3);
  CHECK(life.finish(noon + 1min).go_to(noon + 5min).ledger()
        == "12:01 completed, 12:02 queued, 12:03 held, 12:04 queue_full, 12:05 held");
}

TEST_CASE("a queue of none is like skip with another word", "[schedule][overlap]") {
  auto spec = every_minute(overlap_policy::queue);
  spec.overlap.queue_limit = 0;
  schedule_life life{spec};
  CHECK(life.go_to(noon + 2min).ledger() == "12:01 queued, 12:02 queue_full");
}

// -- skip, terminate, allow -------------------------------------------------------------

TEST_CASE("under skip a moment that finds one open is recorded and does not run",
          "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::skip)};
  life.go_to(noon + 2min + 30s).finish(noon + 1min).go_to(noon + 3min);
  CHECK(life.ledger() == "12:01 completed, 12:02 overlap, 12:03 queued");
  CHECK(life.subject().execution_count == 2);
  CHECK(life.subject().last_execution_at == noon + 3min);
}

TEST_CASE("under terminate the open one is stopped and the new one runs after it",
          "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::terminate)};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 2min);
  CHECK(life.ledger() == "12:01 replaced, 12:02 queued");
  life.go_to(noon + 3min);
  CHECK(life.ledger() == "12:01 replaced, 12:02 replaced, 12:03 queued");
}

TEST_CASE("under terminate the new one is held until the old one has ended",
          "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::terminate)};
  life.go_to(noon + 1min).start(noon + 1min);
  life.delays_messages = true;
  life.go_to(noon + 2min);
  CHECK(life.ledger() == "12:01 processing, 12:02 held");
  // The next one takes the place of the one that waits.
  life.go_to(noon + 3min).go_to(noon + 4min);
  life.settle();
  CHECK(life.ledger() == "12:01 replaced, 12:02 replaced, 12:03 replaced, 12:04 queued");
}

TEST_CASE("under allow nothing waits", "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::allow)};
  CHECK(life.go_to(noon + 3min).ledger() == "12:01 queued, 12:02 queued, 12:03 queued");
}

// -- parallelism --------------------------------------------------------------------------

TEST_CASE("with a parallelism of two the third one meets the policy", "[schedule][overlap]") {
  const auto [policy, ledger] = GENERATE(table<overlap_policy, std::string>({
      {overlap_policy::queue, "12:01 processing, 12:02 processing, 12:03 held"},
      {overlap_policy::skip, "12:01 processing, 12:02 processing, 12:03 overlap"},
      {overlap_policy::terminate, "12:01 replaced, 12:02 processing, 12:03 queued"},
      {overlap_policy::allow, "12:01 processing, 12:02 processing, 12:03 queued"},
  }));
  schedule_life life{every_minute(policy, 2)};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 2min).start(noon + 2min);
  CHECK(life.go_to(noon + 3min).ledger() == ledger);
}

TEST_CASE("an edit that allows more admits what is held", "[schedule][overlap]") {
  auto spec = every_minute(overlap_policy::queue);
  schedule_life life{spec};
  life.go_to(noon + 4min);
  SECTION("a higher parallelism") {
    spec.overlap.parallelism = 3;
    life.edit(spec);
    CHECK(life.ledger() == "12:01 queued, 12:02 queued, 12:03 queued, 12:04 held");
  }
  SECTION("allow") {
    spec.overlap.policy = overlap_policy::allow;
    life.edit(spec);
    CHECK(life.ledger() == "12:01 queued, 12:02 queued, 12:03 queued, 12:04 queued");
  }
}

// -- dedupe -----------------------------------------------------------------------------------

TEST_CASE("a second run within the window names the first one", "[schedule][dedupe]") {
  schedule_life life{deduplicating()};
  life.tell(schedule_event::run{}).finish(noon);
  const auto first = life.of(noon).id;
  life.go_to(noon + 1min - 1ms).tell(schedule_event::run{});
  REQUIRE(life.last.made.size() == 1);
  const auto& second = std::get<ended>(life.last.made.front().next.state);
  CHECK(second.status == task_status::skipped);
  CHECK(second.reason == end_reason::deduplicated);
  CHECK(second.because_of == first);
  CHECK(life.subject().execution_count == 1);
  CHECK(life.last.claims.empty());
  life.go_to(noon + 1min).tell(schedule_event::run{});
  CHECK(life.ledger() == "12:00 completed api, 12:00:59.999 deduplicated api, 12:01 queued api");
}

TEST_CASE("without a key of its own a schedule's id is the key", "[schedule][dedupe]") {
  schedule_life life{deduplicating()};
  life.tell(schedule_event::run{});
  REQUIRE(life.last.claims.size() == 1);
  CHECK(life.last.claims.front().key == to_uuid(life.subject().id));
  CHECK(life.last.claims.front().task == life.of(noon).id);
  CHECK(life.last.claims.front().until == noon + 1min);

  schedule_life named{deduplicating("mail")};
  named.tell(schedule_event::run{});
  CHECK(named.last.claims.front().key == "mail");
}

TEST_CASE("what overlap skips claims no key", "[schedule][dedupe]") {
  auto spec = deduplicating();
  spec.overlap.policy = overlap_policy::skip;
  schedule_life life{spec};
  life.tell(schedule_event::run{}).start(noon).go_to(noon + 2min);
  life.tell(schedule_event::run{});
  CHECK(life.last.claims.empty());
  CHECK(life.finish(noon).tell(schedule_event::run{}).last.claims.size() == 1);
}

TEST_CASE("what is deduplicated stops nobody", "[schedule][dedupe]") {
  auto spec = deduplicating();
  spec.overlap.policy = overlap_policy::terminate;
  schedule_life life{spec};
  life.tell(schedule_event::run{}).start(noon).go_to(noon + 30s);
  life.tell(schedule_event::run{});
  CHECK(life.ledger() == "12:00 processing api, 12:00:30 deduplicated api");
}

TEST_CASE("a decision that was not saved has claimed nothing", "[schedule][dedupe]") {
  schedule_life life{deduplicating()};
  life.lose(schedule_event::run{});
  CHECK(life.tell(schedule_event::run{}).ledger() == "12:00 queued api");
}

// -- what the tasks tell ------------------------------------------------------------------------

TEST_CASE("a failed task that a person retries is open again", "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::queue)};
  life.go_to(noon + 1min).start(noon + 1min);
  const auto token = std::get<processing>(life.of(noon + 1min).state).token;
  life.tell_task(noon + 1min, event::failed{token});
  CHECK(life.open().empty());
  life.tell_task(noon + 1min, event::retry{}).go_to(noon + 2min);
  CHECK(life.ledger() == "12:01 queued, 12:02 held");
  CHECK(life.subject().execution_count == 2);
  CHECK(life.finish(noon + 1min).ledger() == "12:01 completed, 12:02 queued");
}

TEST_CASE("news of a task that is long over changes nothing", "[schedule][overlap]") {
  schedule_life life{every_minute(overlap_policy::queue)};
  life.go_to(noon + 1min).finish(noon + 1min);
  const open_task stranger{life.of(noon + 1min).id, task_status::completed, false, noon, noon};
  CHECK_FALSE(life.tell(schedule_event::told{stranger, true}).last.changed);
}
