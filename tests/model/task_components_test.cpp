#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

task_spec with_components(std::vector<std::string> names, int retries = 0) {
  auto spec = a_spec();
  spec.components = std::move(names);
  spec.retry = {retries, backoff_kind::fixed, 30s, 1min};
  return spec;
}

}  // namespace

TEST_CASE("the first component that starts starts the task", "[lifecycle][components]") {
  life subject;
  subject.wait(1s).report("disk", "started");
  CHECK(subject.running().runner == runner_kind::components);
  CHECK(subject.last_attempt().number == 1);
  CHECK(subject.subject().components
        == std::vector<component>{{"disk", component_status::started, noon + 1s}});
  CHECK(subject.last.effects.empty());
}

TEST_CASE("a log line is kept and starts nothing", "[lifecycle][components]") {
  life subject;
  subject.report("disk", "log");
  CHECK(subject.status() == task_status::queued);
  CHECK(subject.subject().components.empty());
  CHECK(subject.subject().news_count == 1);
  CHECK(subject.last.news == std::vector<task_news>{{noon, "log", "disk", ""}});
}

TEST_CASE("the task is completed when all that started have completed", "[lifecycle][components]") {
  life subject;
  subject.report("disk", "started").report("cpu", "started").wait(2s).report("cpu", "completed");
  CHECK(subject.status() == task_status::processing);
  subject.wait(1s).report("disk", "completed");
  CHECK(subject.end() == ended{task_status::completed, end_reason::success, noon + 3s});
  CHECK(subject.last_attempt().outcome == attempt_outcome::success);
  CHECK(subject.subject().news_count == 4);
}

TEST_CASE("a component that was declared and has not reported blocks the end",
          "[lifecycle][components]") {
  life subject{with_components({"disk", "cpu"})};
  subject.report("disk", "started").report("disk", "completed");
  CHECK(subject.status() == task_status::processing);
  CHECK(subject.report("cpu", "completed").status() == task_status::completed);
}

TEST_CASE("a failed component fails the attempt, once none is open", "[lifecycle][components]") {
  life subject{with_components({"disk", "cpu"})};
  subject.report("disk", "failed");
  CHECK(subject.status() == task_status::processing);
  subject.report("cpu", "completed");
  CHECK(subject.end().status == task_status::failed);
  CHECK(subject.end().reason == end_reason::error);
  CHECK(subject.last_attempt().error == "component disk failed");
}

TEST_CASE("a new attempt begins with the declared components only", "[lifecycle][components]") {
  life subject{with_components({"disk"}, 1)};
  subject.report("cpu", "started").report("cpu", "completed").report("disk", "failed");
  REQUIRE(subject.status() == task_status::retrying);
  CHECK(subject.subject().components.size() == 2);  // what happened stays visible until then
  subject.tick_when_due().report("net", "started");
  CHECK(subject.subject().components
        == std::vector<component>{{"disk"}, {"net", component_status::started, subject.now}});
  CHECK(subject.last_attempt().number == 2);
}

TEST_CASE("progress is a start, and the newest counts", "[lifecycle][components]") {
  life subject;
  subject.tell(event::report{{noon, "progress", "disk", "", 10.0}});
  subject.tell(event::report{{noon + 1s, "progress", "disk", "", 60.0}});
  CHECK(subject.subject().components
        == std::vector<component>{{"disk", component_status::started, noon, {}, 60.0}});
}

TEST_CASE("a component says when it started and ended, whenever the news comes in",
          "[lifecycle][components]") {
  life subject{with_components({"disk", "cpu"})};
  subject.wait(10s);
  subject.tell(event::report{{noon + 1s, "started", "disk", ""}});
  subject.tell(event::report{{noon + 4s, "completed", "disk", ""}});
  CHECK(subject.subject().components.front()
        == component{"disk", component_status::completed, noon + 1s, noon + 4s});
}

TEST_CASE("components may report beside a lease, and the worker ends the task",
          "[lifecycle][components]") {
  life subject;
  subject.lease().report("disk", "started").report("disk", "completed");
  CHECK(subject.status() == task_status::processing);
  CHECK(subject.running().runner == runner_kind::lease);
  CHECK(subject.tell(event::succeeded{subject.token()}).status() == task_status::completed);
}

TEST_CASE("an attempt that nobody holds has no token that works", "[lifecycle][components]") {
  life subject;
  subject.report("disk", "started");
  CHECK(subject.refuses(event::succeeded{subject.token()}));
  CHECK(subject.refuses(event::failed{subject.token()}));
  CHECK(subject.refuses(event::succeeded{0}));
}

TEST_CASE("components that fall silent run into the timeout", "[lifecycle][components]") {
  auto spec = a_spec();
  spec.timeout = 1min;
  life subject{spec};
  subject.report("disk", "started").tick_when_due();
  CHECK(subject.now == noon + 1min);
  CHECK(subject.end().reason == end_reason::timeout);
}

TEST_CASE("a late component does not take a delivery away from its target",
          "[lifecycle][components]") {
  auto spec = a_delivery_spec();
  spec.retry = {1, backoff_kind::fixed, 1s, 1s};
  life subject{spec};
  subject.deliver().fail().tick_when_due();
  REQUIRE(subject.status() == task_status::queued);
  const event::report late{{subject.now, "progress", "disk", "", 50.0}};
  if (const auto made = lifecycle::apply(subject.subject(), late, subject.now))
    CHECK(status_of(made->next) == task_status::queued);
}

TEST_CASE("a task has a thousand components at most", "[lifecycle][components]") {
  life subject;
  subject.report("first", "started");
  for (std::size_t count = 1; count < components_max; ++count)
    subject.report("part " + std::to_string(count), "started");
  CHECK(subject.refuses(event::report{{noon, "started", "one more", ""}}));
  CHECK_FALSE(subject.refuses(event::report{{noon, "completed", "first", ""}}));
  CHECK_FALSE(subject.refuses(event::report{{noon, "log", "one more", ""}}));
}
