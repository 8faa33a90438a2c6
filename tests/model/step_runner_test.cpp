#include "model/step_runner.hpp"

#include <catch2/catch.hpp>

#include "model/step_work.hpp"
#include "tests/support/pipeline_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

const std::string call = R"({"url":"http://h/p","method":"POST","json":"${steps}"})";

std::string numbers(int count) {
  std::string list;
  for (int number = 0; number < count; ++number)
    list += (number == 0 ? "" : ",") + std::to_string(number);
  return "[" + list + "]";
}

std::string a_map(int count, int width, const std::string& uses = "queue.q",
                  const std::string& more = "") {
  return a_step("m", "task.map",
                R"({"items":)" + numbers(count) + R"(,"uses":")" + uses + R"(","width":)"
                    + std::to_string(width) + R"(,"with":{"i":"${item}","at":"${index}"}})",
                more);
}

}  // namespace

TEST_CASE("steps that need nobody run at once, and their outputs are the result", "[pipeline]") {
  const pipeline_life life{a_step("a", "test.echo", R"({"n":1.0})") + ","
                           + a_step("b", "test.echo", R"({"m":"${steps.a.n}"})")};
  CHECK(life.status() == task_status::completed);
  CHECK(life.steps() == "completed,completed");
  CHECK(life.subject().result == R"({"a":{"n":1.0},"b":{"m":1.0}})");
  CHECK(life.last.parts == std::vector<part_id>{{0}, {1}});
  CHECK(life.subject().parts.at({1})->input == R"({"m":1.0})");
}

TEST_CASE("an empty pipeline completes", "[pipeline]") {
  const pipeline_life life{""};
  CHECK(life.status() == task_status::completed);
  CHECK(life.subject().result == "{}");
}

TEST_CASE("a step that waits is a task made with the parent's change", "[pipeline]") {
  pipeline_life life{a_step("a", "test.echo") + "," + a_step("b", "http.request", call) + ","
                     + a_step("c", "test.echo", R"({"got":"${steps.b.body.n}"})")};
  CHECK(life.steps() == "completed,started,declared");
  REQUIRE(life.born().size() == 1);
  const auto& child = life.born().front();
  CHECK(child.id == life.child({1}));
  CHECK(status_of(child) == task_status::queued);
  CHECK(child.spec->parent == parent_link{life.subject().id, {1}, "b"});
  CHECK(child.spec->payload == R"({"a":{}})");
  CHECK(shard_of(child.id) == shard_of(life.subject().id));
  life.complete({1}, R"({"status":200,"body":{"n":7}})");
  CHECK(life.status() == task_status::completed);
  CHECK(life.output(2) == R"({"got":7})");
  CHECK(life.born().empty());
}

TEST_CASE("no two children have one id", "[pipeline]") {
  pipeline_life life{a_step("a", "queue.q") + "," + a_step("b", "queue.q")};
  const auto first = life.child({0});
  life.complete({0});
  CHECK(life.child({1}) != first);
}

TEST_CASE("a step whose condition is false is skipped and has no output", "[pipeline]") {
  const pipeline_life life{
      a_step("a", "test.echo", R"({"n":0})") + ","
      + a_step("b", "http.request", call, R"(,"if":"steps.a.n > `1`")") + ","
      + a_step("c", "test.echo", R"({"b":"${steps.b}"})", R"x(,"if":"!(steps.b)")x")};
  CHECK(life.steps() == "completed,skipped,completed");
  CHECK(life.output(2) == R"({"b":null})");
  CHECK(life.output(1).empty());
}

TEST_CASE("a condition or a template that fails is final", "[pipeline]") {
  auto spec = a_pipeline_spec(GENERATE(a_step("a", "test.echo", "{}", R"x(,"if":"abs('x')")x"),
                                       a_step("a", "test.echo", R"x({"x":"${abs('x')}"})x"),
                                       a_step("a", "wait.until", R"({"until":"${params}"})")));
  spec.retry.retries_max = 5;
  const pipeline_life life{spec};
  CHECK(life.status() == task_status::failed);
  CHECK(life.steps() == "failed");
  CHECK_FALSE(life.step(0).error.empty());
  CHECK(life.last_attempt().error == "step a: " + life.step(0).error);
}

