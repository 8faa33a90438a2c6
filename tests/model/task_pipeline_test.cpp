#include "model/task_pipeline.hpp"

#include <catch2/catch.hpp>

#include "tests/support/pipeline_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

const std::string two_items =
    a_step("m", "task.map", R"({"items":[1,2,3],"uses":"queue.q","width":2})");

pipeline_life stopped_life() {
  pipeline_life life{two_items};
  life.tell(event::cancel{});
  return life;
}

}  // namespace

TEST_CASE("the steps of a new pipeline are known before it begins", "[pipeline]") {
  const life later{a_pipeline_spec(a_step("a", "test.echo") + "," + a_step("b", "test.echo")),
                   noon - 1h};
  CHECK(later.subject().components == std::vector<component>{{"a"}, {"b"}});
}

TEST_CASE("whoever takes it, a pipeline is held by nobody", "[pipeline]") {
  const pipeline_life life{a_step("a", "queue.q")};
  CHECK(life.running().runner == runner_kind::steps);
  CHECK(life.last.effects.empty());
  CHECK(queue_of(*life.subject().spec) == inner_queue);
}

TEST_CASE("a pipeline that cannot be read fails for good", "[pipeline]") {
  auto spec = a_pipeline_spec("");
  spec.payload = "{}";
  spec.retry.retries_max = 3;
  const pipeline_life life{spec};
  CHECK(life.status() == task_status::failed);
  CHECK(life.last_attempt().error == "its pipeline cannot be read");
}

// -- late and repeated news -----------------------------------------------------------

TEST_CASE("news of a child that is told again changes nothing", "[pipeline]") {
  pipeline_life life{a_step("a", "queue.q") + "," + a_step("b", "queue.q")};
  const event::child_ended news{life.child({0}), task_status::completed, "1", {}};
  life.tell(news);
  CHECK(life.output(0) == "1");
  const auto before = life.subject();
  life.tell(event::child_ended{news.child, task_status::failed, {}, "late"});
  CHECK_FALSE(life.last.changed);
  CHECK(same(life.subject(), before));
}

TEST_CASE("news of a child of an earlier attempt changes nothing", "[pipeline]") {
  auto spec = a_pipeline_spec(a_step("a", "queue.q"));
  spec.retry.retries_max = 1;
  pipeline_life life{spec};
  const auto first = life.child({0});
  life.fail_child({0}).try_again();
  CHECK_FALSE(life.tell(event::child_ended{first, task_status::completed, "1", {}}).last.changed);
  CHECK(life.steps() == "started");
}

TEST_CASE("a word to go on that comes while something is waited for changes nothing",
          "[pipeline]") {
  const auto steps = GENERATE(a_step("a", "queue.q"), a_step("a", "wait.until", R"({"seconds":9})"),
                              a_step("a", "wait.for_event", R"({"topic":"t"})"));
  pipeline_life life{steps};
  CHECK_FALSE(life.tell(event::proceed{life.token()}).last.changed);
}

TEST_CASE("a word to go on that comes twice opens no item twice", "[pipeline]") {
  pipeline_life life{two_items};
  life.tell(event::proceed{life.token()});
  CHECK(life.born().empty());
  CHECK(life.waits().children.size() == 2);
}

// -- the server's life ----------------------------------------------------------------

TEST_CASE("after a start the children are asked how they are", "[pipeline]") {
  pipeline_life life{two_items};
  const auto children = std::vector{life.child({0, 1}), life.child({0, 2})};
  life.tell(event::server_started{9});
  CHECK_FALSE(life.last.changed);
  CHECK(life.has_effect(effect::ask_children{children}));
  CHECK(life.has_effect(effect::go_on{life.token()}));
}

TEST_CASE("after a start a stop is told again", "[pipeline]") {
  auto life = stopped_life();
  life.tell(event::server_started{9});
  CHECK(life.has_effect(effect::stop_children{{life.child({0, 1}), life.child({0, 2})}}));
}

TEST_CASE("after a start what was between two decisions goes on", "[pipeline]") {
  std::string steps = a_step("s", "test.echo");
  for (int more = 0; more < 40; ++more)
    steps += "," + a_step("s" + std::to_string(more), "test.echo");
  pipeline_life life{steps};
  life.tell(event::server_started{9});
  CHECK(life.has_effect(effect::go_on{life.token()}));
  CHECK(life.tell(event::proceed{life.token()}).status() == task_status::completed);
}

// -- ends -----------------------------------------------------------------------------

