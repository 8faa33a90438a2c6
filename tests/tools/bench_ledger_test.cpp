#include <catch2/catch.hpp>

#include "tools/bench/ledger.hpp"
#include "tools/bench/report.hpp"

using namespace carillon::bench;
using namespace std::chrono_literals;

namespace {

constexpr auto first_due = due_time{std::chrono::milliseconds{2'000'000'000'000}};

/// Three tasks, due one second apart, created under the ids 1, 2, 3.
ledger three_created() {
  ledger book{{.members = R"("task_type":"bench",)",
               .due = [](std::uint64_t sequence) { return first_due + sequence * 1s; },
               .count_max = 3},
              42};
  std::string body;
  while (const auto sequence = book.write_next(body))
    book.on_created(*sequence, {0, *sequence + 1});
  return book;
}

lease lease_of(std::uint64_t sequence) {
  lease seen;
  seen.sequence = sequence;
  seen.id = {0, sequence + 1};
  seen.scheduled_for = first_due + sequence * 1s;
  return seen;
}

using faults = std::vector<std::string>;

}  // namespace

TEST_CASE("a task is written as the API wants it", "[bench]") {
  ledger book{{.members = R"("task_type":"bench",)",
               .due = [](std::uint64_t) { return first_due; },
               .count_max = 1},
              42};
  std::string body;

  CHECK(book.write_next(body) == 0u);
  CHECK(body.starts_with(
      R"({"task_type":"bench","execute_after":"2033-05-18T03:33:20.000Z","payload":{"seq":0,)"));
  CHECK(body.ends_with("}}"));
  CHECK(book.bytes() == body.size());
  CHECK_FALSE(book.write_next(body));
}

TEST_CASE("a ledger of other things writes what it is told to", "[bench]") {
  ledger book{{.members = R"("task_type":"bench",)",
               .count_max = 1,
               .write =
                   [](std::string& out, std::uint64_t sequence) {
                     out += "{\"number\":" + std::to_string(sequence) + "}";
                   }},
              42};
  std::string body;

  CHECK(book.write_next(body) == 0u);
  CHECK(body == R"({"number":0})");
  CHECK(book.bytes() == body.size());
}

TEST_CASE("a closed ledger writes no more", "[bench]") {
  ledger book{{.members = "", .count_max = 10}, 42};
  std::string body;
  book.close();

  CHECK_FALSE(book.write_next(body));
  CHECK(body.empty());
}

TEST_CASE("a run in which each task was created, leased and completed once has no faults",
          "[bench]") {
  auto book = three_created();
  for (std::uint64_t sequence = 0; sequence < 3; ++sequence) {
    book.on_leased(lease_of(sequence), first_due + sequence * 1s);
    book.on_completed(lease_of(sequence));
  }

  CHECK(book.faults_of_creation() == faults{});
  CHECK(book.faults_of_start() == faults{});
  CHECK(book.faults_of_completion() == faults{});
}

TEST_CASE("lost and doubled tasks do not make up for each other", "[bench]") {
  auto book = three_created();
  for (const std::uint64_t sequence : {0, 1, 1}) {
    book.on_leased(lease_of(sequence), first_due + 5s);
    book.on_completed(lease_of(sequence));
  }

  CHECK(book.faults_of_start()
        == faults{"1 tasks were lost: never started", "1 tasks were started more than once"});
  CHECK(book.faults_of_completion()
        == faults{"1 tasks were not completed", "1 tasks were completed more than once"});
}

TEST_CASE("early by a microsecond is early", "[bench]") {
  auto book = three_created();
  for (std::uint64_t sequence = 0; sequence < 3; ++sequence)
    book.on_leased(lease_of(sequence), first_due + sequence * 1s - 1us);

  CHECK(book.faults_of_start() == faults{"3 tasks were early"});
}

TEST_CASE("a lease under another id or moment is a fault", "[bench]") {
  auto book = three_created();
  auto confused = lease_of(0);
  confused.id = {9, 9};
  auto moved = lease_of(1);
  moved.scheduled_for += 1ms;
  for (const auto& each : {confused, moved, lease_of(2)})
    book.on_leased(each, first_due + 5s);

  CHECK(book.faults_of_start()
        == faults{"1 tasks were leased under another id",
                  "1 tasks were leased with another due moment"});
}

TEST_CASE("a key that two tasks hold at a time is a fault", "[bench]") {
  ledger book{{.members = "", .count_max = 4, .keys = 2}, 42};
  std::string body;
  CHECK(book.write_next(body) == 0u);
  CHECK(body.starts_with(R"({"concurrency_key":"key-0",)"));
  while (book.write_next(body))
    continue;
  auto lease_in = [&](std::uint64_t sequence) {
    book.on_leased(lease_of(sequence), first_due);
    return lease_of(sequence);
  };
  const auto first = lease_in(0);
  lease_in(1);  // another key
  book.on_reported(first);
  lease_in(2);
  CHECK(book.faults_of_start() == faults{"1 tasks were lost: never started"});
  lease_in(3);
  CHECK(book.faults_of_start()
        == faults{"1 tasks were leased while another one held their key"});
}

TEST_CASE("creations are checked for answers and ids", "[bench]") {
  ledger book{{.members = "", .count_max = 3}, 42};
  std::string body;
  while (book.write_next(body))
    continue;
  book.on_created(0, {0, 1});
  book.on_created(1, {0, 1});
  book.on_created(7, {0, 2});

  CHECK(book.faults_of_creation()
        == faults{"1 tasks were not answered with 201", "1 ids were given twice",
                  "1 answers name tasks that were never asked for"});
}

TEST_CASE("the table shows each run, the median, and why a run is no result", "[bench]") {
  std::vector<run_report> runs(3);
  for (int index = 0; index < 3; ++index) {
    auto& run = runs[static_cast<std::size_t>(index)];
    run.workload = "W1";
    run.run = index + 1;
    run.add("rate_per_s", 1000.0 * (3 - index));
  }
  runs[2].faults = {"3 ids were given twice"};

  const auto table = to_table(runs);
  CHECK(table.find("3000        2000        1000          2000\n") != std::string::npos);
  CHECK(table.find("NO RESULT, run 3: 3 ids were given twice\n") != std::string::npos);
}

TEST_CASE("a report is one line of JSON", "[bench]") {
  run_report run{.workload = "W1", .variant = "8 connections", .run = 2};
  run.add("rate_per_s", 12.5);
  run.fault("answers \"200\"\n");

  const auto json = to_json(run, "2 x CPU");
  CHECK(
      json.starts_with(R"({"workload":"W1","variant":"8 connections","run":2,"ok":false,"at":")"));
  CHECK(json.ends_with(
      R"("machine":"2 x CPU","figures":{"rate_per_s":12.5},"faults":["answers \"200\"\u000a"]})"));
}
