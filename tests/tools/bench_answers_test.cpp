#include <catch2/catch.hpp>

#include "tools/bench/payload.hpp"
#include "tools/bench/task_answers.hpp"

using namespace carillon::bench;
using namespace std::chrono_literals;

namespace {

const auto name = std::string{"task_0191e2c4-7d31-7abc-8def-0123456789ab"};
constexpr task_id id{0x0191e2c47d317abc, 0x8def0123456789ab};

}  // namespace

TEST_CASE("task ids are read and written back", "[bench]") {
  CHECK(parse_task_id(name) == id);
  CHECK(format_task_id(id) == name);
  CHECK_FALSE(parse_task_id("schedule_0191e2c4-7d31-7abc-8def-0123456789ab"));
  CHECK_FALSE(parse_task_id("task_0191e2c4"));
}

TEST_CASE("the id of a created task is found whatever stands before it", "[bench]") {
  CHECK(find_task_id(R"({"task_type":"bench","task_type_of_x":1,"id":")" + name + R"("})") == id);
  CHECK(find_task_id(R"({"index":0,"status":201,"id": ")" + name + R"("})") == id);
  CHECK_FALSE(find_task_id(R"({"task_type":"bench","title":"Unprocessable"})"));
  CHECK(
      find_id(R"({"schedule_kind":"cron","id":"schedule_)" + name.substr(5) + R"("})", "schedule_")
      == id);
}

TEST_CASE("numbers are found by their name", "[bench]") {
  CHECK(find_number(R"({"index":17,"status": 201})", "index") == 17u);
  CHECK(find_number(R"({"index":17,"status": 201})", "status") == 201u);
  CHECK_FALSE(find_number(R"({"index":"x"})", "index"));
  CHECK_FALSE(find_number(R"({"index":1})", "seq"));
}

TEST_CASE("leases are read with what the bench needs of them", "[bench]") {
  answer_reader reader;
  const auto leases = reader.read_leases(
      R"({"tasks":[{"task_id":")" + name
      + R"(","token":"a\"b","attempt":2,"task_type":"bench","payload":{"seq":7,"x":[1.50]},)"
        R"("scheduled_for":"2030-08-01T00:00:00.250Z",)"
        R"("lease_expires_at":"2030-08-01T00:01:00Z"}]})");

  REQUIRE(leases);
  REQUIRE(leases->size() == 1);
  const auto& first = leases->front();
  CHECK(first.id == id);
  CHECK(first.sequence == 7);
  CHECK(first.attempt == 2);
  CHECK(first.token == R"("a\"b")");
  CHECK(first.scheduled_for
        == std::chrono::sys_days{std::chrono::year{2030} / 8 / 1} + std::chrono::milliseconds{250});
}

TEST_CASE("no tasks is an answer, anything else is not", "[bench]") {
  answer_reader reader;
  CHECK(reader.read_leases(R"({"tasks":[]})")->empty());
  CHECK_FALSE(reader.read_leases(R"({"tasks":[{"task_id":"task_x"}]})"));
  CHECK_FALSE(reader.read_leases(R"({"title":"Service Unavailable"})"));
  CHECK_FALSE(reader.read_leases("not json"));
}

TEST_CASE("completions and totals are read", "[bench]") {
  answer_reader reader;
  const auto rows = reader.read_completions(R"({"results":[{"task_id":")" + name
                                            + R"(","status":409,"detail":"stale"}]})");
  REQUIRE(rows);
  CHECK(rows->at(0).id == id);
  CHECK(rows->at(0).status == 409);
  CHECK(reader.read_total(R"({"total":12,"tasks":[]})") == 12u);
  CHECK_FALSE(reader.read_total(R"({"tasks":[]})"));
}

TEST_CASE("runs of commands are read with their times and how they ended", "[bench]") {
  answer_reader reader;
  const auto runs = reader.read_runs(
      R"({"runs":[{"created_at":"2030-08-01T00:00:00.250Z","end_at":"2030-08-01T00:00:02Z",)"
      R"("end_reason":"success","exit_code":0,"id":")"
      + name.substr(5)
      + R"(","start_at":"2030-08-01T00:00:01Z","status":"ended"},)"
        R"({"created_at":"2030-08-01T00:00:00Z","exit_code":-1,"id":")"
      + name.substr(5) + R"(","status":"pending"}],"total":2})");

  REQUIRE(runs);
  REQUIRE(runs->size() == 2);
  const auto& ended = runs->front();
  CHECK(ended.id == id);
  CHECK(ended.end_reason == "success");
  CHECK(ended.exit_code == 0);
  REQUIRE(ended.start_at);
  CHECK(*ended.start_at - ended.created_at == 750ms);
  CHECK(*ended.end_at - *ended.start_at == 1s);
  const auto& waiting = runs->back();
  CHECK(waiting.exit_code == -1);
  CHECK(waiting.end_reason.empty());
  CHECK_FALSE(waiting.start_at);
  CHECK_FALSE(waiting.end_at);

  CHECK(find_id(R"({"$schema":"http://x/Run.json","id":")" + name.substr(5) + R"("})", "") == id);
  CHECK(format_uuid(id) == name.substr(5));
  CHECK_FALSE(reader.read_runs(R"({"runs":[{"id":"x","exit_code":0}]})"));
  CHECK_FALSE(reader.read_runs(R"({"runs":[{"created_at":"tomorrow","exit_code":0,"id":")"
                               + name.substr(5) + R"("}]})"));
}

TEST_CASE("what a command printed is read with the numbers of its lines", "[bench]") {
  answer_reader reader;
  const auto log = reader.read_printed(
      R"({"lines":[{"n":7,"ts":0,"stream":"stdout","text":"hello"}],)"
      R"("first_available":3,"total_lines":8,"truncated":true,"finalized":true})");

  REQUIRE(log);
  REQUIRE(log->lines.size() == 1);
  CHECK(log->lines[0].stream == "stdout");
  CHECK(log->lines[0].text == "hello");
  CHECK(log->total_lines == 8);
  CHECK(log->first_available == 3);
  CHECK_FALSE(reader.read_printed(R"({"lines":[]})"));
  CHECK_FALSE(reader.read_printed(R"({"title":"Not Found"})"));
}

TEST_CASE("instants are written and read back to the millisecond", "[bench]") {
  const due_time moment =
      std::chrono::sys_days{std::chrono::year{2028} / 2 / 29} + 23h + 5min + 9s + 7ms;
  std::string text;
  append_instant(text, moment);

  CHECK(text == "2028-02-29T23:05:09.007Z");
  CHECK(parse_instant(text) == moment);
  CHECK(parse_instant("2028-02-29T23:05:09Z") == moment - 7ms);
  CHECK_FALSE(parse_instant("2028-02-29T23:05:09+01:00"));
  CHECK_FALSE(parse_instant("2028-02-29T23:05:09.0071Z"));
  CHECK_FALSE(parse_instant("tomorrow"));
}

TEST_CASE("payloads are about as long as promised, differ, and come again with their seed",
          "[bench]") {
  payload_maker one{1};
  payload_maker same{1};
  payload_maker other{2};
  for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) {
    std::string first, second, third;
    one.append(first, sequence);
    same.append(second, sequence);
    other.append(third, sequence);
    REQUIRE(first == second);
    REQUIRE(first != third);
    REQUIRE(first.size() >= 480);
    REQUIRE(first.size() <= 560);
    REQUIRE(find_number(first, "seq") == sequence);
    REQUIRE_FALSE(find_task_id(first));
  }
}
