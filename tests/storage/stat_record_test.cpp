#include "storage/stat_record.hpp"

#include <catch2/catch.hpp>

#include "storage/due_walk.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

stat_bucket a_bucket(instant begin) {
  stat_counts counts;
  for (std::size_t at = 0; at < stat_count; ++at)
    counts.counts[at] = static_cast<std::int64_t>(at * 1'000);
  counts.start_lag.add(0ms, 3);
  counts.start_lag.add(24h);
  counts.run_time.add(1500ms, 100'000);
  stat_bucket bucket;
  bucket.begin = begin;
  bucket.add(counts, {"mail", "schedule_x", ""}, 2);
  bucket.add(counts, {"print", "", "mail"}, 2);
  bucket.add(counts, {"third", "", ""}, 2);
  return bucket;
}

void save(engine& disk, const change_set& changes) {
  REQUIRE(disk.commit({&changes}) == commit_status::durable);
}

}  // namespace

TEMPLATE_TEST_CASE("what was counted comes back as it was", "[stat_record]", in_memory,
                   on_rocksdb) {
  TestType store;
  change_set changes;
  encode_stats(stat_minutes, a_bucket(noon), changes);
  encode_stats(stat_minutes, a_bucket(noon + 1min), changes);
  encode_stats(stat_hours, a_bucket(noon), changes);
  save(store.engine(), changes);
  store.reopen();
  CHECK(load_stats(store.engine(), stat_minutes, noon).value() == a_bucket(noon));
  CHECK_FALSE(load_stats(store.engine(), stat_minutes, noon + 2min).value());
  CHECK(load_stats(store.engine(), stat_minutes, noon, noon + 1min).value()
        == std::vector{a_bucket(noon)});
  CHECK(load_stats(store.engine(), stat_minutes, noon - 1h, noon + 1h).value().size() == 2);
  CHECK(load_stats(store.engine(), stat_hours, noon, noon + 1h).value().size() == 1);
  CHECK(load_all_stats(store.engine()).value().size() == 3);
}

TEST_CASE("stretches go when their time is over, each grain by its own", "[stat_record]") {
  in_memory store;
  change_set changes;
  for (const auto begin : {noon - 49h, noon - 48h, noon})
    encode_stats(stat_minutes, a_bucket(begin), changes);
  encode_stats(stat_hours, a_bucket(noon - 49h), changes);
  save(store.engine(), changes);
  change_set removal;
  encode_stat_removal(store.engine(), stat_minutes, noon, removal);
  encode_stat_removal(store.engine(), stat_hours, noon, removal);
  save(store.engine(), removal);
  CHECK(load_stats(store.engine(), stat_minutes, noon - 90h, noon + 1h).value().size() == 2);
  CHECK(load_stats(store.engine(), stat_hours, noon - 90h, noon + 1h).value().size() == 1);
}

TEST_CASE("a damaged row is told of", "[stat_record]") {
  in_memory store;
  change_set changes;
  encode_stats(stat_minutes, a_bucket(noon), changes);
  std::string key;
  changes.for_each([&](const auto& made) { key = made.key; });
  changes.put(space::rows, key, "\x01\x03\xFF");
  save(store.engine(), changes);
  CHECK_FALSE(load_all_stats(store.engine()).has_value());
}

TEST_CASE("what is due comes in the order of time over all shards", "[due_walk]") {
  in_memory store;
  change_set changes;
  for (unsigned at = 0; at < 200; ++at) {
    auto subject = a_task(a_spec());
    subject.id = an_id(at, at % shard_count);
    auto spec = *subject.spec;
    spec.scheduled_for = noon + std::chrono::seconds{at * 37 % 100};
    subject.spec = std::make_shared<const task_spec>(spec);
    encode({std::make_shared<const task>(subject), {}, {}}, changes);
  }
  save(store.engine(), changes);
  due_walk walk{store.engine()};
  std::size_t count = 0;
  due_moment last{instant_min, {}};
  for (auto head = walk.peek(); head; head = walk.peek()) {
    CHECK(std::pair{last.moment, last.id} < std::pair{head->moment, head->id});
    last = *head;
    ++count;
    walk.pop();
  }
  CHECK(count == 200);
}
