#include <catch2/catch.hpp>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

schedule_spec every_hour(duration lead = 5min) {
  auto spec = a_schedule("0 * * * *");
  spec.lead = lead;
  return spec;
}

}  // namespace

// -- lead -----------------------------------------------------------------------------

TEST_CASE("a task is made the lead ahead of its time and runs at it", "[schedule][lead]") {
  schedule_life life{every_hour()};
  CHECK(life.go_to(noon + 55min - 1ms).tasks().empty());
  life.go_to(noon + 55min);
  REQUIRE(life.ledger() == "13:00 scheduled");
  CHECK(life.of(noon + 1h).spec->created_at == noon + 55min);
  CHECK_FALSE(life.of(noon + 1h).triggered_at);
  CHECK(life.subject().execution_count == 0);
  CHECK(life.subject().next_at == noon + 1h);
  CHECK(life.go_to(noon + 1h - 1ms).ledger() == "13:00 scheduled");
  CHECK(life.go_to(noon + 1h).ledger() == "13:00 queued");
  CHECK(life.of(noon + 1h).triggered_at == noon + 1h);
  CHECK(life.subject().execution_count == 1);
  CHECK(life.subject().next_at == noon + 2h);
}

TEST_CASE("a moment inside the lead at creation is made at once", "[schedule][lead]") {
  const schedule_life life{every_hour(), noon + 57min};
  CHECK(life.ledger() == "13:00 scheduled");
}

TEST_CASE("the last task made ahead still runs before the schedule ends", "[schedule][lead]") {
  auto spec = every_hour();
  spec.end_at = noon + 1h;
  schedule_life life{spec};
  life.go_to(noon + 58min);
  CHECK(life.subject().status == schedule_status::active);
  CHECK(life.subject().next_at == noon + 1h);
  CHECK(life.go_to(noon + 1h).ledger() == "13:00 queued");
  CHECK(life.subject().status == schedule_status::ended);
}

TEST_CASE("overlap is judged when a task is due, not when it was made", "[schedule][lead]") {
  auto spec = every_hour(90min);
  spec.overlap.policy = overlap_policy::skip;
  schedule_life life{spec};
  CHECK(life.ledger() == "13:00 scheduled");
  life.go_to(noon + 1h).start(noon + 1h).go_to(noon + 2h);
  CHECK(life.ledger() == "13:00 processing, 14:00 overlap, 15:00 scheduled");
  CHECK(life.finish(noon + 1h).go_to(noon + 3h).of(noon + 3h).triggered_at == noon + 3h);
  CHECK(life.subject().execution_count == 2);
}

TEST_CASE("under queue a task made ahead is held while another is open", "[schedule][lead]") {
  schedule_life life{every_hour()};
  life.go_to(noon + 1h).start(noon + 1h).go_to(noon + 2h);
  CHECK(life.ledger() == "13:00 processing, 14:00 held");
  CHECK(life.finish(noon + 1h).ledger() == "13:00 completed, 14:00 queued");
}

TEST_CASE("a task made ahead that a person triggers counts, and leaves the next alone",
          "[schedule][lead]") {
  schedule_life life{every_hour()};
  life.go_to(noon + 57min).tell_task(noon + 1h, event::trigger{});
  CHECK(life.ledger() == "13:00 queued");
  CHECK(life.subject().execution_count == 1);
  CHECK(life.subject().next_at == noon + 2h);
  life.finish(noon + 1h).go_to(noon + 2h);
  CHECK(life.ledger() == "13:00 completed, 14:00 queued");
  CHECK(life.subject().execution_count == 2);
}

TEST_CASE("a task made ahead that a person cancels is not made again", "[schedule][lead]") {
  schedule_life life{every_hour()};
  life.go_to(noon + 57min).tell_task(noon + 1h, event::cancel{});
  CHECK(life.subject().next_at == noon + 2h);
  CHECK(life.go_to(noon + 2h).ledger() == "13:00 canceled, 14:00 queued");
  CHECK(life.subject().execution_count == 1);
}

