#include <catch2/catch.hpp>

#include <functional>
#include <iomanip>
#include <sstream>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

schedule_spec every_quarter() {
  return a_schedule("*/15 * * * *");
}

schedule_spec once(std::string expr) {
  auto spec = a_schedule(std::move(expr));
  spec.kind = schedule_kind::once;
  return spec;
}

schedule_spec on_event() {
  auto spec = a_schedule("email.received");
  spec.kind = schedule_kind::event;
  return spec;
}

schedule_life in_status(schedule_status status) {
  auto spec = every_quarter();
  if (status == schedule_status::ended)
    spec.end_at = noon;
  schedule_life life{spec, noon, status != schedule_status::paused};
  if (status == schedule_status::canceled)
    life.tell(schedule_event::cancel{});
  if (status == schedule_status::deleted)
    life.tell(schedule_event::remove{});
  REQUIRE(life.subject().status == status);
  return life;
}

/// What a status answers to a request: the status after it, "=" or CONFLICT.
std::string answer_of(schedule_status status, const schedule_change& what) {
  auto life = in_status(status);
  if (life.refuses(what))
    return "CONFLICT";
  life.tell(what);
  return life.last.changed ? std::string{to_string(life.subject().status)} : "=";
}

std::string answers() {
  const auto spec = std::make_shared<const schedule_spec>(every_quarter());
  const schedule_life any{*spec};
  const auto rule = rule_of(any.subject());
  const std::vector<std::pair<std::string, schedule_change>> requests{
      {"tick", schedule_event::tick{}},
      {"run", schedule_event::run{}},
      {"snooze", schedule_event::snooze{1h}},
      {"pause", schedule_event::pause{}},
      {"resume", schedule_event::resume{}},
      {"cancel", schedule_event::cancel{}},
      {"remove", schedule_event::remove{}},
      {"edit", schedule_event::edit{spec, rule}},
      {"backfill", schedule_event::backfill{noon - 1h, noon}},
      {"zone_changed", schedule_event::zone_changed{rule}}};
  std::ostringstream out;
  for (const auto& [name, what] : requests) {
    out << '\n' << std::left << std::setw(13) << name;
    for (std::size_t at = 0; at < schedule_status_count; ++at) {
      const auto cell = answer_of(static_cast<schedule_status>(at), what);
      at + 1 < schedule_status_count ? out << std::setw(10) << cell : out << cell;
    }
  }
  return out.str();
}

}  // namespace

// clang-format off
TEST_CASE("every status of a schedule answers every request", "[schedule][lifecycle]") {
  CHECK("             active    paused    ended     canceled  deleted" + answers() ==
R"(             active    paused    ended     canceled  deleted
tick         =         =         =         =         =
run          active    CONFLICT  CONFLICT  CONFLICT  CONFLICT
snooze       active    CONFLICT  CONFLICT  CONFLICT  CONFLICT
pause        paused    =         CONFLICT  CONFLICT  CONFLICT
resume       =         active    CONFLICT  CONFLICT  CONFLICT
cancel       canceled  canceled  canceled  =         CONFLICT
remove       deleted   deleted   deleted   deleted   =
edit         active    paused    active    CONFLICT  CONFLICT
backfill     active    paused    ended     CONFLICT  CONFLICT
zone_changed active    paused    ended     =         =)");
}
// clang-format on

// -- creation ---------------------------------------------------------------------

TEST_CASE("a new schedule owes nothing for the time before", "[schedule][lifecycle]") {
  auto spec = every_quarter();
  spec.catch_up.policy = catch_up_policy::all;
  schedule_life life{spec, noon + 15min};  // this very moment is before it as well
  CHECK(life.tasks().empty());
  CHECK(life.subject().next_at == noon + 30min);
  CHECK(life.subject().created_at == noon + 15min);
  CHECK(life.subject().updated_at == noon + 15min);
  CHECK(life.subject().execution_count == 0);
  CHECK_FALSE(life.subject().last_execution_at);
  CHECK(life.go_to(noon + 30min).ledger() == "12:30 queued");
}

TEST_CASE("a schedule that is created disabled makes no task", "[schedule][lifecycle]") {
  auto spec = every_quarter();
  spec.lead = 1h;
  schedule_life life{spec, noon, false};
  CHECK(life.subject().status == schedule_status::paused);
  CHECK(life.subject().paused_at == noon);
  CHECK_FALSE(life.subject().next_at);
  CHECK_FALSE(life.subject().wake_at);
  CHECK(life.sleep_until(noon + 24h).tasks().empty());
}

TEST_CASE("a schedule fires from start_at to end_at, both inclusive, and ends",
          "[schedule][lifecycle]") {
  auto spec = every_quarter();
  spec.start_at = noon + 30min;
  spec.end_at = noon + 1h;
  spec.overlap.policy = overlap_policy::allow;
  schedule_life life{spec};
  CHECK(life.subject().next_at == noon + 30min);
  life.go_to(noon + 1h - 1ms);
  CHECK(life.subject().status == schedule_status::active);
  CHECK(life.subject().next_at == noon + 1h);
  life.go_to(noon + 24h);
  CHECK(life.ledger() == "12:30 queued, 12:45 queued, 13:00 queued");
  CHECK(life.subject().status == schedule_status::ended);
  CHECK_FALSE(life.subject().next_at);
  CHECK_FALSE(life.subject().wake_at);
}