TEST_CASE("an output has two names when it is saved as another", "[pipeline]") {
  const pipeline_life life{a_step("a", "test.echo", R"({"n":1})", R"(,"save_as":"x")") + ","
                           + a_step("b", "test.echo", R"({"n":"${steps.x.n}"})")};
  CHECK(life.subject().result == R"({"a":{"n":1},"x":{"n":1},"b":{"n":1}})");
}

// -- failures ---------------------------------------------------------------------

TEST_CASE("a child that failed fails the step, and its name is told", "[pipeline]") {
  pipeline_life life{a_step("a", "queue.q") + "," + a_step("b", "test.echo")};
  life.fail_child({0}, "out of paper");
  CHECK(life.status() == task_status::failed);
  CHECK(life.steps() == "failed,declared");
  CHECK(life.step(0).error == "out of paper");
  CHECK(life.last_attempt().error == "step a: out of paper");
  CHECK(life.end().reason == end_reason::error);
}

TEST_CASE("retries of a step that has a child are the child's", "[pipeline]") {
  const pipeline_life life{a_step("a", "queue.q", "{}", R"(,"max_retries":4)")};
  CHECK(life.born().front().spec->retry.retries_max == 4);
}

TEST_CASE("retries of another step wait longer and longer", "[pipeline]") {
  pipeline_life life{a_step("a", "test.fail", "{}", R"(,"max_retries":2)")};
  CHECK(life.status() == task_status::processing);
  const auto first = *life.waits().until - life.now;
  CHECK((first >= 500ms && first <= 1s));
  CHECK_FALSE(life.tick().last.changed);
  life.tick_when_due();
  CHECK(life.waits().tries == 2);
  CHECK(*life.waits().until - life.now >= 1s);
  life.tick_when_due();
  CHECK(life.status() == task_status::failed);
  CHECK(life.subject().attempts.size() == 1);
  CHECK(life.subject().retries_used == 0);
}

TEST_CASE("a new attempt goes on at the first step that has not ended well", "[pipeline]") {
  auto spec = a_pipeline_spec(a_step("a", "queue.q") + ","
                              + a_step("b", "test.echo", "{}", R"(,"if":"params.never")") + ","
                              + a_step("c", "queue.q", R"({"a":"${steps.a}"})"));
  spec.retry.retries_max = 1;
  pipeline_life life{spec};
  life.complete({0}, R"({"n":1})").fail_child({2});
  CHECK(life.status() == task_status::retrying);
  CHECK(life.steps() == "completed,skipped,failed");
  life.try_again();
  CHECK(life.steps() == "completed,skipped,started");
  CHECK(life.step(2).error.empty());
  REQUIRE(life.born().size() == 1);
  CHECK(life.born().front().spec->payload == R"({"a":{"n":1}})");
  life.complete({2});
  CHECK(life.status() == task_status::completed);
}

TEST_CASE("a failed pipeline that is run again by hand goes on too", "[pipeline]") {
  pipeline_life life{a_step("a", "queue.q") + "," + a_step("b", "queue.q")};
  life.complete({0}).fail_child({1}).tell(event::retry{});
  life.deliver();
  CHECK(life.steps() == "completed,started");
}

// -- pauses and events --------------------------------------------------------------

