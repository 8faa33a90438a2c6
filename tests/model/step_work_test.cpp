#include "model/step_work.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

step_work work(std::string_view uses, std::string_view with, duration timeout = 0ms,
               int retries = 0) {
  static auto owner = [] {
    auto spec = a_spec();
    spec.priority = 2;
    return spec;
  }();
  const auto root = json::read(with);
  REQUIRE(root.has_value());
  return work_of({uses, *root, timeout, retries, owner, noon});
}

task_spec child(std::string_view uses, std::string_view with, duration timeout = 0ms,
                int retries = 0) {
  const auto made = work(uses, with, timeout, retries);
  if (const auto* failed = std::get_if<work_failed>(&made))
    FAIL(failed->error);
  return std::get<work_of_child>(made).spec;
}

std::string fault_of(std::string_view uses, std::string_view with) {
  const auto made = work(uses, with);
  const auto* failed = std::get_if<work_failed>(&made);
  return failed == nullptr ? "no fault" : failed->error;
}

instant end_of_pause(std::string_view with) {
  return std::get<work_pause>(work("wait.until", with)).until;
}

task ended_child(const task_spec& spec, task_status status, end_reason reason,
                 std::vector<attempt> attempts = {}) {
  auto subject = a_task(spec, ended{status, reason, noon});
  subject.attempts = std::move(attempts);
  return subject;
}

}  // namespace

TEST_CASE("every word of uses names a kind or none", "[steps]") {
  CHECK(parse_step_kind("http.request") == step_kind::http_request);
  CHECK(parse_step_kind("queue.a.b") == step_kind::queue);
  CHECK(parse_step_kind("task.map") == step_kind::task_map);
  CHECK_FALSE(parse_step_kind("queue."));
  CHECK_FALSE(parse_step_kind("queue"));
  CHECK_FALSE(parse_step_kind(""));
  CHECK_FALSE(parse_step_kind("HTTP.request"));
  CHECK(fault_of("nobody.does", "{}") == "this server cannot run nobody.does");
  CHECK(can_be_item(step_kind::queue));
  CHECK_FALSE(can_be_item(step_kind::wait_for_event));
}

// -- http.request ---------------------------------------------------------------

TEST_CASE("a call is a delivery with what the step says", "[steps]") {
  const auto spec = child("http.request", R"({"url":"http://h/p","method":"PUT",
      "headers":{"X-A":"1","X-B":"2"},"json":{"n": 1.0}})",
                          5s, 3);
  CHECK(spec.target->url == "http://h/p");
  CHECK(spec.target->method == "PUT");
  CHECK(spec.target->headers
        == std::vector<std::pair<std::string, std::string>>{{"X-A", "1"}, {"X-B", "2"}});
  CHECK(spec.target->body == body_form::payload);
  CHECK(spec.payload == R"({"n": 1.0})");
  CHECK((spec.timeout == 5s && spec.retry.retries_max == 3));
  CHECK((spec.priority == 2 && spec.cause == trigger_cause::parent));
  CHECK((spec.scheduled_for == noon && spec.created_at == noon));
}

