#include <catch2/catch.hpp>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

schedule_spec every_hour() {
  auto spec = a_schedule("0 * * * *");
  spec.overlap.policy = overlap_policy::allow;
  spec.catch_up.policy = catch_up_policy::all;
  return spec;
}

/// The rule as if UTC had become Berlin's time.
recurrence in_berlin(const schedule_life& life) {
  auto moved = life.subject();
  auto spec = *moved.spec;
  spec.timezone = "Europe/Berlin";
  moved.spec = std::make_shared<const schedule_spec>(spec);
  return rule_of(moved);
}

}  // namespace

// -- edit -------------------------------------------------------------------------------

TEST_CASE("an edit of anything but the rule leaves the times alone", "[schedule][edit]") {
  auto spec = every_hour();
  schedule_life life{spec};
  life.go_to(noon + 90min);
  const auto before = life.subject();
  spec.name = "new";
  spec.catch_up.policy = catch_up_policy::skip;
  spec.work.payload = "1";
  life.edit(spec);
  CHECK(life.spec() == spec);
  CHECK(life.subject().updated_at == noon + 90min);
  CHECK(life.subject().cursor == before.cursor);
  CHECK(life.subject().next_at == before.next_at);
  CHECK(life.last.made.empty());
  CHECK(life.go_to(noon + 2h).of(noon + 2h).spec->payload == "1");
  CHECK(life.of(noon + 1h).spec->payload == "null");
}

TEST_CASE("what was due before an edit is answered by the old definition", "[schedule][edit]") {
  auto spec = every_hour();
  schedule_life life{spec};
  life.now = noon + 1h + 5s;
  spec.expr = "30 * * * *";
  spec.work.payload = "1";
  life.edit(spec);
  CHECK(life.ledger() == "13:00 queued");
  CHECK(life.of(noon + 1h).spec->payload == "null");
  CHECK(life.go_to(noon + 2h).ledger() == "13:00 queued, 13:30 queued");
}

TEST_CASE("a new rule launches nothing for the past, and the old moment stays silent",
          "[schedule][edit]") {
  auto spec = every_hour();
  schedule_life life{spec};
  life.go_to(noon + 50min);
  spec.expr = GENERATE("*/5 12 * * *", "55 * * * *");
  life.edit(spec);
  CHECK(life.tasks().empty());
  CHECK(life.subject().next_at == noon + 55min);
  CHECK(life.go_to(noon + 70min).ledger() == "12:55 queued");
}

TEST_CASE("a new zone launches nothing for the past", "[schedule][edit]") {
  auto spec = a_schedule("0 13 * * *");
  schedule_life life{spec};
  spec.timezone = "Europe/Berlin";  // there it was 13:00 an hour ago
  life.edit(spec);
  CHECK(life.tasks().empty());
  CHECK(life.subject().next_at == noon + 23h);
}

TEST_CASE("a window that opens backwards launches nothing for the past", "[schedule][edit]") {
  auto spec = every_hour();
  spec.start_at = noon + 24h;
  schedule_life life{spec};
  life.go_to(noon + 5h + 30min);
  spec.start_at.reset();
  life.edit(spec);
  CHECK(life.tasks().empty());
  CHECK(life.go_to(noon + 6h).ledger() == "18:00 queued");
}

TEST_CASE("a later end revives a schedule that had ended, from now on", "[schedule][edit]") {
  auto spec = every_hour();
  spec.end_at = noon + 1h;
  schedule_life life{spec};
  life.go_to(noon + 5h + 30min);
  REQUIRE(life.subject().status == schedule_status::ended);
  spec.end_at = noon + 6h;
  life.edit(spec);
  CHECK(life.subject().status == schedule_status::active);
  CHECK(life.go_to(noon + 24h).ledger() == "13:00 queued, 18:00 queued");
  CHECK(life.subject().status == schedule_status::ended);
}

TEST_CASE("an edit that revives a schedule makes what lies within the lead at once",
          "[schedule][edit]") {
  auto spec = every_hour();
  spec.lead = 5min;
  spec.end_at = noon;
  schedule_life life{spec};
  life.go_to(noon + 57min);
  spec.end_at.reset();
  CHECK(life.edit(spec).ledger() == "13:00 scheduled");
}

