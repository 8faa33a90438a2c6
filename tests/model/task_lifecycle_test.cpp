#include "model/task_lifecycle.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

// -- creation -----------------------------------------------------------------

TEST_CASE("a task for later waits for its time and asks for nothing", "[lifecycle]") {
  const life subject{a_spec(), noon - 1ms};
  CHECK(subject.status() == task_status::scheduled);
  CHECK(subject.last.effects.empty());
  CHECK_FALSE(subject.subject().triggered_at);
}

TEST_CASE("a task for now or earlier is offered at once", "[lifecycle]") {
  const auto late = GENERATE(0ms, 1ms, 1000h);
  const life subject{a_spec(), noon + late};
  CHECK(subject.subject().state == task_state{queued{noon + late}});
  CHECK(subject.subject().triggered_at == noon + late);
  CHECK(subject.offered());
}

TEST_CASE("a new task knows the components that must report", "[lifecycle]") {
  auto spec = a_spec();
  spec.components = {"disk", "cpu"};
  const life subject{spec};
  CHECK(subject.subject().components == std::vector<component>{{"disk"}, {"cpu"}});
}

// -- due, triggered -----------------------------------------------------------

TEST_CASE("a task becomes due at its time and not before", "[lifecycle]") {
  life subject{a_spec(), noon - 1h};
  subject.now = noon - 1ms;
  CHECK_FALSE(subject.tick().last.changed);
  subject.now = noon;
  CHECK(subject.tick().subject().state == task_state{queued{noon}});
  CHECK(subject.subject().triggered_at == noon);
  CHECK(subject.last.effects == std::vector<task_effect>{effect::offer{}});
}

TEST_CASE("a trigger uses up the one execution", "[lifecycle]") {
  life subject{a_spec(), noon - 1h};
  subject.tell(event::trigger{});
  CHECK(subject.subject().triggered_at == noon - 1h);
  CHECK(subject.offered());
  CHECK(subject.refuses(event::trigger{}));  // of twenty at once, nineteen lose
  subject.now = noon;
  CHECK_FALSE(subject.tick().last.changed);
}

// -- cancel -------------------------------------------------------------------

TEST_CASE("a canceled task says so, a stopped one too", "[lifecycle]") {
  life waiting{a_spec(), noon - 1h};
  CHECK(waiting.tell(event::cancel{}).subject().state
        == task_state{ended{task_status::canceled, end_reason::canceled, noon - 1h}});
  life running;
  running.lease().wait(1s).tell(event::cancel{});
  CHECK(running.end() == ended{task_status::canceled, end_reason::stopped, noon + 1s});
  CHECK(running.last_attempt().outcome == attempt_outcome::canceled);
  CHECK(running.last_attempt().finished_at == noon + 1s);
}

TEST_CASE("stopping a delivery tells the call, and no retry follows", "[lifecycle]") {
  auto spec = a_delivery_spec();
  spec.retry.retries_max = 5;
  life subject{spec};
  const auto token = subject.deliver().token();
  subject.tell(event::cancel{});
  CHECK(subject.last.effects == std::vector<task_effect>{effect::stop_call{token}});
  CHECK(subject.status() == task_status::canceled);
}

TEST_CASE("a task that waits for its second attempt has started", "[lifecycle]") {
  life subject;
  subject.lease().tell(event::release{subject.token()});
  REQUIRE(subject.status() == task_status::queued);
  CHECK(subject.refuses(event::cancel{true}));
  CHECK(subject.tell(event::cancel{}).status() == task_status::canceled);
}

// -- expiry -------------------------------------------------------------------

TEST_CASE("a task that nobody took in time expires", "[lifecycle][expiry]") {
  auto spec = a_spec();
  spec.expires_at = noon + 1h;
  life subject{spec};
  subject.now = noon + 1h - 1ms;
  CHECK_FALSE(subject.tick().last.changed);
  subject.now = noon + 1h;
  CHECK(subject.tick().end() == ended{task_status::expired, end_reason::expired, noon + 1h});
}

TEST_CASE("a grant that comes too late finds the task expired", "[lifecycle][expiry]") {
  auto spec = a_spec();
  spec.expires_at = noon + 1h;
  life subject{spec};
  subject.wait(1h).lease();
  CHECK(subject.status() == task_status::expired);
  CHECK(subject.subject().attempts.empty());
  CHECK(subject.last.effects.empty());
}

TEST_CASE("a task whose end passed before its time never starts", "[lifecycle][expiry]") {
  auto spec = a_spec();
  spec.expires_at = noon + 1h;
  life subject{spec, noon - 1h};
  CHECK(subject.wait(2h).tick().status() == task_status::expired);  // the server was down at noon
}

TEST_CASE("a report that comes too late starts nothing", "[lifecycle][expiry]") {
  auto spec = a_spec();
  spec.expires_at = noon + 1h;
  life subject{spec};
  subject.wait(1h);
  const event::report late{{subject.now, "started", "disk", ""}};
  const auto made = lifecycle::apply(subject.subject(), late, subject.now);
  CHECK((!made || status_of(made->next) == task_status::expired));
}

TEST_CASE("a task that has started once does not expire any more", "[lifecycle][expiry]") {
  auto spec = a_spec();
  spec.expires_at = noon + 1h;
  spec.retry = {1, backoff_kind::fixed, 2h, 2h};
  life subject{spec};
  subject.lease().fail().tick_when_due();
  REQUIRE(subject.now > *spec.expires_at);

  SECTION("its retry is granted") {
    CHECK(subject.tick().status() == task_status::queued);
    CHECK(subject.lease().status() == task_status::processing);
  }
  SECTION("nor when a person retries it") {
    if (subject.status() == task_status::queued)
      subject.lease();
    if (subject.status() == task_status::processing)
      subject.fail();
    REQUIRE(subject.status() == task_status::failed);
    subject.tell(event::retry{});
    CHECK(subject.tick().status() == task_status::queued);
    CHECK(subject.lease().status() == task_status::processing);
  }
}
