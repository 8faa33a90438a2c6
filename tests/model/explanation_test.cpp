#include "model/explanation.hpp"

#include <catch2/catch.hpp>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

schedule_spec every_quarter() {
  return a_schedule("*/15 * * * *");
}

/// The record that covers `at`, as a store finds it.
task_ptr record_of(const schedule_life& life, instant at) {
  const task* found = nullptr;
  for (const auto& [id, one] : life.tasks()) {
    const auto& spec = *one.spec;
    const auto last = spec.stands_for ? spec.stands_for->last : spec.scheduled_for;
    if (spec.cause != trigger_cause::api && spec.scheduled_for <= at && at <= last)
      found = &one;
  }
  return found != nullptr ? std::make_shared<const task>(*found) : nullptr;
}

explanation explained(const schedule_life& life, instant at) {
  return explain(life.subject(), life.rule(), record_of(life, at), at, life.now);
}

/// "verdict: sentence"
std::string told(const schedule_life& life, instant at) {
  const auto made = explained(life, at);
  return made.verdict + ": " + made.sentence;
}

/// Nobody is there from 12:01 to 13:20.
schedule_life after_a_gap(catch_up_policy policy, std::optional<duration> window = {},
                          int limit = 100) {
  auto spec = every_quarter();
  spec.catch_up = {policy, window, limit};
  schedule_life life{spec, noon + 1min};
  life.sleep_until(noon + 80min);
  return life;
}

}  // namespace

// -- what ran --------------------------------------------------------------------------

TEST_CASE("a moment that ran says when and how it ended", "[explanation]") {
  auto spec = every_quarter();
  spec.work.retry = {1, backoff_kind::fixed, 2min, 2min};
  schedule_life life{spec};
  life.go_to(noon + 15min);
  CHECK(told(life, noon + 15min) == "waiting: 12:15 UTC waits for a worker since 12:15");
  life.wait(5s).start(noon + 15min);
  CHECK(told(life, noon + 15min) == "running: 12:15 UTC is running since 12:15:05");
  const auto token = [&] { return std::get<processing>(life.of(noon + 15min).state).token; };
  SECTION("well") {
    life.finish(noon + 15min);
    CHECK(told(life, noon + 15min) == "ran: 12:15 UTC ran at 12:15:05 and succeeded");
  }
  SECTION("badly") {
    life.tell_task(noon + 15min, event::failed{token()});
    CHECK(told(life, noon + 15min)
          == "waiting: 12:15 UTC failed so far and is tried again at 12:17:05");
    life.wait(2min).tell_task(noon + 15min, event::retry{}).start(noon + 15min);
    life.tell_task(noon + 15min, event::failed{token()});
    CHECK(told(life, noon + 15min) == "ran: 12:15 UTC ran at 12:15:05 and failed: error");
  }
  SECTION("stopped") {
    life.tell_task(noon + 15min, event::cancel{});
    CHECK(told(life, noon + 15min) == "ran: 12:15 UTC ran at 12:15:05 and was stopped");
  }
  SECTION("with another one behind it") {
    life.go_to(noon + 30min);
    CHECK(told(life, noon + 30min)
          == "held: 12:30 UTC waits for another task of the schedule to end");
  }
}

TEST_CASE("an explanation has its neighbours and its record", "[explanation]") {
  schedule_life life{every_quarter()};
  life.go_to(noon + 15min);
  const auto made = explained(life, noon + 15min);
  CHECK(made.at == noon + 15min);
  CHECK(made.previous_moment == noon);
  CHECK(made.next_moment == noon + 30min);
  REQUIRE(made.record);
  CHECK(made.record->id == life.of(noon + 15min).id);
  CHECK_FALSE(made.range);
}

// -- missed -----------------------------------------------------------------------------