TEST_CASE("a pause leaves tasks made ahead alone and makes no more", "[schedule][lead]") {
  schedule_life life{every_hour()};
  life.go_to(noon + 57min).tell(schedule_event::pause{});
  CHECK(life.go_to(noon + 1h).ledger() == "13:00 queued");
  CHECK(life.go_to(noon + 150min).ledger() == "13:00 queued");
  life.tell(schedule_event::resume{});
  CHECK(life.ledger() == "13:00 queued, 14:00 paused");
  CHECK(life.finish(noon + 1h).go_to(noon + 3h).ledger()
        == "13:00 completed, 14:00 paused, 15:00 queued");
}

TEST_CASE("a pause at the very moment a task was made ahead leaves it alone", "[schedule][lead]") {
  schedule_life life{every_hour()};
  life.go_to(noon + 55min).tell(schedule_event::pause{});
  CHECK(life.ledger() == "13:00 scheduled");
}

TEST_CASE("a long lead is made in several steps", "[schedule][lead]") {
  auto spec = a_schedule("* * * * * *");
  spec.lead = 1h;
  schedule_life life{spec};
  CHECK(life.last.again);
  CHECK(life.last.made.size() <= 500);
  for (int step = 0; life.subject().wake_at <= life.now; ++step) {
    REQUIRE(step < 10);
    life.tell(schedule_event::tick{});
    CHECK(life.last.made.size() <= 500);
  }
  CHECK(life.tasks().size() == 3'600);
}

TEST_CASE("a moment inside the lead at resume is made at once", "[schedule][lead]") {
  schedule_life life{every_hour(), noon, false};
  life.go_to(noon + 57min).tell(schedule_event::resume{});
  CHECK(life.ledger() == "13:00 scheduled");
}

TEST_CASE("a second pass of an hour within the lead is recorded and not made", "[schedule][lead]") {
  auto spec = a_schedule("30 2 * * *");
  spec.timezone = "Europe/Berlin";
  spec.lead = 2h;
  schedule_life life{spec, *parse_instant("2030-10-26T23:00:00Z")};
  CHECK(life.ledger() == "10-27 00:30 scheduled");
  life.go_to(*parse_instant("2030-10-27T00:00:00Z"));
  CHECK(life.ledger() == "10-27 00:30 scheduled, 10-27 01:30 dst_repeat");
}

// -- snooze -------------------------------------------------------------------------------

TEST_CASE("a snooze moves the next moment and no other", "[schedule][snooze]") {
  const auto lead = GENERATE(0min, 5min);
  auto spec = every_hour(lead);
  spec.overlap.policy = overlap_policy::allow;
  schedule_life life{spec};
  life.go_to(noon + 50min).tell(schedule_event::snooze{30min});
  CHECK(life.ledger() == "13:00 scheduled");
  CHECK(life.subject().next_at == noon + 90min);
  CHECK(life.subject().updated_at == noon + 50min);
  CHECK(life.go_to(noon + 90min - 1ms).ledger() == "13:00 scheduled");
  life.go_to(noon + 90min);
  CHECK(life.ledger() == "13:00 queued");
  CHECK(life.of(noon + 1h).triggered_at == noon + 90min);
  CHECK(life.subject().last_execution_at == noon + 1h);
  CHECK(life.go_to(noon + 2h).ledger() == "13:00 queued, 14:00 queued");
}

TEST_CASE("a snooze moves a task that is made already", "[schedule][snooze]") {
  schedule_life life{every_hour()};
  life.go_to(noon + 57min).tell(schedule_event::snooze{10min});
  CHECK(due_at(life.of(noon + 1h)) == noon + 70min);
  CHECK(life.tasks().size() == 1);
  CHECK(life.go_to(noon + 70min - 1ms).ledger() == "13:00 scheduled");
  CHECK(life.go_to(noon + 70min).ledger() == "13:00 queued");
}

TEST_CASE("a second snooze moves the same moment while it is still the next",
          "[schedule][snooze]") {
  schedule_life life{every_hour(0min)};
  life.tell(schedule_event::snooze{20min}).tell(schedule_event::snooze{20min});
  CHECK(life.ledger() == "13:00 scheduled");
  CHECK(life.subject().next_at == noon + 100min);
}

TEST_CASE("a moment snoozed behind the following one makes that the next", "[schedule][snooze]") {
  auto spec = every_hour(0min);
  spec.overlap.policy = overlap_policy::allow;
  schedule_life life{spec};
  life.tell(schedule_event::snooze{90min});
  CHECK(life.subject().next_at == noon + 2h);
  life.tell(schedule_event::snooze{15min});
  CHECK(life.ledger() == "13:00 scheduled, 14:00 scheduled");
  CHECK(due_at(life.of(noon + 1h)) == noon + 150min);
  CHECK(due_at(life.of(noon + 2h)) == noon + 135min);
  CHECK(life.go_to(noon + 150min).ledger() == "13:00 queued, 14:00 queued");
  CHECK(life.of(noon + 2h).triggered_at == noon + 135min);
  CHECK(life.go_to(noon + 3h).ledger() == "13:00 queued, 14:00 queued, 15:00 queued");
}

TEST_CASE("a snoozed last moment still comes", "[schedule][snooze]") {
  auto spec = every_hour(0min);
  spec.end_at = noon + 1h;
  schedule_life life{spec};
  life.tell(schedule_event::snooze{24h});
  CHECK(life.subject().status == schedule_status::active);
  CHECK(life.go_to(noon + 25h).ledger() == "13:00 queued");
  CHECK(life.subject().status == schedule_status::ended);
}

TEST_CASE("without a next moment there is nothing to snooze", "[schedule][snooze]") {
  auto spec = a_schedule("nightly");
  spec.kind = schedule_kind::event;
  CHECK(schedule_life{spec}.refuses(schedule_event::snooze{1h}));
}

TEST_CASE("a snooze that finds the last moment due answers it before it is refused",
          "[schedule][snooze]") {
  auto spec = every_hour(0min);
  spec.end_at = noon + 1h;
  spec.dedupe_window = 1h;
  schedule_life life{spec};
  claimed_keys keys;
  const schedule_lifecycle::surroundings around{noon + 1h, [] { return an_id(99); }, &keys};
  const auto made = schedule_lifecycle::apply(life.last.next, schedule_event::snooze{1h}, around);
  REQUIRE(made.has_value());
  CHECK(made->again);
  CHECK(made->made.size() == 1);
  CHECK(made->claims.size() == 1);
  const auto refused = schedule_lifecycle::apply(made->next, schedule_event::snooze{1h}, around);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == problem_kind::conflict);
}

TEST_CASE("a pause drops what was snoozed beyond the lead", "[schedule][snooze]") {
  const auto lead = GENERATE(0min, 5min);
  schedule_life life{every_hour(lead)};
  life.go_to(noon + 57min).tell(schedule_event::snooze{30min});
  life.go_to(noon + 58min).tell(schedule_event::pause{});
  CHECK(life.ledger() == "13:00 paused");
  CHECK(life.open().empty());
  life.go_to(noon + 100min).tell(schedule_event::resume{});
  CHECK(life.go_to(noon + 2h).ledger() == "13:00 paused, 14:00 queued");
}

TEST_CASE("a snooze survives a crash", "[schedule][snooze]") {
  schedule_life life{every_hour(0min)};
  life.tell(schedule_event::snooze{90min});
  life.crash();
  life.go_to(noon + 2h).finish(noon + 2h);
  CHECK(life.go_to(noon + 150min).of(noon + 1h).triggered_at == noon + 150min);
}
