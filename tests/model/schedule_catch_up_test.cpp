#include <catch2/catch.hpp>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

schedule_spec every_quarter(catch_up_policy policy) {
  auto spec = a_schedule("*/15 * * * *");
  spec.catch_up.policy = policy;
  return spec;
}

/// Born at 12:01, nobody is there until 13:20: 12:15, 12:30, 12:45, 13:00 and 13:15 are missed.
schedule_life after_a_gap(const schedule_spec& spec) {
  schedule_life life{spec, noon + 1min};
  life.sleep_until(noon + 80min);
  return life;
}

instant at(std::string_view text) {
  return *parse_instant(text);
}

}  // namespace

// -- missed or on time --------------------------------------------------------------

TEST_CASE("a moment is on time for a minute, and missed after it", "[schedule][catch_up]") {
  schedule_life life{every_quarter(catch_up_policy::skip)};
  SECTION("a minute late") {
    CHECK(life.sleep_until(noon + 16min).ledger() == "12:15 queued");
  }
  SECTION("a minute and a moment late") {
    CHECK(life.sleep_until(noon + 16min + 1ms).ledger() == "12:15 missed");
  }
}

TEST_CASE("a clock that jumps forward is like a server that was away", "[schedule][catch_up]") {
  schedule_life life{every_quarter(catch_up_policy::latest)};
  life.go_to(noon + 20min).finish(noon + 15min);
  CHECK(life.sleep_until(noon + 80min).ledger()
        == "12:15 completed, 12:30-13:00 missed x3, 13:15 queued catch_up");
}

// -- policies -----------------------------------------------------------------------

TEST_CASE("latest catches up the newest, and then the rule goes on", "[schedule][catch_up]") {
  auto life = after_a_gap(every_quarter(catch_up_policy::latest));
  CHECK(life.ledger() == "12:15-13:00 missed x4, 13:15 queued catch_up");
  CHECK(life.subject().next_at == noon + 90min);
  CHECK(life.subject().execution_count == 1);
  life.finish(noon + 75min).go_to(noon + 90min);
  CHECK(life.ledger() == "12:15-13:00 missed x4, 13:15 completed catch_up, 13:30 queued");
}

TEST_CASE("latest catches up nothing when the newest is on time", "[schedule][catch_up]") {
  schedule_life life{every_quarter(catch_up_policy::latest), noon + 1min};
  CHECK(life.sleep_until(noon + 75min + 30s).ledger() == "12:15-13:00 missed x4, 13:15 queued");
}

TEST_CASE("all catches up everything, one behind the other", "[schedule][catch_up]") {
  auto life = after_a_gap(every_quarter(catch_up_policy::all));
  CHECK(life.ledger()
        == "12:15 queued catch_up, 12:30 held catch_up, 12:45 held catch_up, 13:00 held catch_up, "
           "13:15 held catch_up");
  life.finish(noon + 15min).finish(noon + 30min);
  CHECK(life.ledger()
        == "12:15 completed catch_up, 12:30 completed catch_up, 12:45 queued catch_up, "
           "13:00 held catch_up, 13:15 held catch_up");
  CHECK(life.subject().execution_count == 5);
}

TEST_CASE("skip catches up nothing, and the gap can be seen", "[schedule][catch_up]") {
  auto life = after_a_gap(every_quarter(catch_up_policy::skip));
  CHECK(life.ledger() == "12:15-13:15 missed x5");
  CHECK(life.subject().execution_count == 0);
  CHECK(life.go_to(noon + 90min).ledger() == "12:15-13:15 missed x5, 13:30 queued");
}

TEST_CASE("a record for a range runs nothing and carries no payload", "[schedule][catch_up]") {
  auto spec = every_quarter(catch_up_policy::skip);
  spec.work.payload = R"({"big":true})";
  auto life = after_a_gap(spec);
  const auto& record = life.of(noon + 15min);
  CHECK(record.spec->stands_for == moment_range{noon + 75min, 5});
  CHECK(record.spec->payload == "null");
  CHECK(record.spec->schedule == life.subject().id);
  CHECK(std::get<ended>(record.state)
        == ended{task_status::skipped, end_reason::missed, noon + 80min});
  CHECK(life.last.made.front().effects.empty());
}

