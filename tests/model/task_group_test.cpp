#include "model/task_group.hpp"

#include <catch2/catch.hpp>

#include "tests/support/pipeline_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

task_spec a_group_spec() {
  auto spec = a_delivery_spec();
  spec.task_type.clear();
  spec.target->url = "group:g";
  spec.target->method = "PUT";
  spec.target->headers = {{"X-A", "1"}};
  spec.payload = R"({"n":1})";
  spec.retry = {3, backoff_kind::fixed, 1s, 1s};
  spec.timeout = 30s;
  spec.notices = {{"http://me/notices"}, ~0U};
  return spec;
}

/// The task of a group whose addresses are known.
pipeline_life a_group_life(const std::vector<std::string>& urls = {"http://a", "http://b",
                                                                   "http://c"}) {
  pipeline_life life{a_group_spec()};
  life.tell(event::fan_out{life.token(), urls});
  return life;
}

/// "group.first_failed 3/0/1", ...: what is told, with total, completed and failed.
std::vector<std::string> told(const pipeline_life& life) {
  std::vector<std::string> found;
  for (const auto& one : life.born()) {
    if (one.spec->cause != trigger_cause::notice)
      continue;
    const auto notice = jmespath_value::read(one.spec->payload).value();
    auto text = notice.find("type")->as_string();
    if (const auto* counts = notice.find("data")->find("counts"))
      for (const auto* name : {"total", "completed", "failed"})
        text += (*name == 't' ? " " : "/") + counts->find(name)->number_text();
    found.push_back(text);
  }
  return found;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a task for a group first asks for the addresses", "[group]") {
  const pipeline_life life{a_group_spec()};
  CHECK(life.running().runner == runner_kind::steps);
  CHECK(life.last.effects == std::vector<task_effect>{effect::start_call{life.token()}});
  CHECK_FALSE(facts_of(life.subject()).next_moment);
}

TEST_CASE("each address is a part, delivered by a task with the group's own rules", "[group]") {
  const auto life = a_group_life();
  CHECK(life.steps() == "started,started,started");
  REQUIRE(life.born().size() == 3);
  const auto& child = *life.born()[1].spec;
  CHECK((child.target->url == "http://b" && child.target->method == "PUT"));
  CHECK((child.target->headers == a_group_spec().target->headers && child.payload == R"({"n":1})"));
  CHECK((child.retry == a_group_spec().retry && child.timeout == 30s));
  CHECK(child.parent == parent_link{life.subject().id, {1}, "http://b"});
  CHECK(child.notices.urls.empty());
}

TEST_CASE("a group whose deliveries all succeed completes", "[group]") {
  auto life = a_group_life();
  life.complete({0}).complete({2});
  CHECK(life.status() == task_status::processing);
  life.complete({1});
  CHECK(life.status() == task_status::completed);
  CHECK(life.subject().result == R"({"total":3,"completed":3,"failed":0})");
  CHECK(told(life) == lines{"group.all_completed 3/3/0", "task.completed"});
}

TEST_CASE("one that fails is told at once, the others go on", "[group]") {
  auto life = a_group_life();
  life.fail_child({1}, "gone");
  CHECK(life.status() == task_status::processing);
  CHECK(told(life) == lines{"group.first_failed 3/0/1"});
  CHECK_FALSE(life.has_effect(effect::stop_children{{life.child({0}), life.child({2})}}));
  life.fail_child({0});
  CHECK(told(life).empty());
  life.complete({2});
  CHECK(life.status() == task_status::failed);
  CHECK(life.steps() == "failed,failed,completed");
  CHECK(life.step(1).error == "gone");
  CHECK(life.last_attempt().error == "1 of 3 completed");
  CHECK(life.subject().retries_used == 0);
  CHECK(told(life) == lines{"group.partial_completion 3/1/2", "task.failed"});
}

TEST_CASE("a group whose deliveries all fail has failed as a whole", "[group]") {
  auto life = a_group_life({"http://a"});
  life.fail_child({0});
  CHECK(told(life) == lines{"group.first_failed 1/0/1", "group.all_failed 1/0/1", "task.failed"});
}

TEST_CASE("a group task that is retried delivers only what was not delivered", "[group]") {
  auto life = a_group_life();
  life.complete({0}).fail_child({1}).complete({2}).tell(event::retry{});
  life.deliver();
  life.tell(event::fan_out{life.token(), {"http://c", "http://b", "http://d"}});
  CHECK(life.steps() == "completed,started,started");
  CHECK(life.step(0).name == "http://c");
  std::vector<std::string> urls;
  for (const auto& child : life.born())
    urls.push_back(child.spec->target->url);
  CHECK(urls == lines{"http://b", "http://d"});
}

TEST_CASE("a retry with nothing left to deliver completes", "[group]") {
  auto life = a_group_life();
  life.complete({0}).fail_child({1}).complete({2}).tell(event::retry{});
  life.deliver();
  life.tell(event::fan_out{life.token(), {"http://a", "http://c"}});
  CHECK(life.status() == task_status::completed);
}

TEST_CASE("addresses that are told twice are delivered to once", "[group]") {
  auto life = a_group_life();
  CHECK_FALSE(life.tell(event::fan_out{life.token(), {"http://d"}}).last.changed);
  CHECK(life.refuses(event::fan_out{life.token() + 1, {"http://d"}}));
}

TEST_CASE("after a start a group asks for its addresses, or for its children", "[group]") {
  pipeline_life before{a_group_spec()};
  before.tell(event::server_started{9});
  CHECK(before.last.effects == std::vector<task_effect>{effect::start_call{before.token()}});
  auto after = a_group_life({"http://a"});
  after.tell(event::server_started{9});
  CHECK(after.has_effect(effect::ask_children{{after.child({0})}}));
  CHECK_FALSE(after.has_effect(effect::start_call{after.token()}));
  CHECK_FALSE(after.tell(event::proceed{after.token()}).last.changed);
}

TEST_CASE("a canceled group ends with the last of its deliveries", "[group]") {
  auto life = a_group_life({"http://a", "http://b"});
  life.tell(event::cancel{});
  CHECK(life.has_effect(effect::stop_children{{life.child({0}), life.child({1})}}));
  life.fail_child({0}).fail_child({1});
  CHECK(life.status() == task_status::canceled);
  CHECK(told(life) == lines{"task.canceled"});
}

TEST_CASE("a group that is not there fails for good", "[group]") {
  pipeline_life life{a_group_spec()};
  life.tell(event::failed{life.token(), attempt_outcome::error, "there is no group g", false});
  CHECK(life.status() == task_status::failed);
}