TEST_CASE("a later end during a pause does not make the past a pause", "[schedule][edit]") {
  auto spec = every_hour();
  spec.end_at = noon + 1h;
  schedule_life life{spec, noon, false};
  life.go_to(noon + 3h + 30min);
  spec.end_at.reset();
  life.edit(spec).go_to(noon + 4h + 30min).tell(schedule_event::resume{});
  CHECK(life.ledger() == "13:00 paused, 16:00 paused");
}

TEST_CASE("an end in the past ends a schedule", "[schedule][edit]") {
  auto spec = every_hour();
  schedule_life life{spec};
  life.go_to(noon + 90min);
  spec.end_at = noon + 80min;
  CHECK(life.edit(spec).subject().status == schedule_status::ended);
  CHECK(life.go_to(noon + 24h).ledger() == "13:00 queued");
}

TEST_CASE("an edit touches no task made ahead and makes none twice", "[schedule][edit]") {
  auto spec = every_hour();
  spec.lead = 5min;
  schedule_life life{spec};
  life.go_to(noon + 57min);
  REQUIRE(life.ledger() == "13:00 scheduled");
  SECTION("the same rule") {
    spec.name = "new";
  }
  SECTION("another rule with the same moment") {
    spec.expr = "0,30 * * * *";
  }
  SECTION("another window") {
    spec.start_at = noon;
  }
  life.edit(spec);
  CHECK(life.go_to(noon + 1h).ledger() == "13:00 queued");
  CHECK(life.subject().answered.empty());
}

TEST_CASE("a task that the edit itself made ahead is not made twice", "[schedule][edit]") {
  auto spec = every_hour();
  spec.lead = 5min;
  schedule_life life{spec};
  life.now = noon + 57min;  // the tick of 12:55 has not come yet
  spec.expr = "0,30 * * * *";
  life.edit(spec);
  CHECK(life.go_to(noon + 1h).ledger() == "13:00 queued");
}

TEST_CASE("a window that opens within the lead misses nothing", "[schedule][edit]") {
  auto spec = a_schedule("*/10 * * * *");
  spec.lead = 1h;
  spec.start_at = noon + 30min;
  schedule_life life{spec};
  CHECK(life.ledger() == "12:30 scheduled, 12:40 scheduled, 12:50 scheduled, 13:00 scheduled");
  spec.start_at = noon;
  life.edit(spec);
  CHECK(life.ledger()
        == "12:10 scheduled, 12:20 scheduled, 12:30 scheduled, 12:40 scheduled, "
           "12:50 scheduled, 13:00 scheduled");
}

TEST_CASE("what was snoozed beyond the lead falls with its rule", "[schedule][edit]") {
  auto spec = every_hour();
  schedule_life life{spec};
  life.tell(schedule_event::snooze{30min});
  spec.expr = "45 * * * *";
  life.edit(spec);
  CHECK(life.ledger() == "13:00 canceled");
  CHECK(life.go_to(noon + 100min).ledger() == "12:45 queued, 13:00 canceled");
}

TEST_CASE("an edit during a pause stays paused", "[schedule][edit]") {
  auto spec = every_hour();
  schedule_life life{spec, noon, false};
  spec.expr = "30 * * * *";
  life.go_to(noon + 61min).edit(spec);
  CHECK(life.subject().status == schedule_status::paused);
  life.go_to(noon + 2h).tell(schedule_event::resume{});
  CHECK(life.ledger() == "13:00 paused, 13:30 paused");
}

TEST_CASE("a shorter lead forgets nothing", "[schedule][edit]") {
  auto spec = every_hour();
  spec.lead = 2h;
  schedule_life life{spec};
  spec.lead = 0min;
  life.edit(spec);
  CHECK(life.go_to(noon + 3h).ledger() == "13:00 queued, 14:00 queued, 15:00 queued");
}

// -- backfill ---------------------------------------------------------------------------

TEST_CASE("a backfill makes tasks for the moments without a record, once", "[schedule][backfill]") {
  auto spec = every_hour();
  spec.overlap.policy = overlap_policy::skip;
  schedule_life life{spec};
  life.go_to(noon + 1h).finish(noon + 1h).go_to(noon + 90min);
  CHECK(life.backfill(noon - 2h, noon + 90min, true) == 3);
  CHECK(life.last.made.empty());
  CHECK(life.backfill(noon - 2h, noon + 90min) == 3);
  CHECK(life.ledger()
        == "10:00 queued backfill, 11:00 held backfill, 12:00 held backfill, 13:00 completed");
  CHECK(life.backfill(noon - 2h, noon + 90min) == 0);
  CHECK(life.tasks().size() == 4);
  CHECK(life.subject().execution_count == 4);
  life.finish(noon - 2h).finish(noon - 1h).finish(noon);
  CHECK(life.open().empty());
}