// -- window and limit -----------------------------------------------------------------

TEST_CASE("what is older than the window is not caught up", "[schedule][catch_up]") {
  const auto [window, ledger] = GENERATE(table<duration, std::string>({
      {0ms, "12:15-13:15 missed x5"},
      {35min,
       "12:15-12:30 missed x2, 12:45 queued catch_up, 13:00 held catch_up, "
       "13:15 held catch_up"},
      {35min - 1ms, "12:15-12:45 missed x3, 13:00 queued catch_up, 13:15 held catch_up"},
      {4h,
       "12:15 queued catch_up, 12:30 held catch_up, 12:45 held catch_up, "
       "13:00 held catch_up, 13:15 held catch_up"},
  }));
  auto spec = every_quarter(catch_up_policy::all);
  spec.catch_up.window = window;
  CHECK(after_a_gap(spec).ledger() == ledger);
}

TEST_CASE("latest is caught up within the window only", "[schedule][catch_up]") {
  auto spec = every_quarter(catch_up_policy::latest);
  spec.catch_up.window = 4min;
  CHECK(after_a_gap(spec).ledger() == "12:15-13:15 missed x5");
}

TEST_CASE("at most the limit is caught up, the newest of them", "[schedule][catch_up]") {
  auto spec = every_quarter(catch_up_policy::all);
  spec.catch_up.limit = 2;
  CHECK(after_a_gap(spec).ledger()
        == "12:15-12:45 missed x3, 13:00 queued catch_up, 13:15 held catch_up");
}