TEST_CASE("a missed moment names the policy and what ran instead", "[explanation]") {
  SECTION("latest") {
    const auto life = after_a_gap(catch_up_policy::latest);
    CHECK(told(life, noon + 15min)
          == "missed: 12:15 UTC was missed: the server did not run then, and catch_up=latest ran "
             "only 13:15");
    CHECK(told(life, noon + 75min) == "waiting: 13:15 UTC waits for a worker since 13:20");
    const auto made = explained(life, noon + 30min);
    CHECK(made.range == moment_range{noon + 60min, 4});
    CHECK(made.next_moment == noon + 45min);
  }
  SECTION("latest, with nothing young enough") {
    const auto life = after_a_gap(catch_up_policy::latest, 1min);
    CHECK(told(life, noon + 75min)
          == "missed: 13:15 UTC was missed: the server did not run then, and at 13:20 it was older "
             "than the catch-up window");
  }
  SECTION("skip") {
    const auto life = after_a_gap(catch_up_policy::skip);
    CHECK(told(life, noon + 75min)
          == "missed: 13:15 UTC was missed: the server did not run then, and catch_up=skip runs "
             "nothing late");
  }
  SECTION("all, older than the window") {
    const auto life = after_a_gap(catch_up_policy::all, 1h);
    CHECK(told(life, noon + 15min)
          == "missed: 12:15 UTC was missed: the server did not run then, and at 13:20 it was older "
             "than the catch-up window");
  }
  SECTION("all, over the limit") {
    const auto life = after_a_gap(catch_up_policy::all, {}, 2);
    CHECK(told(life, noon + 15min)
          == "missed: 12:15 UTC was missed: the server did not run then, and catch_up=all runs "
             "only the newest 2");
  }
}

TEST_CASE("an instant inside a range that is no moment is none", "[explanation]") {
  const auto life = after_a_gap(catch_up_policy::skip);
  const auto made = explained(life, noon + 20min);
  CHECK(made.verdict == "not_a_moment");
  CHECK_FALSE(made.record);
  CHECK_FALSE(made.range);
}

// -- skipped ------------------------------------------------------------------------------

TEST_CASE("a skipped moment says why", "[explanation]") {
  auto spec = every_quarter();
  SECTION("overlap") {
    spec.overlap.policy = overlap_policy::skip;
    schedule_life life{spec};
    life.go_to(noon + 30min);
    CHECK(told(life, noon + 30min)
          == "skipped: 12:30 UTC was skipped: an earlier task of the schedule was still open");
  }
  SECTION("queue_full") {
    spec.overlap.queue_limit = 0;
    schedule_life life{spec};
    life.go_to(noon + 30min);
    CHECK(told(life, noon + 30min)
          == "skipped: 12:30 UTC was skipped: too many tasks of the schedule were waiting already");
  }
  SECTION("deduplicated") {
    spec.dedupe_window = 1h;
    schedule_life life{spec};
    life.go_to(noon + 15min).finish(noon + 15min).go_to(noon + 30min);
    CHECK(told(life, noon + 30min)
          == "skipped: 12:30 UTC was skipped: a task with the same dedupe_key had begun within the "
             "window, "
                 + to_text(life.of(noon + 15min).id));
  }
  SECTION("replaced") {
    spec.overlap.policy = overlap_policy::terminate;
    schedule_life life{spec};
    life.go_to(noon + 30min);
    CHECK(told(life, noon + 15min)
          == "skipped: 12:15 UTC did not run: a later task of the schedule took its place");
    life.start(noon + 30min).go_to(noon + 45min);
    CHECK(told(life, noon + 30min)
          == "ran: 12:30 UTC ran at 12:30 and was stopped for a later one");
  }
  SECTION("canceled") {
    schedule_life life{spec};
    life.go_to(noon + 15min).tell(schedule_event::cancel{});
    CHECK(told(life, noon + 15min)
          == "skipped: 12:15 UTC did not run: its task was canceled before it started");
  }
  SECTION("expired") {
    spec.work.expires_after = 5min;
    schedule_life life{spec};
    life.go_to(noon + 20min).tell_task(noon + 15min, event::tick{});
    CHECK(told(life, noon + 15min)
          == "skipped: 12:15 UTC did not run: its task expired before it started");
  }
}

TEST_CASE("the other pass of a repeated hour is explained before and after it", "[explanation]") {
  auto spec = a_schedule("30 2 * * *");
  spec.timezone = "Europe/Berlin";
  const auto second = *parse_instant("2030-10-27T01:30:00Z");
  schedule_life life{spec, *parse_instant("2030-10-26T20:00:00Z")};
  CHECK(told(life, second)
        == "skipped: 01:30 UTC is left out: the clocks go back, and this local time runs in its "
           "other pass");
  life.go_to(second);
  CHECK(told(life, second)
        == "skipped: 01:30 UTC was skipped: the clocks went back, and this local time runs in its "
           "other pass");
}