TEST_CASE("a call without more is a GET without a body, for ten minutes", "[steps]") {
  const auto spec = child("http.request", R"({"url":"http://h/p"})");
  CHECK(spec.target->method == "GET");
  CHECK(spec.target->body == body_form::none);
  CHECK(spec.timeout == 10min);
}

TEST_CASE("a body is text or JSON, and the call's own timeout counts", "[steps]") {
  const auto text = child("http.request", R"({"url":"http://h","body":"x\ny"})");
  CHECK((text.target->body == body_form::text && text.payload == R"("x\ny")"));
  const auto json =
      child("http.request", R"({"url":"http://h","body":[1],"timeout_seconds":0.0001})", 5s);
  CHECK((json.target->body == body_form::payload && json.payload == "[1]"));
  CHECK(json.timeout == 1ms);
}

TEST_CASE("a call that cannot be made says why", "[steps]") {
  const auto [with, why] = GENERATE(table<std::string, std::string>({
      {R"({})", "with.url must be a text"},
      {R"({"url":7})", "with.url must be a text"},
      {R"({"url":""})", "with.url must be a text"},
      {R"({"url":"group:g"})", "with.url"},
      {R"({"url":"event:t"})", "with.url"},
      {R"({"url":"/p"})", "with.url"},
      {R"({"url":"http://h","method":"HEAD"})", "with.method must be"},
      {R"({"url":"http://h","method":"GET\r\n"})", "with.method must be"},
      {R"({"url":"http://h","headers":[]})", "with.headers must be an object"},
      {R"({"url":"http://h","headers":{"A b":"1"}})", "with.headers.A b"},
      {R"({"url":"http://h","headers":{"A":"1\r\nB: 2"}})", "with.headers.A"},
      {R"({"url":"http://h","headers":{"A":1}})", "with.headers.A"},
      {R"({"url":"http://h","headers":{"Host":"x"}})", "with.headers.Host is set"},
      {R"({"url":"http://h","headers":{"Webhook-Id":"x"}})", "with.headers.Webhook-Id is set"},
      {R"({"url":"http://h","timeout_seconds":-1})", "with.timeout_seconds"},
      {R"({"url":"http://h","timeout_seconds":1e300})", "with.timeout_seconds"},
      {R"({"url":"http://h","colour":1})", "with.colour is not known to http.request"},
  }));
  CHECK_THAT(fault_of("http.request", with), Catch::StartsWith(why));
}

// -- the others -----------------------------------------------------------------

TEST_CASE("a worker's step is a pull task that somebody must take in time", "[steps]") {
  const auto spec = child("queue.a.b", R"({"n":1})", 30s, 2);
  CHECK((spec.task_type == "a.b" && spec.payload == R"({"n":1})"));
  CHECK((spec.timeout == 30s && spec.expires_at == noon + 30s && spec.retry.retries_max == 2));
  CHECK_FALSE(child("queue.a", "{}").expires_at);
}

TEST_CASE("no name leads to a queue of the server's own", "[steps]") {
  const auto name = GENERATE(std::string{command_queue}, std::string{inner_queue},
                             std::string{"a\nb"}, std::string(256, 'x'), std::string{"\x7F"});
  CHECK_THAT(fault_of("queue." + name, "{}"), Catch::StartsWith("the name of the queue"));
}

TEST_CASE("a command is a program with its arguments, or a line for the shell", "[steps]") {
  const auto program = child("command.run", R"({"args":["/bin/a","b c",3,{"d":1}],
      "env":{"A":"1","B":2},"working_dir":"/tmp"})");
  CHECK(program.command->args == std::vector<std::string>{"/bin/a", "b c", "3", R"({"d":1})"});
  CHECK(program.command->environment
        == std::vector<std::pair<std::string, std::string>>{{"A", "1"}, {"B", "2"}});
  CHECK(program.command->directory == "/tmp");
  const auto line = child("command.run", R"({"run":"echo \"$1\"","args":["x"]})");
  CHECK(line.command->args == std::vector<std::string>{"/bin/sh", "-c", R"(echo "$1")", "sh", "x"});
}

TEST_CASE("a command that cannot be started says why", "[steps]") {
  const auto [with, why] = GENERATE(table<std::string, std::string>({
      {R"({})", "with.args or with.run"},
      {R"({"args":[]})", "with.args or with.run"},
      {R"({"args":[""]})", "with.args or with.run"},
      {R"({"args":"ls"})", "with.args must be an array"},
      {R"({"run":7})", "with.run must be a text"},
      {R"({"run":""})", "with.run must be a text"},
      {R"({"run":"x","env":["A=1"]})", "with.env must be an object"},
      {R"({"run":"x","user":"root"})", "with.user is not known to command.run"},
  }));
  CHECK_THAT(fault_of("command.run", with), Catch::StartsWith(why));
}

TEST_CASE("a publication is a task with the topic as its target", "[steps]") {
  const auto spec = child("event.publish", R"({"topic":"a.b","payload":{"n":1.0}})");
  CHECK((spec.target->url == "event:a.b" && spec.payload == R"({"n":1.0})"));
  CHECK(queue_of(spec) == inner_queue);
  CHECK(child("event.publish", R"({"topic":"a"})").payload == "null");
}

TEST_CASE("topics are short and printable", "[steps]") {
  const auto* uses = GENERATE("event.publish", "wait.for_event");
  CHECK_THAT(fault_of(uses, R"({})"), Catch::StartsWith("with.topic"));
  CHECK_THAT(fault_of(uses, R"({"topic":"a\u0000b"})"), Catch::StartsWith("with.topic"));
  CHECK_THAT(fault_of(uses, R"({"topic":")" + std::string(201, 'x') + "\"}"),
             Catch::StartsWith("with.topic"));
}

TEST_CASE("a pause ends at a time or after a while", "[steps]") {
  CHECK(end_of_pause(R"({"until":"2030-08-02T00:00:00Z"})") == noon + 12h);
  CHECK(end_of_pause(R"({"duration":"PT1H"})") == noon + 1h);
  CHECK(end_of_pause(R"({"seconds":1.5})") == noon + 1'500ms);
  CHECK(end_of_pause(R"({"seconds":0})") == noon);
  CHECK(end_of_pause(R"({"until":"1999-01-01T00:00:00Z"})") < noon);
  const auto [with, why] = GENERATE(table<std::string, std::string>({
      {R"({})", "with.until, with.duration or with.seconds"},
      {R"({"until":"tomorrow"})", "with.until"},
      {R"({"until":null})", "with.until"},
      {R"({"duration":"1 hour"})", "with.duration"},
      {R"({"seconds":"1"})", "with.seconds"},
      {R"({"seconds":1,"for":2})", "with.for is not known to wait.until"},
  }));
  CHECK_THAT(fault_of("wait.until", with), Catch::StartsWith(why));
}

TEST_CASE("a wait for an event has a topic and, if wanted, a match and an end", "[steps]") {
  const auto whole = std::get<work_listen>(
      work("wait.for_event", R"({"topic":"t","match":"event.n","timeout_seconds":2})", 9s));
  CHECK((whole.topic == "t" && whole.match == "event.n" && whole.until == noon + 2s));
  CHECK(std::get<work_listen>(work("wait.for_event", R"({"topic":"t"})", 9s)).until == noon + 9s);
  CHECK_FALSE(std::get<work_listen>(work("wait.for_event", R"({"topic":"t"})")).until);
  CHECK_THAT(fault_of("wait.for_event", R"({"topic":"t","match":"a ="})"),
             Catch::StartsWith("with.match cannot be read"));
}

TEST_CASE("test steps give their arguments, or fail with their message", "[steps]") {
  CHECK(std::get<work_done>(work("test.echo", R"({"a": 1.0})")).output == R"({"a": 1.0})");
  CHECK(fault_of("test.fail", R"({"message":"no"})") == "no");
  CHECK(fault_of("test.fail", "{}") == "test.fail");
}

TEST_CASE("a fan-out has a list, a kind and a width", "[steps]") {
  const auto read = [](std::string_view with) { return read_map(*json::read(with)); };
  const auto rules =
      read(R"({"items":[1,"b"],"uses":"queue.q","with":{"a":1},"as":"it","width":3})");
  REQUIRE(rules.has_value());
  CHECK((rules->items.size() == 2 && rules->items[1].raw == R"("b")"));
  CHECK((rules->uses == "queue.q" && rules->with.raw == R"({"a":1})"));
  CHECK((rules->as == "it" && rules->width == 3));
  CHECK(read(R"({"items":[],"uses":"test.echo"})")->width == 10);
  const auto [with, why] = GENERATE(table<std::string, std::string>({
      {R"({"uses":"test.echo"})", "with.items must be a list"},
      {R"({"items":{},"uses":"test.echo"})", "with.items must be a list"},
      {R"({"items":[]})", "with.uses must be a text"},
      {R"({"items":[],"uses":"test.echo","width":0})", "with.width"},
      {R"({"items":[],"uses":"test.echo","width":101})", "with.width"},
      {R"({"items":[],"uses":"test.echo","width":"2"})", "with.width"},
      {R"({"items":[],"uses":"test.echo","colour":1})", "with.colour"},
  }));
  CHECK_THAT(read(with).error().detail, Catch::StartsWith(why));
  std::string many = "1";
  for (std::size_t more = 1; more <= map_items_max; ++more)
    many += ",1";
  CHECK_THAT(read(R"({"uses":"test.echo","items":[)" + many + "]}").error().detail,
             Catch::StartsWith("with.items must have at most"));
}

// -- what children give -----------------------------------------------------------

TEST_CASE("a call gives its status and its answer, as JSON if it is any", "[steps]") {
  attempt last{2, noon};
  last.http_status = 201;
  const auto [answer, body] = GENERATE(table<std::string, std::string>({
      {R"({"a": 1.0})", R"({"a": 1.0})"},
      {"", R"("")"},
      {"plain", R"("plain")"},
      {R"({"a":)", R"("{\"a\":")"},
      {"\xFF", "\"\uFFFD\""},
  }));
  last.answer = answer;
  const auto child = ended_child(a_delivery_spec(), task_status::completed, end_reason::success,
                                 {{1, noon}, last});
  CHECK(output_of_child(child) == R"({"status":201,"body":)" + body + "}");
}

TEST_CASE("a command gives its exit code, a worker its result", "[steps]") {
  attempt last{1, noon};
  last.exit_code = 0;
  const auto command =
      ended_child(a_command_spec(), task_status::completed, end_reason::success, {last});
  CHECK_THAT(output_of_child(command), Catch::StartsWith(R"({"exit_code":0,"task_id":"task_)"));
  auto worker = ended_child(a_spec(), task_status::completed, end_reason::success, {{1, noon}});
  CHECK(output_of_child(worker) == "null");
  worker.result = R"({"n":1.0})";
  CHECK(output_of_child(worker) == R"({"n":1.0})");
}

TEST_CASE("what did not complete says why", "[steps]") {
  attempt bad{1, noon};
  bad.error = "the target answered 500";
  const auto child = [&](task_status status, end_reason reason) {
    return error_of_child(ended_child(a_spec(), status, reason, {bad, {2, noon}}));
  };
  CHECK(child(task_status::failed, end_reason::error) == "the target answered 500");
  CHECK(child(task_status::failed, end_reason::crashed) == "the target answered 500 (crashed)");
  CHECK(child(task_status::completed, end_reason::success).empty());
  CHECK_THAT(error_of_child(ended_child(a_spec(), task_status::expired, end_reason::expired)),
             Catch::EndsWith(" is expired (expired)"));
}
