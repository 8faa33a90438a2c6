#include "model/pipeline.hpp"

#include <catch2/catch.hpp>

#include "tests/support/pipeline_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

/// Steps a, b and c have ended as told, b has a second name.
task ended_steps(const std::string& outputs_of_b = "2") {
  auto subject = a_task(a_pipeline_spec(a_step("a", "test.echo") + ","
                                            + a_step("b", "test.echo", "{}", R"(,"save_as":"x")")
                                            + "," + a_step("c", "test.echo"),
                                        R"({"p":1.50})"));
  subject.components = {{"a", component_status::completed},
                        {"b", component_status::completed},
                        {"c", component_status::started}};
  subject.parts[{0}] = std::make_shared<const part_data>(part_data{"{}", "[1]"});
  subject.parts[{1}] = std::make_shared<const part_data>(part_data{"{}", outputs_of_b});
  subject.parts[{2}] = std::make_shared<const part_data>(part_data{"{}", ""});
  return subject;
}

}  // namespace

TEST_CASE("the steps of a payload are read in their order", "[pipeline]") {
  const auto plan = read_pipeline(a_pipeline_spec(
      R"({"id":"a","uses":"test.echo","with":{"n":1.0},"save_as":"b","if":"x","timeout_seconds":1.5,)"
      R"("max_retries":3},{"id":"c","uses":"queue.q"})"));
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 2);
  const auto& first = plan->steps[0];
  CHECK((first.id == "a" && first.uses == "test.echo" && first.with == R"({"n":1.0})"));
  CHECK((first.save_as == "b" && first.condition == "x"));
  CHECK((first.timeout == 1'500ms && first.retries_max == 3));
  CHECK((plan->steps[1].with == "{}" && plan->steps[1].timeout == 0ms));
  CHECK(plan->steps[1].retries_max == 0);
}

TEST_CASE("a payload without readable steps is no pipeline", "[pipeline]") {
  task_spec spec;
  spec.payload = GENERATE("null", "{}", R"({"pipeline":{}})", R"({"pipeline":[{"id":"a"}]})",
                          R"({"pipeline":[{"uses":"test.echo"}]})", R"({"pipeline":[1]})", "{");
  CHECK_FALSE(read_pipeline(spec).has_value());
}

TEST_CASE("a pipeline has at most a thousand steps", "[pipeline]") {
  std::string steps = a_step("a", "test.echo");
  for (std::size_t more = 1; more < pipeline_steps_max; ++more)
    steps += "," + a_step("a", "test.echo");
  CHECK(read_pipeline(a_pipeline_spec(steps)).has_value());
  CHECK_FALSE(read_pipeline(a_pipeline_spec(steps + "," + a_step("a", "test.echo"))).has_value());
}

TEST_CASE("templates can name now, params, the event and the steps that ended well", "[pipeline]") {
  auto subject = ended_steps();
  auto spec = *subject.spec;
  spec.event = R"({"who":"me"})";
  subject.spec = std::make_shared<const task_spec>(spec);
  const auto names = pipeline_names(subject, *read_pipeline(spec), noon);
  REQUIRE(names.has_value());
  CHECK(names->to_json()
        == R"({"now":"2030-08-01T12:00:00Z","params":{"p":1.50},"event":{"who":"me"},)"
           R"("steps":{"a":[1],"b":2,"x":2}})");
}

TEST_CASE("without params and event there is an empty object and null", "[pipeline]") {
  auto spec = a_pipeline_spec("");
  spec.payload = R"({"pipeline":[]})";
  const auto names = pipeline_names(a_task(spec), *read_pipeline(spec), noon);
  REQUIRE(names.has_value());
  CHECK(names->find("params")->to_json() == "{}");
  CHECK(names->find("event")->kind() == json::kind::null);
}

TEST_CASE("an item and its index stand beside the other names", "[pipeline]") {
  const auto subject = ended_steps();
  const auto names = pipeline_names(subject, *read_pipeline(*subject.spec), noon);
  const auto mine = with_item(*names, {"item", R"({"big":12345678901234567890})", 7}, noon + 1h);
  REQUIRE(mine.has_value());
  CHECK(mine->find("item")->to_json() == R"({"big":12345678901234567890})");
  CHECK(mine->find("index")->to_json() == "7");
  CHECK(mine->find("now")->as_string() == "2030-08-01T13:00:00Z");
  CHECK(mine->find("steps")->to_json() == names->find("steps")->to_json());
}

TEST_CASE("of outputs with one name the last counts", "[pipeline]") {
  auto spec = a_pipeline_spec(a_step("a", "test.echo", "{}", R"(,"save_as":"b")") + ","
                              + a_step("b", "test.echo"));
  auto subject = a_task(spec);
  subject.components = {{"a", component_status::completed}, {"b", component_status::completed}};
  subject.parts[{0}] = std::make_shared<const part_data>(part_data{"{}", "1"});
  subject.parts[{1}] = std::make_shared<const part_data>(part_data{"{}", "2"});
  CHECK(pipeline_result(subject, *read_pipeline(spec)) == R"({"a":1,"b":2})");
  subject.components[1].status = component_status::skipped;
  CHECK(pipeline_result(subject, *read_pipeline(spec)) == R"({"a":1,"b":1})");
}

TEST_CASE("outputs stay the bytes that they were", "[pipeline]") {
  const auto subject = ended_steps(R"({"z":1.0,"a":[1e2, "\u00e9"]})");
  CHECK(pipeline_result(subject, *read_pipeline(*subject.spec))
        == R"({"a":[1],"b":{"z":1.0,"a":[1e2, "\u00e9"]},"x":{"z":1.0,"a":[1e2, "\u00e9"]}})");
}