// -- to come ---------------------------------------------------------------------------------

TEST_CASE("a moment to come will run", "[explanation]") {
  auto spec = every_quarter();
  spec.lead = 5min;
  schedule_life life{spec};
  CHECK(told(life, noon + 15min) == "planned: 12:15 UTC will run");
  life.go_to(noon + 12min);
  CHECK(told(life, noon + 15min) == "made_ahead: 12:15 UTC will run: its task is made already");
  life.tell(schedule_event::snooze{24h});
  CHECK(told(life, noon + 15min)
        == "snoozed: 12:15 UTC was snoozed: its task runs at 2030-08-02 12:15");
}

TEST_CASE("a moment that is due and not answered is owed", "[explanation]") {
  auto spec = every_quarter();
  spec.lead = GENERATE(0min, 5min);
  schedule_life life{spec};
  life.go_to(noon + 14min);
  life.now = noon + 15min;
  CHECK(explained(life, noon + 15min).verdict == "owed");
}

// -- what never comes ----------------------------------------------------------------------------

TEST_CASE("a moment of a pause says since when", "[explanation]") {
  schedule_life life{every_quarter()};
  life.go_to(noon + 20min).tell(schedule_event::pause{});
  life.go_to(noon + 40min);
  CHECK(told(life, noon + 30min)
        == "paused: 12:30 UTC did not run: the schedule is paused since 12:20");
  CHECK(told(life, noon + 45min)
        == "paused: 12:45 UTC will not run: the schedule is paused since 12:20");
  life.tell(schedule_event::resume{});
  CHECK(told(life, noon + 30min) == "paused: 12:30 UTC did not run: the schedule was paused");
  CHECK(told(life, noon + 45min) == "planned: 12:45 UTC will run");
}

TEST_CASE("outside of its window a schedule has no moments", "[explanation]") {
  auto spec = every_quarter();
  spec.start_at = noon + 30min;
  spec.end_at = noon + 50min;
  schedule_life life{spec};
  CHECK(told(life, noon + 15min)
        == "before_start: 12:15 UTC does not run: the schedule starts at 12:30");
  CHECK(told(life, noon + 60min)
        == "after_end: 13:00 UTC does not run: the schedule ended at 12:50");
  CHECK(told(life, noon + 40min)
        == "not_a_moment: 12:40 UTC is no moment of the schedule: the next one is 12:45");
  CHECK(explained(life, noon + 30min).verdict == "planned");
}

TEST_CASE("before its creation a schedule owes nothing", "[explanation]") {
  schedule_life life{every_quarter()};
  life.go_to(noon + 1h);
  CHECK(told(life, noon)
        == "before_creation: 12:00 UTC did not run: the schedule was made at 12:00 and owes "
           "nothing for the time before");
  CHECK(life.backfill(noon, noon) == 1);
  CHECK(explained(life, noon).verdict == "held");
}

TEST_CASE("after its end a schedule has no moments", "[explanation]") {
  schedule_life life{every_quarter()};
  life.go_to(noon + 20min).finish(noon + 15min);
  SECTION("canceled") {
    life.tell(schedule_event::cancel{});
    CHECK(told(life, noon + 30min)
          == "final: 12:30 UTC does not run: the schedule was canceled at 12:20");
  }
  SECTION("deleted") {
    life.tell(schedule_event::remove{});
    CHECK(told(life, noon + 30min)
          == "final: 12:30 UTC does not run: the schedule was deleted at 12:20");
  }
  CHECK(explained(life, noon + 15min).verdict == "ran");

  auto once = a_schedule("2030-08-01T12:15:00Z");
  once.kind = schedule_kind::once;
  schedule_life short_one{once};
  short_one.go_to(noon + 15min);
  CHECK(told(short_one, noon + 24h)
        == "final: 12:00 UTC does not run: the schedule has ended, its last moment was 2030-08-01 "
           "12:15");
}

TEST_CASE("a moment of a newer rule has no record", "[explanation]") {
  auto spec = a_schedule("0 * * * *");
  schedule_life life{spec};
  life.go_to(noon + 40min);
  spec.expr = "30 * * * *";
  life.edit(spec);
  CHECK(explained(life, noon + 30min).verdict == "no_record");
}