TEST_CASE("both ends of a backfill belong to it", "[schedule][backfill]") {
  schedule_life life{every_hour()};
  CHECK(life.backfill(noon - 3h, noon - 1h, true) == 3);
  CHECK(life.backfill(noon - 3h + 1ms, noon - 1h - 1ms, true) == 1);
}

TEST_CASE("a backfill leaves the future to its time", "[schedule][backfill]") {
  auto spec = every_hour();
  spec.lead = 2h;
  schedule_life life{spec};
  REQUIRE(life.ledger() == "13:00 scheduled, 14:00 scheduled");
  CHECK(life.backfill(noon + 1h, noon + 24h) == 0);
}

TEST_CASE("a backfill leaves what is owed to the tick", "[schedule][backfill]") {
  schedule_life life{every_hour()};
  life.now = noon + 1h;
  CHECK(life.backfill(noon + 1h, noon + 1h) == 0);
  CHECK(life.tell(schedule_event::tick{}).ledger() == "13:00 queued");
}

TEST_CASE("a backfill leaves alone what has a record of another kind", "[schedule][backfill]") {
  auto spec = every_hour();
  spec.catch_up.policy = catch_up_policy::skip;
  schedule_life life{spec};
  life.sleep_until(noon + 5h + 30min);
  REQUIRE(life.ledger() == "13:00-17:00 missed x5");
  CHECK(life.backfill(noon + 1h, noon + 5h) == 0);
}

TEST_CASE("a backfill makes no second pass of a repeated hour", "[schedule][backfill]") {
  auto spec = a_schedule("30 2 * * *");
  spec.timezone = "Europe/Berlin";
  schedule_life life{spec, *parse_instant("2030-11-01T00:00:00Z")};
  CHECK(
      life.backfill(*parse_instant("2030-10-27T00:00:00Z"), *parse_instant("2030-10-27T23:00:00Z"))
      == 1);
  CHECK(life.ledger() == "10-27 00:30 queued backfill");
}

TEST_CASE("a backfill of too many moments is refused with a way out", "[schedule][backfill]") {
  schedule_life life{a_schedule("* * * * * *")};
  const auto begin = noon - duration{1'000} * backfill_max;
  const schedule_event::backfill asked{begin, noon};
  claimed_keys keys;
  const schedule_lifecycle::surroundings around{noon, [] { return an_id(1); }, &keys};
  const auto refused = schedule_lifecycle::apply(life.last.next, asked, around);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == problem_kind::invalid);
  CHECK(refused.error().detail.find("10000") != std::string::npos);
  CHECK(life.backfill(begin + 1s, noon, true) == backfill_max);
}

TEST_CASE("a backfill of a paused schedule works, of a canceled one it is refused",
          "[schedule][backfill]") {
  schedule_life life{every_hour(), noon, false};
  CHECK(life.backfill(noon - 1h, noon - 1h) == 1);
  life.tell(schedule_event::cancel{});
  CHECK(life.refuses(schedule_event::backfill{noon - 5h, noon}));
}

// -- zone rules -----------------------------------------------------------------------------

TEST_CASE("new rules of a zone launch nothing and hold from then on", "[schedule][zone]") {
  schedule_life life{a_schedule("0 15 * * *")};
  life.go_to(noon + 90min);
  life.tell(schedule_event::zone_changed{in_berlin(life)});  // there it was 15:00 at 13:00
  CHECK(life.tasks().empty());
  CHECK(life.subject().next_at == noon + 25h);
  CHECK(life.go_to(noon + 25h).ledger() == "08-02 13:00 queued");
}

TEST_CASE("a backfill after new rules of a zone makes nothing early", "[schedule][zone]") {
  auto spec = a_schedule("0 16 * * *");
  spec.lead = 5h;
  schedule_life life{spec};
  REQUIRE(life.ledger() == "16:00 scheduled");
  life.tell(schedule_event::zone_changed{in_berlin(life)});
  CHECK(life.backfill(noon, noon + 24h) == 0);  // 14:00 is yet to come
}

TEST_CASE("what was due before the rules of a zone changed is answered", "[schedule][zone]") {
  schedule_life life{every_hour()};
  life.now = noon + 1h;
  life.tell(schedule_event::zone_changed{rule_of(life.subject())});
  CHECK(life.ledger() == "13:00 queued");
}
