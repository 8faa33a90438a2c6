#include "model/task_explanation.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

/// One line of the table: a task, what is around it, and what is to be said.
struct line {
  std::string name;
  task_spec spec;
  task_state state;
  task_surroundings around;
  standing why;
  std::string text;  ///< A part of it.
  std::optional<instant> until = {};
  std::vector<task_id> tasks = {};
  std::string named = {};
};

task_spec keyed(key_limit limit) {
  auto spec = a_spec();
  spec.limit = std::move(limit);
  return spec;
}

task_spec of_schedule() {
  auto spec = a_spec();
  spec.schedule = an_id(7);
  return spec;
}

task_surroundings with_host(host_breaker::state breaker, std::size_t calls) {
  task_surroundings around;
  around.calls_per_host = 4;
  around.host = {breaker, {}, calls, "answered 503"};
  if (breaker == host_breaker::state::open)
    around.host->rests_until = noon + 30s;
  return around;
}

/// A worker waits for tasks.
task_surroundings asked(task_surroundings around = {}) {
  around.askers = 1;
  around.last_asked = noon + 1s;
  return around;
}

processing run_by(runner_kind runner, step_wait waits = {}) {
  processing state{runner};
  state.waits = std::move(waits);
  return state;
}

processing leased() {
  auto state = run_by(runner_kind::lease);
  state.lease_until = noon + 30s;
  return state;
}

const queued waits{noon};
const auto one = an_id(11);
const auto two = an_id(12);
const std::string host = "127.0.0.1:80";

std::vector<line> lines_of_queues() {
  return {
      {"nobody asks",
       a_spec(),
       waits,
       {},
       standing::no_worker,
       "no worker has asked",
       {},
       {},
       "mail"},
      {"somebody asked before it waited",
       a_spec(),
       waits,
       {.last_asked = noon - 1s},
       standing::no_worker,
       "no worker has asked",
       {},
       {},
       "mail"},
      {"somebody asked since",
       a_spec(),
       waits,
       {.last_asked = noon + 1s},
       standing::in_line,
       "in line since 2030-08-01T12:00:00Z"},
      {"its queue is paused",
       a_spec(),
       waits,
       asked({.queue = {.is_paused = true}}),
       standing::queue_paused,
       "the queue \"mail\" is paused",
       {},
       {},
       "mail"},
      {"its queue is full",
       a_spec(),
       waits,
       asked({.queue = {.concurrency = 2}, .queue_holders = {one, two}}),
       standing::queue_limit,
       "at most 2 tasks at once",
       {},
       {one, two},
       "mail"},
  };
}

std::vector<line> lines_of_limits() {
  return {
      {"its queue has room", a_spec(), waits,
       asked({.queue = {.concurrency = 2}, .queue_holders = {one}}), standing::in_line, "in line"},
      {"its queue has a rate",
       a_spec(),
       waits,
       asked({.queue = {.rate = 1, .period = 1s}}),
       standing::queue_rate,
       "the rate of the queue",
       {},
       {},
       "mail"},
      {"its queue has a rate, and nobody asks",
       a_spec(),
       waits,
       {.queue = {.rate = 1, .period = 1s}},
       standing::no_worker,
       "no worker",
       {},
       {},
       "mail"},
      {"its key is taken",
       keyed({"tenant", 1}),
       waits,
       asked({.key_holders = {one}}),
       standing::key_limit,
       "at most 1 task may run at once, now " + to_text(one),
       {},
       {one},
       "tenant"},
      {"its key has room", keyed({"tenant", 2}), waits, asked({.key_holders = {one}}),
       standing::in_line, "in line"},
      {"its key has a rate",
       keyed({"tenant", 0, 1, 1s}),
       waits,
       asked(),
       standing::key_rate,
       "the rate of the concurrency_key \"tenant\"",
       {},
       {},
       "tenant"},
      {"its schedule holds it",
       of_schedule(),
       queued{noon, true},
       asked({.siblings = {one}}),
       standing::schedule,
       "lets others end first: " + to_text(one),
       {},
       {one}},
  };
}

