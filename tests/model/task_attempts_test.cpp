#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

task_spec with_retries(int count, task_spec spec = a_spec()) {
  spec.retry = {count, backoff_kind::fixed, 30s, 1min};
  return spec;
}

/// Grants, lets the lease run out.
life& lose_lease(life& subject) {
  subject.lease(1min).wait(1min).tick();
  return subject;
}

}  // namespace

// -- an attempt ---------------------------------------------------------------

TEST_CASE("a leased task knows its worker and the end of its lease", "[lifecycle]") {
  life subject;
  subject.wait(5s).lease(90s);
  CHECK(subject.running().lease_until == noon + 95s);
  CHECK(subject.last_attempt()
        == attempt{1, noon + 5s, {}, attempt_outcome::running, "", "worker-1"});
  CHECK(subject.last.effects.empty());
}

TEST_CASE("a delivery is started once, by the life of the server that runs it", "[lifecycle]") {
  life subject{a_delivery_spec()};
  subject.deliver(42);
  CHECK(subject.last.effects == std::vector<task_effect>{effect::start_call{subject.token()}});
  CHECK(subject.running().server_epoch == 42);
  CHECK_FALSE(subject.running().lease_until);
}

TEST_CASE("success keeps the answer and ends the task", "[lifecycle]") {
  life subject{a_delivery_spec()};
  subject.deliver().wait(2s);
  subject.tell(event::succeeded{subject.token(), R"({"sum":3})", 200, "OK"});
  CHECK(subject.end() == ended{task_status::completed, end_reason::success, noon + 2s});
  CHECK(subject.subject().result == R"({"sum":3})");
  CHECK(subject.last_attempt()
        == attempt{1, noon, noon + 2s, attempt_outcome::success, "", "", 200, "OK"});
}

TEST_CASE("attempt numbers rise by one and tokens rise", "[lifecycle]") {
  life subject{with_retries(3)};
  std::uint64_t before = 0;
  for (int number = 1; number <= 4; ++number) {
    subject.lease();
    CHECK(subject.last_attempt().number == number);
    CHECK(subject.token() > before);
    before = subject.token();
    subject.fail();
    if (number < 4)
      subject.tick_when_due();
  }
  REQUIRE(subject.status() == task_status::failed);
  subject.tell(event::retry{}).lease();
  CHECK(subject.last_attempt().number == 5);
  CHECK(subject.token() > before);
}

TEST_CASE("a small salt never makes a later token smaller", "[lifecycle]") {
  life subject;
  subject.tell(event::grant{runner_kind::lease, 0xFFFFFFFF, "", 1min});
  const auto first = subject.token();
  subject.tell(event::release{first}).tell(event::grant{runner_kind::lease, 0, "", 1min});
  CHECK(subject.token() > first);
}

TEST_CASE("only the newest attempts are kept, and go on counting", "[lifecycle]") {
  life subject;
  for (std::size_t count = 0; count < attempts_kept_max + 3; ++count)
    subject.lease().tell(event::release{subject.token()});
  CHECK(subject.subject().attempts.size() == attempts_kept_max);
  CHECK(subject.subject().attempts.front().number == 4);
  CHECK(subject.last_attempt().number == static_cast<int>(attempts_kept_max) + 3);
}

// -- retries ------------------------------------------------------------------

TEST_CASE("the last failed attempt fails the task", "[lifecycle][retry]") {
  life subject{with_retries(2)};
  for (int used = 1; used <= 2; ++used) {
    subject.lease().fail();
    CHECK(subject.subject().retries_used == used);
    CHECK(subject.wait_left() == 30s);
    CHECK_FALSE(subject.offered());
    subject.tick_when_due();
    CHECK(subject.offered());
  }
  subject.lease().fail();
  CHECK(subject.end() == ended{task_status::failed, end_reason::error, noon + 60s});
  CHECK(subject.subject().retries_used == 2);
  CHECK(subject.last_attempt().error == "boom");
}

TEST_CASE("no wait is longer than the cap", "[lifecycle][retry]") {
  auto spec = with_retries(9);
  spec.retry.backoff = backoff_kind::linear;
  life subject{spec};
  for (const auto wait : {30s, 60s, 60s, 60s}) {
    CHECK(subject.lease().fail().wait_left() == wait);
    subject.tick_when_due();
  }
}

