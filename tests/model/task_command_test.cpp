#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

life a_command(int retries = 0, duration timeout = 0s) {
  auto spec = a_command_spec();
  spec.retry = {retries, backoff_kind::fixed, 10s, 1min};
  spec.timeout = timeout;
  return life{spec};
}

bool is_told_to_stop(const life& subject) {
  return subject.has_effect(effect::stop_call{subject.token()});
}

}  // namespace

TEST_CASE("commands and services wait in queues that no worker can ask for", "[command]") {
  auto spec = a_command_spec();
  CHECK(queue_of(spec) == command_queue);
  CHECK(is_own_queue(queue_of(spec)));
  spec.cause = trigger_cause::service;
  CHECK(queue_of(spec) == service_queue);
  CHECK_FALSE(is_own_queue("backup"));
}

TEST_CASE("the exit of a command is kept with its attempt", "[command]") {
  CHECK(a_command().run().exit(0).last_attempt().exit_code == 0);
  const auto failed = a_command().run().exit(42);
  CHECK(failed.last_attempt().exit_code == 42);
  CHECK(failed.end() == ended{task_status::failed, end_reason::error, failed.now});
}

TEST_CASE("how a command failed to run is the reason", "[command]") {
  const auto [outcome, reason] = GENERATE(
      table<attempt_outcome, end_reason>({{attempt_outcome::log_overflow, end_reason::log_overflow},
                                          {attempt_outcome::start_failed, end_reason::start_failed},
                                          {attempt_outcome::error, end_reason::error}}));
  auto subject = a_command(1).run();
  subject.tell(event::failed{subject.token(), outcome});
  CHECK(subject.status() == task_status::retrying);
  subject.tick_when_due().run();
  subject.tell(event::failed{subject.token(), outcome});
  CHECK(subject.end().reason == reason);
}

// -- stopping -----------------------------------------------------------------

TEST_CASE("a stopped command ends when its process does", "[command]") {
  auto subject = a_command(3).run();
  subject.tell(event::cancel{});
  CHECK(subject.status() == task_status::processing);
  CHECK(subject.running().stopping == end_reason::stopped);
  CHECK(is_told_to_stop(subject));
  subject.exit(143);
  CHECK(subject.end() == ended{task_status::canceled, end_reason::stopped, subject.now});
  CHECK(subject.last_attempt().outcome == attempt_outcome::canceled);
  CHECK(subject.last_attempt().exit_code == 143);
}

TEST_CASE("a stop counts even when the command ends well in the meantime", "[command]") {
  auto subject = a_command().run();
  subject.tell(event::cancel{false, end_reason::replaced}).exit(0);
  CHECK(subject.end().reason == end_reason::replaced);
}

TEST_CASE("a second stop changes nothing", "[command]") {
  auto subject = a_command().run();
  subject.tell(event::cancel{false, end_reason::replaced}).tell(event::cancel{});
  CHECK_FALSE(subject.last.changed);
  CHECK(subject.running().stopping == end_reason::replaced);
}

TEST_CASE("a command that lasts too long is told to end, and its attempt ends with it",
          "[command]") {
  auto subject = a_command(1, 2s).run();
  subject.wait(2s - 1ms).tick();
  CHECK_FALSE(subject.running().stopping);
  subject.wait(1ms).tick();
  CHECK(subject.running().stopping == end_reason::timeout);
  CHECK(is_told_to_stop(subject));
  CHECK_FALSE(facts_of(subject.subject()).next_moment);
  subject.wait(5s).exit(137);
  CHECK(subject.last_attempt().outcome == attempt_outcome::timeout);
  CHECK(subject.wait_left() == 10s);
  SECTION("and its retry has all the time anew") {
    subject.tick_when_due().run();
    CHECK(facts_of(subject.subject()).next_moment == subject.now + 2s);
  }
}

TEST_CASE("a person's stop beats the timeout that came before it: nothing is retried",
          "[command]") {
  auto subject = a_command(3, 2s).run().wait(2s).tick();
  subject.tell(event::cancel{});
  CHECK_FALSE(is_told_to_stop(subject));
  subject.exit(137);
  CHECK(subject.end().reason == end_reason::stopped);
}

TEST_CASE("what waits for its retry is canceled at once", "[command]") {
  auto subject = a_command(3).run().exit(1);
  subject.tell(event::cancel{false, end_reason::stopped});
  CHECK(subject.end().reason == end_reason::stopped);
}

// -- crashes ------------------------------------------------------------------

TEST_CASE("a command that ended with the server has crashed and is not run again", "[command]") {
  auto subject = a_command().run(1);
  subject.tell(event::server_started{2});
  CHECK(subject.end() == ended{task_status::failed, end_reason::crashed, subject.now});
  CHECK(subject.last_attempt().exit_code == exit_code_crashed);
}

TEST_CASE("unless it has retries", "[command]") {
  auto subject = a_command(1).run(1);
  subject.tell(event::server_started{2});
  CHECK(subject.wait_left() == 10s);
  SECTION("but not when a person had stopped it") {
    auto stopped = a_command(1).run(1).tell(event::cancel{});
    stopped.tell(event::server_started{2});
    CHECK(stopped.end().reason == end_reason::crashed);
  }
}

// -- restarts of a job --------------------------------------------------------

TEST_CASE("an attempt that lasted long enough begins the count of retries anew", "[command]") {
  auto spec = a_command_spec();
  spec.retry = {1'000, backoff_kind::exponential, 1s, 1min, 1min};
  life subject{spec};
  const auto fail_after = [&](duration time) {
    subject.run().wait(time).exit(1);
    const auto wait = subject.wait_left();
    subject.tick_when_due();
    return wait;
  };
  CHECK(fail_after(1s) == 1s);
  CHECK(fail_after(1s) == 2s);
  CHECK(fail_after(1min - 1ms) == 4s);
  CHECK(fail_after(1min) == 1s);
}

// -- retention ----------------------------------------------------------------

TEST_CASE("what has ended can be forgotten, with what it printed", "[command]") {
  auto subject = a_command(1).run().exit(1).tick_when_due().run();
  CHECK(subject.refuses(event::forget{}));
  subject.exit(0);
  SECTION("as a whole") {
    subject.tell(event::forget{});
    CHECK(subject.last.removed);
    CHECK(subject.last.effects.size() == 2);
    CHECK(subject.has_effect(effect::drop_log{1}));
    CHECK(subject.has_effect(effect::drop_log{2}));
  }
  SECTION("attempt by attempt") {
    subject.tell(event::forget{1});
    CHECK_FALSE(subject.last.removed);
    CHECK(subject.subject().attempts.size() == 1);
    CHECK(subject.last.effects == std::vector<task_effect>{effect::drop_log{1}});
    subject.tell(event::forget{2});
    CHECK(subject.last.removed);
  }
}
