#include <catch2/catch.hpp>

#include "tests/support/schedule_life.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

schedule_spec every_minute(duration lead = 0min) {
  auto spec = a_schedule("* * * * *");
  spec.lead = lead;
  return spec;
}

}  // namespace

TEST_CASE("a decision that was lost is made again", "[schedule][crash]") {
  schedule_life life{every_minute()};
  life.now = noon + 1min;
  life.lose(schedule_event::tick{});
  CHECK(life.ledger() == "12:01 queued");
}

TEST_CASE("a task whose time came in a crash still hears of it", "[schedule][crash]") {
  schedule_life life{every_minute(30s)};
  life.go_to(noon + 45s);
  life.delays_messages = true;
  life.go_to(noon + 1min);
  REQUIRE(life.ledger() == "12:01 scheduled");
  life.delays_messages = false;
  life.crash();
  CHECK(life.ledger() == "12:01 queued");
  CHECK(life.subject().execution_count == 1);
}

TEST_CASE("a deduplicating task whose order was lost is no duplicate of itself",
          "[schedule][crash]") {
  auto spec = every_minute(30s);
  spec.dedupe_window = 1h;
  schedule_life life{spec};
  life.go_to(noon + 45s);
  life.delays_messages = true;
  life.go_to(noon + 1min);
  life.delays_messages = false;
  life.crash();
  CHECK(life.ledger() == "12:01 queued");
}

TEST_CASE("a held task whose admission was lost is admitted", "[schedule][crash]") {
  schedule_life life{every_minute()};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 2min);
  life.delays_messages = true;
  life.finish(noon + 1min);
  REQUIRE(life.ledger() == "12:01 completed, 12:02 held");
  life.delays_messages = false;
  life.crash();
  CHECK(life.ledger() == "12:01 completed, 12:02 queued");
}

TEST_CASE("what waits is canceled though the first word was lost", "[schedule][crash]") {
  schedule_life life{every_minute(30s)};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 2min + 45s);
  life.delays_messages = true;
  life.tell(schedule_event::cancel{});
  REQUIRE(life.ledger() == "12:01 processing, 12:02 held, 12:03 scheduled");
  life.delays_messages = false;
  life.crash();
  CHECK(life.ledger() == "12:01 processing, 12:02 canceled, 12:03 canceled");
}

TEST_CASE("a snoozed task that a pause dropped does not run though the word was lost",
          "[schedule][crash]") {
  schedule_life life{every_minute()};
  life.tell(schedule_event::snooze{10min});
  life.delays_messages = true;
  life.tell(schedule_event::pause{});
  life.delays_messages = false;
  life.crash();
  CHECK(life.go_to(noon + 11min).ledger() == "12:01 paused");
}

TEST_CASE("a tick finds nothing new while a task has yet to confirm", "[schedule][crash]") {
  schedule_life life{every_minute(30s)};
  life.go_to(noon + 45s);
  life.delays_messages = true;
  life.go_to(noon + 1min);
  CHECK(life.subject().wake_at == noon + 1min);  // a crash now must find it again
  CHECK_FALSE(life.tell(schedule_event::tick{}).last.changed);
  life.settle();
  CHECK(life.ledger() == "12:01 queued");
  CHECK(life.subject().wake_at == noon + 90s);
  CHECK(life.subject().execution_count == 1);
}

TEST_CASE("a task that is being held keeps its place", "[schedule][crash]") {
  schedule_life life{every_minute(30s)};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 90s);
  life.delays_messages = true;
  life.go_to(noon + 2min);  // 12:02 is told to wait, and has not heard yet
  life.tell(schedule_event::told{
      {life.of(noon + 1min).id, task_status::completed, false, noon, noon}, true});
  life.tell(schedule_event::run{});
  const auto& extra = life.last.made.front().next;
  REQUIRE(std::holds_alternative<queued>(extra.state));
  CHECK(std::get<queued>(extra.state).held);
}

TEST_CASE("old news does not undo a newer word", "[schedule][crash]") {
  schedule_life life{every_minute(30s)};
  life.go_to(noon + 45s);
  const auto before = life.open().front();
  life.tell(schedule_event::snooze{1min});
  life.tell(schedule_event::told{before});
  CHECK(life.open().front().due == noon + 2min);

  life.delays_messages = true;
  life.now = noon + 2min;
  life.tell(schedule_event::tick{}).tell(schedule_event::told{before});
  CHECK_FALSE(life.tell(schedule_event::tick{}).last.changed);
}

TEST_CASE("a restart with nothing lost changes nothing", "[schedule][crash]") {
  schedule_life life{every_minute(30s)};
  life.go_to(noon + 1min).start(noon + 1min).go_to(noon + 2min + 45s);
  const auto before = life.subject();
  const auto open = life.open();
  const auto ledger = life.ledger();
  life.crash();
  CHECK(life.ledger() == ledger);
  CHECK(life.open() == open);
  CHECK(life.subject().cursor == before.cursor);
  CHECK(life.subject().wake_at == before.wake_at);
  CHECK(life.subject().execution_count == before.execution_count);
}