TEST_CASE("a failure that says that it is final ends the chain", "[lifecycle][retry]") {
  life subject{with_retries(5)};
  CHECK(subject.lease().fail(false).status() == task_status::failed);
  CHECK(subject.subject().retries_used == 0);
}

TEST_CASE("the time that the target asked for goes before the policy", "[lifecycle][retry]") {
  const auto [asked, waits] =
      GENERATE(table<duration, duration>({{1s, 1s}, {30s, 30s}, {2h, 2h}, {0s, 0s}, {-5min, 0s}}));
  life subject{with_retries(1, a_delivery_spec())};
  subject.deliver();
  subject.tell(event::failed{subject.token(), attempt_outcome::error, "busy", true, noon + asked,
                             503, "later"});
  CHECK(subject.wait_left() == waits);
  CHECK(subject.last_attempt().http_status == 503);
  CHECK(subject.last_attempt().answer == "later");
}

TEST_CASE("a timeout told by the runner is the reason of the end", "[lifecycle][retry]") {
  life subject{a_delivery_spec()};
  subject.deliver().tell(event::failed{subject.token(), attempt_outcome::timeout, "slow"});
  CHECK(subject.end().reason == end_reason::timeout);
  CHECK(subject.last_attempt().outcome == attempt_outcome::timeout);
}

TEST_CASE("a person's retry gives a failed task all its chances again", "[lifecycle][retry]") {
  life subject{with_retries(1)};
  subject.lease().fail().tick_when_due().lease().fail();
  REQUIRE(subject.status() == task_status::failed);
  const auto triggered_at = subject.subject().triggered_at;

  subject.wait(1h).tell(event::retry{});
  CHECK(subject.offered());
  CHECK(subject.subject().state == task_state{queued{subject.now}});
  CHECK(subject.subject().retries_used == 0);
  CHECK(subject.subject().triggered_at == triggered_at);
  CHECK(subject.lease().fail().status() == task_status::retrying);
}

TEST_CASE("a person may cut the wait for a retry short", "[lifecycle][retry]") {
  life subject{with_retries(1)};
  subject.lease().fail().tell(event::retry{});
  CHECK(subject.status() == task_status::queued);
  CHECK(subject.offered());
  CHECK(subject.subject().retries_used == 1);
}

// -- leases -------------------------------------------------------------------

TEST_CASE("a heartbeat moves the end of the lease", "[lifecycle][lease]") {
  life subject;
  subject.lease(1min).wait(40s).tell(event::heartbeat{subject.token(), 2min});
  CHECK(subject.running().lease_until == noon + 40s + 2min);
  CHECK(subject.last.news.empty());
  CHECK(subject.last.effects.empty());
}

TEST_CASE("a heartbeat may bring progress", "[lifecycle][lease]") {
  life subject;
  subject.lease().tell(event::heartbeat{subject.token(), 1min, 40.0, "still here"});
  CHECK(subject.last.news == std::vector<task_news>{{noon, "progress", "", "still here", 40.0}});
  CHECK(subject.subject().news_count == 1);
}

TEST_CASE("a released task is offered again and has lost nothing", "[lifecycle][lease]") {
  life subject{with_retries(1)};
  subject.lease().wait(1s).tell(event::release{subject.token()});
  CHECK(subject.subject().state == task_state{queued{noon + 1s}});
  CHECK(subject.offered());
  CHECK(subject.last_attempt().outcome == attempt_outcome::released);
  CHECK(subject.subject().retries_used == 0);
  CHECK(subject.subject().leases_lost == 0);
}

TEST_CASE("a lost lease costs a retry from the eleventh on", "[lifecycle][lease]") {
  life subject{with_retries(1)};
  for (int lost = 1; lost <= leases_lost_free; ++lost) {
    lose_lease(subject);
    REQUIRE(subject.status() == task_status::queued);
    CHECK(subject.offered());
    CHECK(subject.subject().leases_lost == lost);
    CHECK(subject.subject().retries_used == 0);
    CHECK(subject.last_attempt().outcome == attempt_outcome::lease_lost);
  }
  lose_lease(subject);
  CHECK(subject.status() == task_status::retrying);
  CHECK(subject.subject().retries_used == 1);
  subject.tick_when_due();
  lose_lease(subject);
  CHECK(subject.end() == ended{task_status::failed, end_reason::lease_lost, subject.now});

  subject.tell(event::retry{});
  CHECK(subject.subject().leases_lost == 0);
  CHECK(lose_lease(subject).status() == task_status::queued);
}

