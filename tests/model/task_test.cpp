#include "model/task.hpp"
#include "model/target_url.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> types_of(const std::vector<task_news>& news) {
  std::vector<std::string> types;
  for (const auto& one : news)
    types.push_back(one.type);
  return types;
}

/// An attempt since noon.
task running_task(task_spec spec, duration timeout, processing state) {
  spec.timeout = timeout;
  auto made = a_task(spec, state);
  made.attempts.push_back({1, noon});
  return made;
}

}  // namespace

// -- facts --------------------------------------------------------------------

TEST_CASE("a scheduled task is woken at its time", "[task]") {
  CHECK(facts_of(a_task(a_spec())) == index_facts{task_status::scheduled, noon, {}});
}

TEST_CASE("a queued task has a rank, and is woken only to expire", "[task]") {
  auto spec = a_spec();
  spec.priority = 3;
  CHECK(facts_of(a_task(spec, queued{noon})) == index_facts{task_status::queued, {}, noon + 3min});
  spec.expires_at = noon + 1h;
  CHECK(facts_of(a_task(spec, queued{noon}))
        == index_facts{task_status::queued, noon + 1h, noon + 3min});
}

TEST_CASE("a running task is woken when its lease or its timeout ends", "[task]") {
  using moment = std::optional<instant>;
  const auto [timeout, lease_until, woken] = GENERATE(table<duration, moment, moment>({
      {0s, {}, {}},
      {0s, noon + 1min, noon + 1min},
      {5min, {}, noon + 5min},
      {5min, noon + 1min, noon + 1min},
      {5min, noon + 7min, noon + 5min},
  }));
  const auto subject =
      running_task(a_spec(), timeout, processing{runner_kind::lease, 1, lease_until});
  CHECK(facts_of(subject) == index_facts{task_status::processing, woken, {}});
}

TEST_CASE("the server waits a little longer for its own call than the call does", "[task]") {
  const auto subject = running_task(a_delivery_spec(), 5min, processing{runner_kind::delivery, 1});
  CHECK(facts_of(subject).next_moment == noon + 5min + 5s);
  CHECK_FALSE(
      facts_of(running_task(a_delivery_spec(), 0s, processing{runner_kind::delivery})).next_moment);
}

TEST_CASE("a retrying task is woken for its retry and waits in no queue", "[task]") {
  CHECK(facts_of(a_task(a_spec(), retrying{noon + 30s}))
        == index_facts{task_status::retrying, noon + 30s, {}});
}

TEST_CASE("an ended task is never woken", "[task]") {
  const auto status = GENERATE(task_status::completed, task_status::failed, task_status::canceled,
                               task_status::expired, task_status::skipped);
  auto spec = a_spec();
  spec.expires_at = noon + 1h;
  spec.timeout = 1min;
  const auto subject = a_task(spec, ended{status, end_reason::error, noon + 9s});
  index_facts wanted{status, {}, {}};
  wanted.reason = end_reason::error;
  wanted.ended_at = noon + 9s;
  CHECK(facts_of(subject) == wanted);
  CHECK(has_ended(subject));
  CHECK(finished_at(subject) == noon + 9s);
}

TEST_CASE("a task that has not ended has no end", "[task]") {
  const task_state state = GENERATE(as<task_state>{}, scheduled{}, queued{noon},
                                    processing{runner_kind::lease}, retrying{noon});
  CHECK_FALSE(has_ended(a_task(a_spec(), state)));
  CHECK_FALSE(finished_at(a_task(a_spec(), state)));
}

// -- queues -------------------------------------------------------------------

TEST_CASE("what has a target waits for the server, whatever its type", "[task]") {
  CHECK(queue_of(a_spec()) == "mail");
  CHECK(queue_of(a_delivery_spec()) == queue_of_host("127.0.0.1:80"));
}

