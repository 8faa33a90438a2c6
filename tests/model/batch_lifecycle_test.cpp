#include "model/batch_lifecycle.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using test::noon;
using namespace std::chrono_literals;

namespace {

batch a_batch() {
  return {test::an_id(7), std::make_shared<const batch_spec>()};
}

/// So many children of each status.
batch_counts counts_of(std::int64_t queued, std::int64_t completed, std::int64_t failed = 0) {
  batch_counts counts;
  counts.by_status[static_cast<std::size_t>(task_status::queued)] = queued;
  counts.by_status[static_cast<std::size_t>(task_status::completed)] = completed;
  counts.by_status[static_cast<std::size_t>(task_status::failed)] = failed;
  return counts;
}

batch_lifecycle::decision decided(const batch& subject, const batch_counts& counts,
                                  const batch_change& what, instant now = noon) {
  const auto made = batch_lifecycle::apply(subject, counts, what, now);
  REQUIRE(made.has_value());
  return *made;
}

batch sealed() {
  return decided(a_batch(), counts_of(1, 0), batch_event::seal{}).next;
}

batch finished() {
  return decided(sealed(), counts_of(0, 1, 1), batch_event::look{}).next;
}

}  // namespace

TEST_CASE("an open batch does not end, whatever became of its children", "[batch]") {
  const auto made = decided(a_batch(), counts_of(0, 5), batch_event::look{});
  CHECK_FALSE(made.changed);
  CHECK(status_of(made.next) == batch_status::open);
}

TEST_CASE("a sealed batch ends when no child is open, and once", "[batch]") {
  const auto running = decided(a_batch(), counts_of(2, 3), batch_event::seal{});
  CHECK(running.next.sealed_at == noon);
  CHECK_FALSE(running.finished);
  CHECK(status_of(running.next) == batch_status::running);

  CHECK_FALSE(decided(running.next, counts_of(1, 4), batch_event::look{}).changed);

  const auto end = decided(running.next, counts_of(0, 5), batch_event::look{}, noon + 1s);
  CHECK(end.finished);
  CHECK(end.next.finished_at == noon + 1s);
  CHECK(end.next.completions == 1);
  CHECK(end.next.is_event_due);
  CHECK(status_of(end.next) == batch_status::completed);

  CHECK_FALSE(decided(end.next, counts_of(0, 5), batch_event::look{}).changed);
}

TEST_CASE("a batch whose children have all ended, or that has none, ends when it is sealed",
          "[batch]") {
  const auto children = GENERATE(0, 4);
  const auto end = decided(a_batch(), counts_of(0, children), batch_event::seal{});
  CHECK(end.finished);
  CHECK(end.next.sealed_at == noon);
}

TEST_CASE("a seal that comes twice changes nothing", "[batch]") {
  CHECK_FALSE(decided(sealed(), counts_of(1, 0), batch_event::seal{}).changed);
  CHECK_FALSE(decided(finished(), counts_of(0, 1), batch_event::seal{}).changed);
}

TEST_CASE("a cancellation seals, and ends the batch when its pass is through", "[batch]") {
  const auto canceled = decided(a_batch(), counts_of(2, 0), batch_event::cancel{});
  CHECK(canceled.next.sealed_at == noon);
  CHECK(status_of(canceled.next) == batch_status::canceled);
  REQUIRE(canceled.next.pass == batch_pass{batch_pass_kind::cancel, 0});

  const auto part =
      decided(canceled.next, counts_of(0, 2), batch_event::passed{batch_pass_kind::cancel, 2});
  CHECK(part.next.pass->next == 2);
  CHECK_FALSE(part.finished);
  const auto end =
      decided(part.next, counts_of(0, 2), batch_event::passed{batch_pass_kind::cancel, {}});
  CHECK(end.finished);
  CHECK(status_of(end.next) == batch_status::canceled);
}

TEST_CASE("a retry of the failed opens an ended batch, which ends again", "[batch]") {
  const auto again = decided(finished(), counts_of(0, 1, 1), batch_event::retry_failed{});
  CHECK_FALSE(again.next.finished_at);
  REQUIRE(again.next.pass == batch_pass{batch_pass_kind::retry_failed, 0});
  CHECK_FALSE(again.finished);

  const auto passed =
      decided(again.next, counts_of(1, 1), batch_event::passed{batch_pass_kind::retry_failed, {}});
  CHECK_FALSE(passed.finished);
  const auto end = decided(passed.next, counts_of(0, 2), batch_event::look{});
  CHECK(end.finished);
  CHECK(end.next.completions == 2);
}

TEST_CASE("a retry when nothing has failed leaves the batch as it is", "[batch]") {
  CHECK_FALSE(decided(finished(), counts_of(0, 2), batch_event::retry_failed{}).changed);
  auto gone = counts_of(0, 1, 1);
  gone.removed = gone.by_status;
  CHECK_FALSE(decided(finished(), gone, batch_event::retry_failed{}).changed);
}

TEST_CASE("what cannot follow is a conflict", "[batch]") {
  const auto counts = counts_of(1, 0, 1);
  const auto canceled = decided(sealed(), counts, batch_event::cancel{}).next;
  const auto retried = decided(sealed(), counts, batch_event::retry_failed{}).next;
  const auto refused = [&](const batch& subject, const batch_change& what) {
    const auto made = batch_lifecycle::apply(subject, counts, what, noon);
    return !made && made.error().kind == problem_kind::conflict;
  };
  CHECK(refused(canceled, batch_event::seal{}));
  CHECK(refused(canceled, batch_event::retry_failed{}));
  CHECK(refused(retried, batch_event::retry_failed{}));
  CHECK(refused(finished(), batch_event::cancel{}));
}

TEST_CASE("a cancellation takes the place of a retry, and late news of that moves nothing",
          "[batch]") {
  const auto counts = counts_of(1, 0, 5);
  const auto retried = decided(sealed(), counts, batch_event::retry_failed{}).next;
  const auto canceled = decided(retried, counts, batch_event::cancel{}).next;
  const auto late =
      decided(canceled, counts, batch_event::passed{batch_pass_kind::retry_failed, 900});
  CHECK(late.next.pass == batch_pass{batch_pass_kind::cancel, 0});
}

TEST_CASE("only the news of the last end counts as told", "[batch]") {
  const auto end = finished();
  CHECK_FALSE(decided(end, counts_of(0, 2), batch_event::told{2}).changed);
  const auto told = decided(end, counts_of(0, 2), batch_event::told{1});
  CHECK_FALSE(told.next.is_event_due);
  CHECK_FALSE(decided(told.next, counts_of(0, 2), batch_event::told{1}).changed);
}

TEST_CASE("the payload of a completion tells which it is and what became of all", "[batch]") {
  CHECK(completion_payload(finished(), counts_of(0, 1, 1))
        == R"({"type":"batch.completed","batch_id":"batch_00000000-0000-0007-0000-000000000000",)"
           R"("completion":1,"name":"","status":"completed","counts":{"total":2,"completed":1,)"
           R"("failed":1,"canceled":0,"expired":0,"skipped":0},)"
           R"("created_at":"1970-01-01T00:00:00Z","finished_at":"2030-08-01T12:00:00Z",)"
           R"("metadata":null})");
}

TEST_CASE("ids of batches are read with their prefix and without", "[batch]") {
  const auto id = test::an_id(7);
  CHECK(parse_batch_id(to_batch_text(id)) == id);
  CHECK(parse_batch_id(to_uuid(id)) == id);
  CHECK_FALSE(parse_batch_id("batch_7"));
}