TEST_CASE("a limit over many steps is the newest as well", "[schedule][catch_up]") {
  auto spec = a_schedule("* * * * * *");
  spec.catch_up.policy = catch_up_policy::all;
  spec.catch_up.limit = 2'000;
  spec.overlap.queue_limit = 10'000;
  schedule_life life{spec};
  const auto back = noon + 24h;
  life.sleep_until(back);
  std::int64_t caught = 0;
  std::int64_t missed = 0;
  std::int64_t on_time = 0;
  for (const auto& [id, one] : life.tasks()) {
    if (one.spec->cause == trigger_cause::catch_up) {
      ++caught;
      CHECK(one.spec->scheduled_for >= back - 1min - 2'000s);
    } else if (one.spec->stands_for) {
      missed += one.spec->stands_for->count;
      CHECK(one.spec->stands_for->last < back - 1min - 2'000s);
    } else {
      ++on_time;
    }
  }
  CHECK(caught == 2'000);
  CHECK(on_time == 61);
  CHECK(caught + missed + on_time == 24 * 3'600);
}

// -- overlap of what is caught up --------------------------------------------------------

TEST_CASE("what is caught up waits for the one before, even under skip", "[schedule][catch_up]") {
  auto spec = every_quarter(catch_up_policy::all);
  spec.catch_up.window = 35min;
  spec.overlap.policy = GENERATE(overlap_policy::skip, overlap_policy::terminate);
  auto life = after_a_gap(spec);
  CHECK(life.ledger()
        == "12:15-12:30 missed x2, 12:45 queued catch_up, 13:00 held catch_up, "
           "13:15 held catch_up");
  life.finish(noon + 45min).finish(noon + 60min).finish(noon + 75min);
  CHECK(life.open().empty());
}

TEST_CASE("under skip a moment that finds caught up ones open is skipped", "[schedule][catch_up]") {
  auto spec = every_quarter(catch_up_policy::all);
  spec.overlap.policy = overlap_policy::skip;
  spec.catch_up.limit = 1;
  auto life = after_a_gap(spec);
  CHECK(life.go_to(noon + 90min).ledger()
        == "12:15-13:00 missed x4, 13:15 queued catch_up, 13:30 overlap");
}

TEST_CASE("the queue's limit does not keep what is caught up out", "[schedule][catch_up]") {
  auto spec = every_quarter(catch_up_policy::all);
  spec.overlap.queue_limit = 1;
  auto life = after_a_gap(spec);
  CHECK(life.subject().execution_count == 5);
  life.go_to(noon + 90min);
  CHECK(status_of(life.of(noon + 90min)) == task_status::skipped);
  CHECK(std::get<ended>(life.of(noon + 90min).state).reason == end_reason::queue_full);
}

// -- clocks that repeat hours --------------------------------------------------------------

TEST_CASE("the second pass of a repeated hour is recorded and does not run",
          "[schedule][catch_up]") {
  auto spec = a_schedule("30 2 * * *");
  spec.timezone = "Europe/Berlin";
  schedule_life life{spec, at("2030-10-26T20:00:00Z")};
  life.go_to(at("2030-10-27T00:30:00Z")).finish(at("2030-10-27T00:30:00Z"));
  CHECK(life.subject().next_at == at("2030-10-28T01:30:00Z"));
  life.go_to(at("2030-10-28T01:30:00Z"));
  CHECK(life.ledger() == "10-27 00:30 completed, 10-27 01:30 dst_repeat, 10-28 01:30 queued");
  CHECK(life.subject().execution_count == 2);
}

TEST_CASE("a repeated hour that was missed keeps its own reason", "[schedule][catch_up]") {
  auto spec = a_schedule("0,30 2 * * *");
  spec.timezone = "Europe/Berlin";
  schedule_life life{spec, at("2030-10-26T20:00:00Z")};
  life.sleep_until(at("2030-10-28T12:00:00Z"));
  CHECK(life.ledger()
        == "10-27 00:00-10-27 00:30 missed x2, 10-27 01:00-10-27 01:30 dst_repeat x2, "
           "10-28 01:00 missed, 10-28 01:30 queued catch_up");
}

TEST_CASE("latest catches up the newest that runs, not the second pass of an hour",
          "[schedule][catch_up]") {
  auto spec = a_schedule("0,30 2 * * *");
  spec.timezone = "Europe/Berlin";
  schedule_life life{spec, at("2030-10-26T20:00:00Z")};
  life.sleep_until(at("2030-10-27T05:00:00Z"));
  CHECK(life.ledger()
        == "10-27 00:00 missed, 10-27 00:30 queued catch_up, "
           "10-27 01:00-10-27 01:30 dst_repeat x2");
}

// -- long gaps -------------------------------------------------------------------------------

TEST_CASE("a long gap is answered in several steps and counted to the last moment",
          "[schedule][catch_up]") {
  schedule_life life{a_schedule("* * * * * *")};
  life.now = noon + 7 * 24h + 500ms;
  int steps = 0;
  do {
    life.delays_messages = true;
    const auto before = life.subject().cursor;
    life.tell(schedule_event::tick{});
    CHECK(life.subject().cursor > before);
    ++steps;
  } while (life.subject().wake_at <= life.now);
  std::int64_t count = 0;
  for (const auto& [id, one] : life.tasks())
    count += one.spec->stands_for ? one.spec->stands_for->count : 1;
  CHECK(count == 7 * 24 * 3'600);
  CHECK(life.tasks().size() < 200);
}

TEST_CASE("a step of a long gap asks to go on", "[schedule][catch_up]") {
  schedule_life life{a_schedule("* * * * * *")};
  const schedule_lifecycle::state before = life.last.next;
  claimed_keys keys;
  std::uint64_t ids = 100;
  const schedule_lifecycle::surroundings around{noon + 7 * 24h, [&] { return an_id(++ids); },
                                                &keys};
  const auto first = schedule_lifecycle::apply(before, schedule_event::tick{}, around);
  REQUIRE(first.has_value());
  CHECK(first->again);
  CHECK(first->next.subject.cursor < noon + 7 * 24h - 1min);
  CHECK(first->made.size() == 1);
  // A request waits until all is answered.
  const auto paused = schedule_lifecycle::apply(before, schedule_event::pause{}, around);
  CHECK(paused->again);
  CHECK(paused->next.subject.status == schedule_status::active);
}

TEST_CASE("a long pause is counted to the last moment", "[schedule][catch_up]") {
  schedule_life life{a_schedule("* * * * * *")};
  life.tell(schedule_event::pause{});
  life.now = noon + 3 * 24h;
  life.tell(schedule_event::resume{});
  CHECK(life.subject().status == schedule_status::active);
  std::int64_t count = 0;
  for (const auto& [id, one] : life.tasks()) {
    CHECK(std::get<ended>(one.state).reason == end_reason::paused);
    count += one.spec->stands_for->count;
  }
  CHECK(count == 3 * 24 * 3'600);
}