TEST_CASE("a worker that lost its lease is refused", "[lifecycle][lease]") {
  life subject;
  const auto old = subject.lease().token();
  subject.wait(1min).tick();
  const auto refused = [&] {
    return subject.refuses(event::succeeded{old}) && subject.refuses(event::failed{old})
           && subject.refuses(event::heartbeat{old, 1min}) && subject.refuses(event::release{old});
  };
  CHECK(refused());  // while it waits
  subject.lease();
  CHECK(refused());  // and while another has it
  CHECK_FALSE(subject.refuses(event::succeeded{subject.token()}));
}

// -- timeouts -----------------------------------------------------------------

TEST_CASE("an attempt that outlasts its timeout has failed", "[lifecycle][timeout]") {
  auto spec = with_retries(1);
  spec.timeout = 2min;
  life subject{spec};
  subject.lease(1h).wait(2min - 1ms);
  CHECK_FALSE(subject.tick().last.changed);
  subject.wait(1ms).tick();
  CHECK(subject.status() == task_status::retrying);
  CHECK(subject.last_attempt().outcome == attempt_outcome::timeout);
  CHECK(subject.subject().retries_used == 1);
  subject.tick_when_due().lease(1h).wait(2min).tick();
  CHECK(subject.end().reason == end_reason::timeout);
}

TEST_CASE("a heartbeat does not put off the timeout", "[lifecycle][timeout]") {
  auto spec = a_spec();
  spec.timeout = 2min;
  life subject{spec};
  subject.lease(1min).wait(1min - 1ms).tell(event::heartbeat{subject.token(), 1h});
  CHECK(facts_of(subject.subject()).next_moment == noon + 2min);
  CHECK(subject.tick_when_due().end().reason == end_reason::timeout);
}

TEST_CASE("what ends first, the lease or the timeout, decides", "[lifecycle][timeout]") {
  auto spec = a_spec();
  spec.timeout = 2min;
  life subject{spec};
  SECTION("the lease") {
    subject.lease(1min).tick_when_due();
    CHECK(subject.now == noon + 1min);
    CHECK(subject.status() == task_status::queued);
    CHECK(subject.last_attempt().outcome == attempt_outcome::lease_lost);
  }
  SECTION("both at once: the timeout counts") {
    subject.lease(2min).tick_when_due();
    CHECK(subject.end().reason == end_reason::timeout);
    CHECK(subject.subject().leases_lost == 0);
  }
}

TEST_CASE("a call that does not end by itself is stopped", "[lifecycle][timeout]") {
  auto spec = a_delivery_spec();
  spec.timeout = 10s;
  life subject{spec};
  const auto token = subject.deliver().token();
  // The HTTP client's own timeout comes first and says more.
  CHECK(facts_of(subject.subject()).next_moment > noon + 10s);
  subject.tick_when_due();
  CHECK(subject.last.effects == std::vector<task_effect>{effect::stop_call{token}});
  CHECK(subject.end().reason == end_reason::timeout);
}

// -- the server's end ---------------------------------------------------------

TEST_CASE("the third attempt that ends with the server fails the task", "[lifecycle][crash]") {
  life subject{with_retries(5, a_delivery_spec())};
  for (std::uint64_t epoch = 1; epoch < 3; ++epoch) {
    subject.deliver(epoch).tell(event::server_started{epoch + 1});
    REQUIRE(subject.status() == task_status::queued);
    CHECK(subject.offered());
    CHECK(subject.last_attempt().outcome == attempt_outcome::crashed);
    CHECK(subject.subject().retries_used == 0);
  }
  subject.deliver(3).tell(event::server_started{4});
  CHECK(subject.end().status == task_status::failed);
  CHECK(subject.end().reason == end_reason::crashed);

  subject.tell(event::retry{}).deliver(4).tell(event::server_started{5});
  CHECK(subject.status() == task_status::queued);
}

TEST_CASE("an attempt of this very life goes on when the start is told again",
          "[lifecycle][crash]") {
  life subject{a_delivery_spec()};
  subject.deliver(2);
  CHECK_FALSE(subject.tell(event::server_started{2}).last.changed);
  CHECK_FALSE(subject.tell(event::server_started{1}).last.changed);
}

TEST_CASE("leases and components outlive the server", "[lifecycle][crash]") {
  life subject;
  if (GENERATE(true, false))
    subject.lease();
  else
    subject.report("disk", "started");
  CHECK_FALSE(subject.tell(event::server_started{9}).last.changed);
}