TEST_CASE("a schedule whose window is over has ended at once", "[schedule][lifecycle]") {
  auto spec = every_quarter();
  spec.end_at = noon;
  const schedule_life life{spec};
  CHECK(life.subject().status == schedule_status::ended);
  CHECK(life.tasks().empty());
}

TEST_CASE("a schedule that starts later shows its first moment", "[schedule][lifecycle]") {
  auto spec = a_schedule("0 9 * * *");
  spec.timezone = "America/New_York";
  spec.start_at = *parse_instant("2024-03-01T00:00:00Z");
  const schedule_life life{spec, *parse_instant("2024-01-30T12:00:00Z")};
  CHECK(life.subject().next_at == *parse_instant("2024-03-01T14:00:00Z"));
}

TEST_CASE("once is once", "[schedule][lifecycle]") {
  auto spec = once("2030-08-01T14:30:00");
  spec.timezone = "Europe/Berlin";
  schedule_life life{spec};
  CHECK(life.go_to(noon + 30min - 1ms).tasks().empty());
  CHECK(life.go_to(noon + 30min).ledger() == "12:30 queued");
  CHECK(life.subject().status == schedule_status::ended);
  CHECK(life.finish(noon + 30min).go_to(noon + 240h).tasks().size() == 1);
}

TEST_CASE("a rule with a count ends after its last moment, crashes included",
          "[schedule][lifecycle]") {
  auto spec = a_schedule("FREQ=DAILY;COUNT=3;BYHOUR=8;BYMINUTE=0;BYSECOND=0");
  spec.kind = schedule_kind::rrule;
  spec.overlap.policy = overlap_policy::allow;
  schedule_life life{spec};
  for (int day = 1; day <= 10; ++day) {
    life.go_to(noon + day * 24h);
    life.crash();
  }
  CHECK(life.ledger() == "08-02 08:00 queued, 08-03 08:00 queued, 08-04 08:00 queued");
  CHECK(life.subject().status == schedule_status::ended);
}

// -- on time ------------------------------------------------------------------------

TEST_CASE("a moment becomes a task at its time and not before", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  CHECK(life.go_to(noon + 15min - 1ms).tasks().empty());
  CHECK(life.subject().wake_at == noon + 15min);
  life.go_to(noon + 15min);
  REQUIRE(life.ledger() == "12:15 queued");
  const auto& made = life.of(noon + 15min);
  CHECK(made.spec->schedule == life.subject().id);
  CHECK(made.spec->cause == trigger_cause::schedule);
  CHECK(made.spec->created_at == noon + 15min);
  CHECK(made.triggered_at == noon + 15min);
  CHECK(life.subject().next_at == noon + 30min);
}

TEST_CASE("a task has what the template says", "[schedule][lifecycle]") {
  auto spec = every_quarter();
  spec.work.target = http_target{"http://127.0.0.1/hook", "POST", {}};
  spec.work.payload = R"({"key":"value"})";
  spec.work.tags = {"night"};
  spec.work.components = {"disk"};
  spec.work.priority = 2;
  spec.work.retry = {3, backoff_kind::linear, 10s, 1min};
  spec.work.timeout = 5min;
  spec.work.expires_after = 10min;
  spec.work.limit.key = "db";
  schedule_life life{spec};
  const auto& made = *life.go_to(noon + 15min).of(noon + 15min).spec;
  CHECK(made.target == spec.work.target);
  CHECK(made.payload == spec.work.payload);
  CHECK(made.tags == spec.work.tags);
  CHECK(made.components == spec.work.components);
  CHECK(made.priority == 2);
  CHECK(made.retry == spec.work.retry);
  CHECK(made.timeout == 5min);
  CHECK(made.expires_at == noon + 25min);
  CHECK(made.limit == spec.work.limit);
}

TEST_CASE("a schedule counts what runs and keeps the planned time of the last",
          "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  for (const auto at : {noon + 15min, noon + 30min, noon + 45min})
    life.go_to(at + 20s).finish(at);
  CHECK(life.subject().execution_count == 3);
  CHECK(life.subject().last_execution_at == noon + 45min);
  life.sleep_until(noon + 24h + 5min);
  CHECK(life.subject().execution_count == 4);  // of 93 moments, one was caught up
}

TEST_CASE("a tick that comes early or twice changes nothing", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  life.now = noon + 15min - 1ms;
  CHECK_FALSE(life.tell(schedule_event::tick{}).last.changed);
  life.now = noon + 15min;
  CHECK(life.tell(schedule_event::tick{}).last.changed);
  CHECK_FALSE(life.tell(schedule_event::tick{}).last.changed);
  CHECK(life.tasks().size() == 1);
}

