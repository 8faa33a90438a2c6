#include "model/bulk_job.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;

namespace {

bulk_job a_job(bulk_action action = bulk_action::cancel) {
  bulk_job job;
  job.id = an_id(200);
  job.action = action;
  job.total = 4;
  return job;
}

problem refusal(problem_kind kind) {
  return {kind, "no"};
}

std::string words(const std::vector<task_status>& statuses) {
  std::string all;
  for (const auto status : statuses)
    all += std::string{to_string(status)} + " ";
  return all;
}

}  // namespace

TEST_CASE("an action looks at the tasks that it applies to", "[bulk]") {
  CHECK(words(bulk::statuses_for(bulk_action::cancel, {}))
        == "scheduled queued processing retrying ");
  CHECK(words(bulk::statuses_for(bulk_action::trigger, {})) == "scheduled ");
  CHECK(words(bulk::statuses_for(bulk_action::remove, {}))
        == "completed failed canceled expired skipped ");
  CHECK(
      words(bulk::statuses_for(bulk_action::cancel, {task_status::completed, task_status::queued}))
      == "queued ");
  CHECK(bulk::statuses_for(bulk_action::trigger, {task_status::failed}).empty());
}

TEST_CASE("a retrying task is retried at once only when it is named", "[bulk]") {
  CHECK(words(bulk::statuses_for(bulk_action::retry, {})) == "failed ");
  CHECK(words(bulk::statuses_for(bulk_action::retry, {task_status::retrying})) == "retrying ");
}

TEST_CASE("answers are counted, and what could not be saved is asked again", "[bulk]") {
  auto job = a_job();
  bulk::take(job, {an_id(1), an_id(2), an_id(3), an_id(4), an_id(5)}, an_id(9), false, noon);
  bulk::note(job, {task_ptr{}, refusal(problem_kind::conflict), refusal(problem_kind::not_found),
                   refusal(problem_kind::unavailable), refusal(problem_kind::corrupt)});
  CHECK(job.changed == 1);
  CHECK(job.conflicts == 2);
  CHECK(job.failed == 1);
  CHECK(bulk::done(job) == 4);
  CHECK(job.piece == std::vector{an_id(4)});
  CHECK(job.looked_at == an_id(9));
}

TEST_CASE("nothing left completes a job, nothing found on the way does not", "[bulk]") {
  auto job = a_job();
  bulk::take(job, {}, an_id(7), false, noon);
  CHECK(job.status == bulk_status::running);
  bulk::take(job, {an_id(8)}, an_id(8), true, noon);
  CHECK(job.status == bulk_status::running);
  CHECK(bulk::percent(job) < 100);
  bulk::note(job, {task_ptr{}});
  bulk::take(job, {}, {}, true, noon);
  CHECK(job.status == bulk_status::completed);
  CHECK(job.finished_at == noon);
  CHECK(bulk::percent(job) == 100);
  CHECK(job.looked_at == an_id(8));
}

TEST_CASE("what a job had done when the server ended is seen in the tasks", "[bulk]") {
  using status = task_status;
  struct row {
    bulk_action action;
    std::optional<status> now_is;
    char becomes;  // changed, conflict, asked again
  };
  const auto [action, now_is, becomes] = GENERATE(values<row>({
      {bulk_action::cancel, status::canceled, '+'},
      {bulk_action::cancel, status::scheduled, '?'},
      {bulk_action::cancel, status::completed, '!'},
      {bulk_action::cancel, std::nullopt, '!'},
      {bulk_action::retry, status::queued, '+'},
      {bulk_action::retry, status::completed, '+'},
      {bulk_action::retry, status::failed, '?'},
      {bulk_action::retry, status::canceled, '!'},
      {bulk_action::trigger, status::processing, '+'},
      {bulk_action::trigger, status::scheduled, '?'},
      {bulk_action::trigger, status::canceled, '!'},
      {bulk_action::remove, std::nullopt, '+'},
      {bulk_action::remove, status::failed, '?'},
      {bulk_action::remove, status::queued, '!'},
  }));
  auto job = a_job(action);
  job.piece = {an_id(1)};
  bulk::settle_interrupted(job, {now_is});
  CHECK(job.changed == (becomes == '+' ? 1 : 0));
  CHECK(job.conflicts == (becomes == '!' ? 1 : 0));
  CHECK(job.piece.size() == (becomes == '?' ? 1 : 0));
}

TEST_CASE("requests may be repeated, and come too late when a job is over", "[bulk]") {
  auto job = a_job();
  for (int twice = 0; twice < 2; ++twice) {
    REQUIRE(bulk::apply(job, bulk_request::pause, noon).has_value());
    CHECK(job.status == bulk_status::paused);
  }
  REQUIRE(bulk::apply(job, bulk_request::resume, noon).has_value());
  CHECK(job.status == bulk_status::running);
  for (int twice = 0; twice < 2; ++twice) {
    REQUIRE(bulk::apply(job, bulk_request::cancel, noon).has_value());
    CHECK(job.status == bulk_status::canceled);
  }
  for (const auto late : {bulk_request::pause, bulk_request::resume})
    CHECK(bulk::apply(job, late, noon).error().kind == problem_kind::conflict);
  job.status = bulk_status::completed;
  CHECK(bulk::apply(job, bulk_request::cancel, noon).error().kind == problem_kind::conflict);
}
