#include "tools/cli/request.hpp"

#include "tests/tools/cli/calling.hpp"
#include "tools/cli/json_merge.hpp"

namespace carillon::cli {

using namespace test;

namespace {

http_request asked(const std::vector<std::string>& all) {
  auto request = to_request(called(all));
  if (!request)
    FAIL(request.error().detail);
  return *std::move(request);
}

http_request asked(const std::string& line) {
  return asked(words(line));
}

}  // namespace

TEST_CASE("options become a query, encoded", "[cli]") {
  const auto request = asked({"tasks", "list", "--text", "a b&c", "--status", "failed,queued"});
  CHECK(request.method == "GET");
  CHECK(request.target == "/v1/tasks?status=failed%2Cqueued&text=a%20b%26c");
  CHECK(request.body.empty());
}

TEST_CASE("what stands in the path is encoded", "[cli]") {
  CHECK(asked("queues get a/b").target == "/v1/queues/a%2Fb");
  CHECK(asked("agents revoke a1 t1").target == "/agents/a1/credentials/t1");
}

TEST_CASE("a query is added to the one that a command has already", "[cli]") {
  CHECK(asked("workers list --queue mail").target == "/v1/tasks?status=processing&task_type=mail");
  CHECK(asked("definitions runs d1 --errors").target == "/runs?task_id=d1&include_errors=true");
}

TEST_CASE("options become a body, nested where the server nests", "[cli]") {
  CHECK(asked({"tasks", "create", "--task-type", "mail", "--payload", R"({"n":1.50})", "--tag", "a",
               "--tag", "b,c", "--priority", "3", "--max-retries", "0", "--backoff", "fixed"})
            .body
        == R"({"task_type":"mail","payload":{"n":1.50},"priority":3,"tags":["a","b,c"],)"
           R"("retry":{"max_retries":0,"backoff":"fixed"}})");
}

TEST_CASE("a body that is given goes as it is, and options beat its members", "[cli]") {
  const std::string data = R"({"payload": {"n": 1.50}, "retry":{"delay":"1s","max_retries":9}})";
  auto create = called({"tasks", "create", "--data", data});
  CHECK(*to_body(create) == data);
  CHECK(*to_body(called({"tasks", "create", "--data", data, "--max-retries", "1"}))
        == R"({"payload":{"n": 1.50},"retry":{"delay":"1s","max_retries":1}})");
}

TEST_CASE("what is cleared becomes null", "[cli]") {
  const auto request = asked("schedules update s1 --clear end_at --clear name --lead 1m");
  CHECK(request.method == "PATCH");
  CHECK(request.body == R"({"end_at":null,"name":null,"lead":"1m"})");
}

TEST_CASE("a command without a body sends none", "[cli]") {
  CHECK(asked("tasks cancel task_1").body.empty());
}

TEST_CASE("a wait is a preference of the request", "[cli]") {
  const auto request = asked("tasks trigger task_1 --wait 15");
  REQUIRE(request.headers.size() == 1);
  CHECK(request.headers[0] == std::pair<std::string, std::string>{"Prefer", "wait=15"});
}

TEST_CASE("what is said of one lease goes into a list of leases", "[cli]") {
  CHECK(asked("workers complete task_1 77 --result true").body
        == R"({"leases":[{"task_id":"task_1","token":"77","result":true}]})");
}

TEST_CASE("all values that are no numbers or no JSON are told at once", "[cli]") {
  const auto request =
      to_request(called({"tasks", "create", "--priority", "high", "--payload", "{a}"}));
  REQUIRE(request.has_error());
  REQUIRE(request.error().faults.size() == 2);
  CHECK(request.error().faults[0].location == "--payload");
  CHECK(request.error().faults[1].location == "--priority");
}

TEST_CASE("a body that is no object takes no options", "[cli]") {
  CHECK(to_request(called({"tasks", "create", "--data", "[1]", "--priority", "1"})).has_error());
  CHECK(to_request(called({"tasks", "create", "--data", "{"})).has_error());
}

TEST_CASE("changes reach into objects and make those that are missing", "[cli]") {
  CHECK(merge_json("{}", {{"a.b.c", "1"}, {"a.d", "2"}}) == R"({"a":{"b":{"c":1},"d":2}})");
  CHECK(merge_json(R"({"a":"text","z":0})", {{"a.b", "1"}}) == R"({"a":{"b":1},"z":0})");
  CHECK(merge_json(R"({"a":{"b":1}})", {{"a", "null"}}) == R"({"a":null})");
}

}  // namespace carillon::cli