TEST_CASE("a clock that goes back makes nothing twice", "[schedule][lifecycle]") {
  auto spec = every_quarter();
  spec.overlap.policy = overlap_policy::allow;
  schedule_life life{spec};
  life.go_to(noon + 30min);
  life.now = noon - 2h;
  life.tell(schedule_event::tick{});
  life.tell(schedule_event::pause{}).tell(schedule_event::resume{});
  CHECK(life.go_to(noon + 45min).ledger() == "12:15 queued, 12:30 queued, 12:45 queued");
}

// -- events and manual runs -----------------------------------------------------------

TEST_CASE("an event runs a schedule that listens, and its moment never comes",
          "[schedule][lifecycle]") {
  schedule_life life{on_event()};
  CHECK(life.subject().status == schedule_status::active);
  CHECK_FALSE(life.subject().wake_at);
  life.tell(schedule_event::run{trigger_cause::event, R"({"from":"a@b"})"});
  CHECK(life.ledger() == "12:00 queued event");
  CHECK(event_of(*life.of(noon).spec) == R"({"from":"a@b"})");
  CHECK(life.refuses(schedule_event::snooze{1h}));
}

TEST_CASE("run_now is one task more, the planned ones stand", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  life.go_to(noon + 5min).tell(schedule_event::run{});
  REQUIRE(life.last.made.size() == 1);
  life.finish(noon + 5min).go_to(noon + 15min);
  CHECK(life.ledger() == "12:05 completed api, 12:15 queued");
  CHECK(life.subject().execution_count == 2);
}

TEST_CASE("what was due before a request is answered first", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  life.now = noon + 15min + 10s;
  life.tell(schedule_event::run{});
  CHECK(life.ledger() == "12:15 queued, 12:15:10 held api");
}

// -- pause and resume -------------------------------------------------------------------

TEST_CASE("what comes during a pause is recorded as one range", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  life.go_to(noon + 20min).tell(schedule_event::pause{});
  CHECK(life.subject().status == schedule_status::paused);
  CHECK(life.subject().paused_at == noon + 20min);
  CHECK(life.subject().updated_at == noon + 20min);
  CHECK_FALSE(life.subject().next_at);
  life.finish(noon + 15min);  // what runs ends by itself
  CHECK(life.go_to(noon + 65min).ledger() == "12:15 completed");
  life.tell(schedule_event::resume{});
  CHECK(life.ledger() == "12:15 completed, 12:30-13:00 paused x3");
  CHECK(life.subject().next_at == noon + 75min);
  CHECK_FALSE(life.subject().paused_at);
  CHECK(life.go_to(noon + 75min).of(noon + 75min).spec->cause == trigger_cause::schedule);
}

TEST_CASE("a pause owes what was due before it", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  life.now = noon + 15min + 30s;
  CHECK(life.tell(schedule_event::pause{}).ledger() == "12:15 queued");
}

TEST_CASE("a pause of one moment is a record without a range", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  life.tell(schedule_event::pause{});
  life.go_to(noon + 15min).tell(schedule_event::resume{});
  CHECK(life.ledger() == "12:15 paused");
  CHECK_FALSE(life.of(noon + 15min).spec->stands_for);
}

TEST_CASE("a schedule resumed after its end has ended", "[schedule][lifecycle]") {
  auto spec = every_quarter();
  spec.end_at = noon + 30min;
  schedule_life life{spec};
  life.tell(schedule_event::pause{});
  life.go_to(noon + 1h).tell(schedule_event::resume{});
  CHECK(life.ledger() == "12:15-12:30 paused x2");
  CHECK(life.subject().status == schedule_status::ended);
}

// -- cancel and remove --------------------------------------------------------------------

TEST_CASE("a cancel stops what waits and lets run what runs", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  life.go_to(noon + 15min).start(noon + 15min).go_to(noon + 30min);
  life.tell(schedule_event::snooze{1h});
  life.tell(schedule_event::cancel{});
  CHECK(life.ledger() == "12:15 processing, 12:30 canceled, 12:45 canceled");
  CHECK_FALSE(life.subject().next_at);
  CHECK(life.finish(noon + 15min).go_to(noon + 24h).ledger()
        == "12:15 completed, 12:30 canceled, 12:45 canceled");
  CHECK(life.subject().status == schedule_status::canceled);
}

TEST_CASE("a cancel during a pause records the pause", "[schedule][lifecycle]") {
  schedule_life life{every_quarter()};
  life.tell(schedule_event::pause{});
  life.go_to(noon + 31min).tell(schedule_event::cancel{});
  CHECK(life.ledger() == "12:15-12:30 paused x2");
}

TEST_CASE("a removed schedule makes nothing more, and what it made still runs",
          "[schedule][lifecycle]") {
  auto spec = every_quarter();
  spec.lead = 5min;
  schedule_life life{spec};
  life.go_to(noon + 15min).start(noon + 15min).go_to(noon + 26min);
  life.tell(schedule_event::remove{});
  CHECK(life.ledger() == "12:15 processing, 12:30 scheduled");
  life.go_to(noon + 31min);
  CHECK(life.ledger() == "12:15 processing, 12:30 held");
  life.finish(noon + 15min).finish(noon + 30min).go_to(noon + 24h);
  CHECK(life.ledger() == "12:15 completed, 12:30 completed");
}