std::vector<line> lines_of_hosts() {
  using state = host_breaker::state;
  return {
      {"its host rests",
       a_delivery_spec(),
       waits,
       with_host(state::open, 0),
       standing::host_rests,
       "open until 2030-08-01T12:00:30Z; last it failed with: answered 503",
       noon + 30s,
       {},
       host},
      {"its host is tried",
       a_delivery_spec(),
       waits,
       with_host(state::half_open, 1),
       standing::host_busy,
       "tried with single calls",
       {},
       {},
       host},
      {"its host has all calls it gets",
       a_delivery_spec(),
       waits,
       with_host(state::closed, 4),
       standing::host_busy,
       "as many calls under way as it may: 4",
       {},
       {},
       host},
      {"its host has room", a_delivery_spec(), waits, with_host(state::closed, 3),
       standing::in_line, "in line"},
      {"its host was never called", a_delivery_spec(), waits, {}, standing::in_line, "in line"},
  };
}

std::vector<line> lines_of_attempts() {
  return {
      {"a worker has it",
       a_spec(),
       leased(),
       {},
       standing::running,
       "attempt 1 is under way since 2030-08-01T12:00:00Z at the worker \"w1\"",
       noon + 30s},
      {"this server calls its target",
       a_delivery_spec(),
       run_by(runner_kind::delivery),
       {},
       standing::running,
       "attempt 1 is under way"},
      {"its target will call back",
       a_delivery_spec(),
       run_by(runner_kind::callback),
       {},
       standing::callback,
       "has not called back yet",
       noon + 24h},
      {"a step waits for tasks",
       a_spec(),
       run_by(runner_kind::steps, {.children = {{one, {}}, {two, {}}}}),
       {},
       standing::children,
       to_text(one) + ", " + to_text(two),
       {},
       {one, two}},
      {"a step waits for an event",
       a_spec(),
       run_by(runner_kind::steps, {.until = noon + 1h, .topic = "paid"}),
       {},
       standing::event,
       "the topic \"paid\" until 2030-08-01T13:00:00Z",
       noon + 1h,
       {},
       "paid"},
      {"a step pauses",
       a_spec(),
       run_by(runner_kind::steps, {.until = noon + 1h}),
       {},
       standing::pause,
       "until 2030-08-01T13:00:00Z",
       noon + 1h},
      {"its steps go on",
       a_spec(),
       run_by(runner_kind::steps),
       {},
       standing::running,
       "its steps are being done"},
  };
}

std::vector<line> lines_of_the_rest() {
  return {
      {"it is not due",
       a_spec(),
       scheduled{},
       {},
       standing::not_due,
       "due at 2030-08-01T12:00:00Z",
       noon},
      {"it was snoozed",
       a_spec(),
       scheduled{noon + 1h},
       {},
       standing::not_due,
       "2030-08-01T13:00:00Z, to which it was snoozed",
       noon + 1h},
      {"it is tried again",
       a_spec(),
       retrying{noon + 1min},
       {},
       standing::retry,
       "attempt 1 failed (no route), the next one is at 2030-08-01T12:01:00Z",
       noon + 1min},
      {"it has failed",
       a_spec(),
       ended{task_status::failed, end_reason::error, noon},
       {},
       standing::ended,
       "failed (error): no route"},
      {"it was deduplicated",
       a_spec(),
       ended{task_status::skipped, end_reason::deduplicated, noon, one},
       {},
       standing::ended,
       "since " + to_text(one) + " runs instead",
       {},
       {one}},
  };
}

void check(const line& wanted) {
  INFO(wanted.name);
  auto subject = a_task(wanted.spec, wanted.state);
  subject.attempts.push_back({1, noon});
  subject.attempts.back().worker = "w1";
  subject.attempts.back().error = "no route";
  const auto found = explain(subject, wanted.around);
  CHECK(to_string(found.why) == to_string(wanted.why));
  CHECK_THAT(found.text, Catch::Contains(wanted.text));
  CHECK(found.until == wanted.until);
  CHECK(found.tasks == wanted.tasks);
  CHECK(found.name == wanted.named);
  CHECK(found.id == subject.id);
  CHECK(found.status == status_of(subject));
}

}  // namespace

TEST_CASE("a task says why it does not run", "[task_explanation]") {
  for (const auto& lines : {lines_of_queues(), lines_of_limits(), lines_of_hosts(),
                            lines_of_attempts(), lines_of_the_rest()})
    for (const auto& each : lines)
      check(each);
}

TEST_CASE("of many tasks that it waits for some are named and all are listed",
          "[task_explanation]") {
  task_surroundings around;
  for (unsigned number = 1; number <= 5; ++number)
    around.key_holders.push_back(an_id(number));
  const auto found = explain(a_task(keyed({"k", 5}), waits), around);
  CHECK_THAT(found.text, Catch::EndsWith(to_text(an_id(3)) + " and 2 more"));
  CHECK(found.tasks.size() == 5);
}