TEST_CASE("a cancel tells the children and waits for the last of them", "[pipeline]") {
  auto life = stopped_life();
  CHECK(life.status() == task_status::processing);
  CHECK(life.has_effect(effect::stop_children{{life.child({0, 1}), life.child({0, 2})}}));
  CHECK_FALSE(life.tell(event::cancel{}).last.changed);
  CHECK_FALSE(life.tell(event::proceed{life.token()}).last.changed);
  life.complete({0, 1});
  CHECK(life.status() == task_status::processing);
  CHECK(life.born().empty());
  life.tell(event::child_ended{life.child({0, 2}), task_status::canceled, {}, "stopped"});
  CHECK(life.status() == task_status::canceled);
  CHECK(life.end().reason == end_reason::stopped);
  CHECK(life.last_attempt().outcome == attempt_outcome::canceled);
}

TEST_CASE("a cancel of what waits for no task ends at once", "[pipeline]") {
  const auto steps = GENERATE(a_step("a", "wait.until", R"({"seconds":9})"),
                              a_step("a", "wait.for_event", R"({"topic":"t"})"));
  pipeline_life life{steps};
  life.tell(event::cancel{false, end_reason::replaced});
  CHECK(life.status() == task_status::canceled);
  CHECK(life.end().reason == end_reason::replaced);
  CHECK(life.step(0).status == component_status::failed);
  CHECK(life.step(0).error == "the task was canceled");
  CHECK(life.step(0).finished_at == life.now);
  CHECK(facts_of(life.subject()).topic.empty());
}

TEST_CASE("a timeout stops the children, and the attempt is tried again", "[pipeline]") {
  auto spec = a_pipeline_spec(a_step("a", "queue.q") + "," + a_step("b", "queue.q"));
  spec.timeout = 10s;
  spec.retry.retries_max = 1;
  pipeline_life life{spec};
  life.wait(2s);
  life.complete({0});
  CHECK(facts_of(life.subject()).next_moment == noon + 10s);
  life.tick_when_due();
  CHECK(life.status() == task_status::processing);
  CHECK_FALSE(facts_of(life.subject()).next_moment);
  life.complete({1});  // too late
  CHECK(life.status() == task_status::retrying);
  CHECK(life.last_attempt().outcome == attempt_outcome::timeout);
  CHECK(life.last_attempt().error == "step b: the attempt lasted longer than its timeout");
  CHECK(life.steps() == "completed,failed");
  life.try_again();
  CHECK(life.steps() == "completed,started");
}

TEST_CASE("a cancel is more than a timeout, and a timeout no more than a cancel", "[pipeline]") {
  auto spec = a_pipeline_spec(a_step("a", "queue.q"));
  spec.timeout = 10s;
  spec.retry.retries_max = 1;
  pipeline_life life{spec};
  life.tick_when_due().tell(event::cancel{});
  CHECK(life.last.changed);
  life.wait(1h).tick();
  life.fail_child({0});
  CHECK(life.status() == task_status::canceled);
}

TEST_CASE("a timeout is earlier than a longer pause", "[pipeline]") {
  auto spec = a_pipeline_spec(a_step("a", "wait.until", R"({"seconds":60})"));
  spec.timeout = 10s;
  pipeline_life life{spec};
  CHECK(facts_of(life.subject()).next_moment == noon + 10s);
  life.tick_when_due();
  CHECK(life.end().reason == end_reason::timeout);
}

TEST_CASE("nobody but the server reports a step", "[pipeline]") {
  pipeline_life life{a_step("a", "queue.q")};
  CHECK(life.refuses(event::report{{noon, "completed", "a", ""}}));
  CHECK_FALSE(life.refuses(event::report{{noon, "log", "a", "hello"}}));
  const test::life queued{a_pipeline_spec(a_step("a", "queue.q"))};
  CHECK(queued.refuses(event::report{{noon, "started", "a", ""}}));
}

TEST_CASE("a child tells its parent of its end, and of nothing else", "[pipeline]") {
  auto spec = a_spec();
  spec.parent = parent_link{an_id(7), {1}, "b"};
  spec.retry = {1, backoff_kind::fixed, 1s, 1s};
  life child{spec};
  child.lease().fail();
  CHECK_FALSE(child.has_effect(effect::tell_parent{}));
  child.tick_when_due().lease();
  CHECK_FALSE(child.has_effect(effect::tell_parent{}));
  child.fail();
  CHECK(child.status() == task_status::failed);
  CHECK(child.has_effect(effect::tell_parent{}));
}