TEST_CASE("a pause is a moment in the record", "[pipeline]") {
  pipeline_life life{a_step("a", "wait.until", R"({"seconds":60})") + ","
                     + a_step("b", "test.echo")};
  CHECK(life.born().empty());
  CHECK(facts_of(life.subject()).next_moment == noon + 60s);
  life.wait(59'999ms);
  CHECK_FALSE(life.tick().last.changed);
  life.wait(5s).tick();
  CHECK(life.status() == task_status::completed);
  CHECK(life.output(0) == R"({"until":"2030-08-01T12:01:00Z"})");
}

TEST_CASE("a pause that is over already does not wait", "[pipeline]") {
  CHECK(pipeline_life{a_step("a", "wait.until", R"({"until":"2000-01-01T00:00:00Z"})")}.status()
        == task_status::completed);
}

TEST_CASE("a wait for an event ends with the event, whose payload it gives", "[pipeline]") {
  pipeline_life life{a_step("a", "wait.for_event", R"({"topic":"t"})")};
  CHECK(facts_of(life.subject()).topic == "t");
  CHECK_FALSE(facts_of(life.subject()).next_moment);
  CHECK_FALSE(life.tell(event::published{"other", "1"}).last.changed);
  life.tell(event::published{"t", R"({"n":1.0})"});
  CHECK(life.status() == task_status::completed);
  CHECK(life.output(0) == R"({"n":1.0})");
  CHECK(facts_of(life.subject()).topic.empty());
}

TEST_CASE("only an event that matches ends the wait", "[pipeline]") {
  pipeline_life life{
      a_step("s", "test.echo", R"({"id":4})") + ","
      + a_step("a", "wait.for_event", R"({"topic":"t","match":"event.id == steps.s.id"})")};
  const auto* other = GENERATE(R"({"id":5})", "null", "\"text\"", "{}");
  CHECK_FALSE(life.tell(event::published{"t", other}).last.changed);
  CHECK(life.tell(event::published{"t", R"({"id":4})"}).status() == task_status::completed);
}

TEST_CASE("an event that the match cannot judge does not match", "[pipeline]") {
  pipeline_life life{a_step("a", "wait.for_event", R"x({"topic":"t","match":"abs(event)"})x")};
  CHECK_FALSE(life.tell(event::published{"t", "\"x\""}).last.changed);
  CHECK(life.tell(event::published{"t", "-1"}).status() == task_status::completed);
}

TEST_CASE("patience ends, and the step may try again", "[pipeline]") {
  pipeline_life life{a_step("a", "wait.for_event", R"({"topic":"t","timeout_seconds":10})",
                            R"(,"max_retries":1)")};
  life.tick_when_due();
  CHECK((life.waits().topic.empty() && life.waits().tries == 1));
  CHECK_FALSE(life.tell(event::published{"t", "1"}).last.changed);
  life.tick_when_due();
  CHECK((life.waits().topic == "t" && life.waits().until == life.now + 10s));
  life.tick_when_due();
  CHECK(life.status() == task_status::failed);
  CHECK_THAT(life.step(0).error, Catch::Contains("no event t came in time"));
}

// -- fan-outs -----------------------------------------------------------------------

TEST_CASE("a fan-out opens as many items as its width, and its results keep the order",
          "[pipeline]") {
  pipeline_life life{a_map(5, 2)};
  CHECK(life.waits().children.size() == 2);
  CHECK(life.born()[1].spec->payload == R"({"i":1,"at":1})");
  CHECK(life.born()[1].spec->parent->name == "m[1]");
  life.complete({0, 2}, "20");
  CHECK(life.waits().children.back().part == part_id{0, 3});
  life.complete({0, 3}, "30").complete({0, 4}, "40").complete({0, 5}, "50");
  CHECK(life.waits().children.size() == 1);
  life.complete({0, 1}, "10");
  CHECK(life.status() == task_status::completed);
  CHECK(life.output(0) == "[10,20,30,40,50]");
}

TEST_CASE("each item's end writes that item's row alone", "[pipeline]") {
  pipeline_life life{a_map(4, 2)};
  life.complete({0, 2});
  CHECK(life.last.parts == std::vector<part_id>{{0, 2}});
}

TEST_CASE("items that need nobody end at once, so many a decision", "[pipeline]") {
  pipeline_life life{a_map(100, 1, "test.echo")};
  int decisions = 1;
  for (; life.status() == task_status::processing; ++decisions) {
    REQUIRE(life.has_effect(effect::go_on{life.token()}));
    CHECK(life.last.parts.size() <= 33);
    life.tell(event::proceed{life.token()});
  }
  CHECK(decisions == 4);
  CHECK_THAT(life.output(0), Catch::StartsWith(R"([{"i":0,"at":0},{"i":1,"at":1})"));
}

TEST_CASE("a list of nothing gives a list of nothing", "[pipeline]") {
  CHECK(pipeline_life{a_map(0, 1)}.output(0) == "[]");
}

TEST_CASE("an item that failed stops the others, and the step ends with the last of them",
          "[pipeline]") {
  pipeline_life life{a_map(5, 3)};
  const auto others = std::vector{life.child({0, 1}), life.child({0, 3})};
  life.fail_child({0, 2}, "no");
  CHECK(life.status() == task_status::processing);
  CHECK(life.has_effect(effect::stop_children{others}));
  CHECK(life.born().empty());
  life.complete({0, 1}, "10");
  CHECK(life.status() == task_status::processing);
  CHECK_FALSE(life.has_effect(effect::stop_children{{life.child({0, 3})}}));
  life.tell(event::child_ended{life.child({0, 3}), task_status::canceled, {}, "stopped"});
  CHECK(life.status() == task_status::failed);
  CHECK(life.step(0).error == "item 1: no");
}

TEST_CASE("items that ended well are not done again", "[pipeline]") {
  auto spec = a_pipeline_spec(a_map(5, 2));
  spec.retry.retries_max = 1;
  pipeline_life life{spec};
  life.complete({0, 2}, "20").fail_child({0, 1}).complete({0, 3}, "30");
  CHECK(life.status() == task_status::retrying);
  life.try_again();
  REQUIRE(life.born().size() == 2);
  CHECK(life.born()[0].spec->parent->part == part_id{0, 1});
  CHECK(life.born()[1].spec->parent->part == part_id{0, 4});
  life.complete({0, 1}, "10").complete({0, 4}, "40").complete({0, 5}, "50");
  CHECK(life.output(0) == "[10,20,30,40,50]");
}

TEST_CASE("a fan-out may try again by itself", "[pipeline]") {
  pipeline_life life{a_map(2, 2, "queue.q", R"(,"max_retries":1)")};
  life.complete({0, 2}).fail_child({0, 1});
  CHECK((life.status() == task_status::processing && life.waits().tries == 1));
  life.tick_when_due();
  REQUIRE(life.born().size() == 1);
  CHECK(life.born()[0].spec->parent->part == part_id{0, 1});
  life.fail_child({0, 1});
  CHECK(life.status() == task_status::failed);
}

TEST_CASE("the list that a fan-out began with is the one it goes on with", "[pipeline]") {
  auto spec = a_pipeline_spec(
      a_step("m", "task.map", R"({"items":["${now}"],"uses":"queue.q","with":{"t":"${item}"}})"));
  spec.retry.retries_max = 1;
  pipeline_life life{spec};
  const auto payload = life.born()[0].spec->payload;
  life.fail_child({0, 1});
  life.wait(1h);
  life.try_again();
  CHECK(life.born()[0].spec->payload == payload);
}

TEST_CASE("an item that cannot be started fails the fan-out", "[pipeline]") {
  pipeline_life life{a_step("m", "task.map",
                            R"({"items":["/x"],"uses":"http.request","with":{"url":"${item}"}})")};
  CHECK(life.status() == task_status::failed);
  CHECK_THAT(life.step(0).error, Catch::StartsWith("item 0: with.url"));
}

// -- bounds -------------------------------------------------------------------------

TEST_CASE("a decision runs at most thirty-two steps, and the next one goes on", "[pipeline]") {
  std::string steps = a_step("s0", "test.echo");
  for (int at = 1; at < 100; ++at)
    steps += "," + a_step("s" + std::to_string(at), "test.echo");
  pipeline_life life{steps};
  int decisions = 1;
  for (; life.status() == task_status::processing; ++decisions) {
    CHECK(life.last.parts.size() == 32);
    REQUIRE(life.has_effect(effect::go_on{life.token()}));
    CHECK_FALSE(life.tell(event::proceed{life.token() + 1}).last.changed);
    life.tell(event::proceed{life.token()});
  }
  CHECK(decisions == 4);
}

TEST_CASE("what the parts of a task keep is bounded to the byte", "[pipeline]") {
  std::string steps = a_step("s0", "queue.q");
  for (int at = 1; at < 10; ++at)
    steps += "," + a_step("s" + std::to_string(at), "queue.q");
  pipeline_life life{steps};
  const std::string megabyte = "\"" + std::string((1 << 20) - 4, 'x') + "\"";  // and {} came in
  for (std::uint32_t at = 0; at < 3; ++at)
    life.complete({at}, megabyte);
  SECTION("that much fits") {
    life.complete({3}, "\"" + std::string((1 << 20) - 6, 'x') + "\"");
    CHECK(life.status() == task_status::processing);
  }
  SECTION("a byte more does not") {
    life.complete({3}, "\"" + std::string((1 << 20) - 3, 'x') + "\"");
    CHECK(life.status() == task_status::failed);
    CHECK_THAT(life.step(3).error, Catch::Contains("more than a task may keep"));
    CHECK(life.output(3).empty());
  }
}

TEST_CASE("many small items count as well", "[pipeline]") {
  pipeline_life life{a_map(2'000, 100)};
  const std::string output = "\"" + std::string(3'000, 'x') + "\"";
  std::uint32_t item = 1;
  for (; item <= 2'000 && life.waits().failure.empty(); ++item)
    life.complete({0, item}, output);
  CHECK(item < 1'450);
  CHECK_THAT(life.waits().failure, Catch::Contains("more than a task may keep"));
}