TEST_CASE("each host and port has a queue of its own", "[task]") {
  const auto queue = [](const char* url) {
    auto spec = a_delivery_spec();
    spec.target->url = parse_target_url(url)->text;
    return queue_of(spec);
  };
  CHECK(queue("http://Example.com/a?b#c") == queue_of_host("example.com:80"));
  CHECK(queue("https://example.com?b") == queue_of_host("example.com:443"));
  CHECK(queue("http://example.com:443") == queue("https://example.com/other"));
  CHECK(queue("http://[::1]/a") == queue_of_host("[::1]:80"));
  CHECK(queue("http://[::1]:8080/a") == queue_of_host("[::1]:8080"));
  CHECK(is_own_queue(queue("http://example.com/")));
  CHECK(host_of_queue(queue("http://example.com/")) == "example.com:80");
}

TEST_CASE("a more urgent task goes first, and age makes up for urgency", "[task]") {
  const auto rank = [](int priority, instant since) {
    auto spec = a_spec();
    spec.priority = priority;
    return rank_of(spec, since);
  };
  CHECK(rank(1, noon) < rank(2, noon));
  CHECK(rank(5, noon) < rank(5, noon + 1ms));
  CHECK(rank(9, noon) == rank(1, noon + 8 * ageing_step));
  CHECK(rank(9, noon) < rank(1, noon + 8 * ageing_step + 1ms));  // so nothing starves
  CHECK(rank(9, noon) > rank(1, noon + 8 * ageing_step - 1ms));
}

// -- milestones ---------------------------------------------------------------

TEST_CASE("a task tells its life in time order", "[task]") {
  auto spec = a_spec();
  spec.retry = {1, backoff_kind::fixed, 30s, 1min};
  life subject{spec};
  subject.wait(1s).lease().wait(2s).fail();
  const auto told = milestones_of(subject.subject());
  CHECK(told
        == std::vector<task_news>{
            {noon - 1h, "created", "", ""},
            {noon, "triggered", "", ""},
            {noon + 1s, "attempt_started", "", "attempt 1 by worker-1"},
            {noon + 3s, "attempt_ended", "", "attempt 1: error, boom"},
            {noon + 3s, "retry_planned", "", "next attempt at 2030-08-01T12:00:33Z"},
        });

  subject.tick_when_due().lease().wait(1s).tell(event::succeeded{subject.token()});
  const auto whole = milestones_of(subject.subject());
  CHECK(types_of(whole)
        == std::vector<std::string>{"created", "triggered", "attempt_started", "attempt_ended",
                                    "attempt_started", "attempt_ended", "completed"});
  CHECK(whole.back() == task_news{noon + 34s, "completed", "", "success"});
  CHECK(std::is_sorted(whole.begin(), whole.end(),
                       [](const auto& one, const auto& other) { return one.time < other.time; }));
}

TEST_CASE("a task that never ran tells why", "[task]") {
  life subject{a_spec(), noon - 1h};
  subject.tell(event::cancel{});
  CHECK(milestones_of(subject.subject()).back()
        == task_news{noon - 1h, "canceled", "", "canceled"});
  CHECK(types_of(milestones_of(subject.subject()))
        == std::vector<std::string>{"created", "canceled"});
}

// -- words --------------------------------------------------------------------

TEST_CASE("every status has a word that reads back", "[task]") {
  for (std::size_t number = 0; number < task_status_count; ++number) {
    const auto status = static_cast<task_status>(number);
    CHECK(parse_task_status(to_string(status)) == status);
  }
  CHECK_FALSE(parse_task_status("Queued"));
  CHECK_FALSE(parse_task_status(""));
}

TEST_CASE("words stand where their numbers are", "[task]") {
  CHECK(to_string(task_status::skipped) == "skipped");
  CHECK(to_string(task_status::canceled) == "canceled");
  CHECK(to_string(end_reason::success) == "success");
  CHECK(to_string(end_reason::lease_lost) == "lease_lost");
  CHECK(to_string(end_reason::expired) == "expired");
  CHECK(to_string(end_reason::paused) == "paused");
  CHECK(to_string(attempt_outcome::running) == "running");
  CHECK(to_string(attempt_outcome::canceled) == "canceled");
  CHECK(to_string(component_status::failed) == "failed");
  CHECK(to_string(trigger_cause::api) == "api");
  CHECK(to_string(trigger_cause::parent) == "parent");
}
