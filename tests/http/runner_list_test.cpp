#include "http/runner_list.hpp"

#include <catch2/catch.hpp>

namespace carillon::http {

namespace {

using namespace std::chrono_literals;

constexpr instant noon = std::chrono::sys_days{std::chrono::year{2030} / 8 / 1} + 12h;

runner_run a_run(std::uint8_t number, std::string name = "backup") {
  runner_run run{};
  run.id.bytes[0] = number;
  run.number = 1;
  run.task_name = std::move(name);
  run.status = "ended";
  run.end_reason = "success";
  run.triggered_by = "cron";
  run.created_at = noon + number * 1s;
  run.start_at = noon;
  run.end_at = noon + number * 1s;
  run.exit_code = -number;
  return run;
}

runner_list list_of(std::vector<std::pair<std::string, std::string>> query) {
  request asked;
  asked.query = std::move(query);
  query_reader reader{asked};
  auto list = read_runner_list(reader);
  REQUIRE(std::move(reader).finish().has_value());
  return list;
}

bool is_refused(std::vector<std::pair<std::string, std::string>> query) {
  request asked;
  asked.query = std::move(query);
  query_reader reader{asked};
  read_runner_list(reader);
  return std::move(reader).finish().has_error();
}

/// The numbers of the runs that a list of these shows.
std::vector<int> shown(runner_list list, const std::vector<runner_run>& runs) {
  runner_page page{std::move(list)};
  for (const auto& run : runs)
    page.add(run);
  std::vector<int> numbers;
  for (const auto& run : page.take())
    numbers.push_back(run.id.bytes[0]);
  return numbers;
}

}  // namespace

TEST_CASE("the newest runs come first", "[runner]") {
  CHECK(shown(list_of({}), {a_run(2), a_run(3), a_run(1)}) == std::vector{3, 2, 1});
}

TEST_CASE("runs are sorted by any field in both directions", "[runner]") {
  const std::vector runs{a_run(1, "b"), a_run(2, "c"), a_run(3, "a")};
  const auto [field, rising] = GENERATE(table<std::string, std::vector<int>>({
      {"task_name", {3, 1, 2}},
      {"status", {1, 2, 3}},
      {"start_at", {1, 2, 3}},
      {"exit_code", {3, 2, 1}},
      {"duration", {1, 2, 3}},
      {"created_at", {1, 2, 3}},
  }));
  const std::vector<int> falling{rising.rbegin(), rising.rend()};
  CHECK(shown(list_of({{"sort_field", field}, {"sort_direction", "asc"}}), runs) == rising);
  CHECK(shown(list_of({{"sort_field", field}}), runs) == falling);
}

TEST_CASE("a page is right however many runs lie behind it", "[runner]") {
  std::vector<runner_run> runs;
  for (int count = 0; count < 5'000; ++count) {
    runs.push_back(a_run(1));
    runs.back().created_at = noon + ((count * 7919) % 5'000) * 1s;  // each once, in no order
    runs.back().id.bytes[0] = static_cast<std::uint8_t>((count * 7919) % 5'000 % 251);
  }
  runner_page page{list_of({{"limit", "3"}, {"offset", "2"}})};
  for (const auto& run : runs)
    page.add(run);
  CHECK(page.total() == 5'000);
  std::vector<instant> moments;
  for (const auto& run : page.take())
    moments.push_back(run.created_at);
  CHECK(moments == std::vector<instant>{noon + 4997s, noon + 4996s, noon + 4995s});
}

TEST_CASE("filters must all hold", "[runner]") {
  auto failed_retry = a_run(2);
  failed_retry.end_reason = "failed";
  failed_retry.number = 2;
  failed_retry.exit_code = 3;
  auto pending = a_run(3, "Mail");
  pending.status = "pending";
  pending.end_reason = "";
  pending.triggered_by = "api";
  pending.exit_code = -1;
  const std::vector runs{a_run(1), failed_retry, pending};
  using query = std::vector<std::pair<std::string, std::string>>;
  const auto [asked, wanted] = GENERATE(table<query, std::vector<int>>({
      {{{"status", "ended"}}, {2, 1}},
      {{{"status", "pending,failed"}}, {3, 2}},
      {{{"status", "ended"}, {"retries_only", "true"}}, {2}},
      {{{"task_name", "Mail"}}, {3}},
      {{{"search", "mAi"}}, {3}},
      {{{"search", "02000000"}}, {2}},
      {{{"triggered_by", "api"}}, {3}},
      {{{"exit_code_min", "0"}}, {2}},
      {{{"exit_code_max", "-1"}}, {3, 1}},
      {{{"created_after", "2030-08-01T12:00:02Z"}}, {3, 2}},
      {{{"created_before", "2030-08-01T12:00:02Z"}}, {2, 1}},
  }));
  CHECK(shown(list_of(asked), runs) == wanted);
}

TEST_CASE("a list with an unknown word or too far a page is refused", "[runner]") {
  CHECK(is_refused({{"status", "done"}}));
  CHECK(is_refused({{"triggered_by", "parent"}}));
  CHECK(is_refused({{"sort_field", "id"}}));
  CHECK(is_refused({{"limit", "1001"}}));
  CHECK(is_refused({{"offset", "100000"}}));
  CHECK_FALSE(is_refused({{"offset", "99950"}}));
}

}  // namespace carillon::http
