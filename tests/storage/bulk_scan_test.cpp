#include "storage/bulk_scan.hpp"

#include <catch2/catch.hpp>

#include "storage/bulk_record.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

namespace {

const task_state done = ended{task_status::completed, end_reason::success, noon};

template <class Disk>
struct world {
  void save(std::uint64_t number, const task_state& state, task_spec spec = a_spec()) {
    const auto id = an_id(number, static_cast<unsigned>(number % shard_count));
    change_set out;
    encode({std::make_shared<const task>(task{id, std::make_shared<const task_spec>(spec), state}),
            {},
            {}},
           out);
    REQUIRE(tasks.commit({&out}) == commit_status::durable);
  }

  /// The numbers of what is found, in pieces of `limit`.
  std::vector<std::uint64_t> found(bulk_action action, const task_filter& filter,
                                   std::uint64_t before = 1'000, std::size_t limit = 2) {
    std::vector<std::uint64_t> all;
    std::optional<task_id> behind;
    for (bool is_last = false; !is_last;) {
      const auto piece = find_for_bulk(tasks, action, filter, an_id(before), behind, limit);
      CHECK(piece.ids.size() <= limit);
      for (const auto& id : piece.ids)
        all.push_back(id.bytes[7] + 256U * id.bytes[6]);
      behind = piece.looked_at ? piece.looked_at : behind;
      is_last = piece.is_last;
    }
    return all;
  }

  Disk disk;
  task_store tasks{disk.engine()};
};

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEMPLATE_TEST_CASE("matching tasks of all shards are found once, the oldest first", "[bulk]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  for (std::uint64_t number = 1; number <= 9; ++number)
    with.save(number, number % 3 == 0 ? done : task_state{scheduled{}});
  CHECK(with.found(bulk_action::cancel, {}) == numbers{1, 2, 4, 5, 7, 8});
  CHECK(with.found(bulk_action::remove, {}) == numbers{3, 6, 9});
  CHECK(with.found(bulk_action::retry, {}).empty());
}

TEMPLATE_TEST_CASE("what is as new as the bound is not found", "[bulk]", in_memory, on_rocksdb) {
  world<TestType> with;
  for (std::uint64_t number = 1; number <= 5; ++number)
    with.save(number, scheduled{});
  CHECK(with.found(bulk_action::cancel, {}, 4) == numbers{1, 2, 3});
}

TEST_CASE("a look that meets too much to go through ends, and the next one goes on", "[bulk]") {
  world<in_memory> with;
  auto other = a_spec();
  other.task_type = "other";
  for (std::uint64_t number = 1; number <= 25'000; ++number)
    with.save(number, done);
  with.save(25'001, scheduled{});
  for (std::uint64_t number = 25'002; number <= 46'000; ++number)
    with.save(number, scheduled{}, other);
  with.save(46'001, scheduled{});
  task_filter filter;
  filter.task_types = {"mail"};
  const auto first = find_for_bulk(with.tasks, bulk_action::cancel, filter, an_id(100'000), {}, 10);
  CHECK_FALSE(first.is_last);
  CHECK(first.ids.empty());
  CHECK(with.found(bulk_action::cancel, filter, 100'000) == numbers{25'001, 46'001});
}

TEST_CASE("every part of the filter counts", "[bulk]") {
  world<in_memory> with;
  auto other = a_spec();
  other.task_type = "report";
  other.tags = {"night"};
  other.payload = R"({"for":"Ada"})";
  with.save(1, scheduled{});
  with.save(2, scheduled{}, other);
  with.save(3, queued{noon}, other);
  const auto cancel = [&](const task_filter& filter) {
    const auto all = with.found(bulk_action::cancel, filter);
    std::int64_t count = 0;
    if (const auto known = count_for_bulk(with.tasks, bulk_action::cancel, filter); *known)
      count = **known;
    else
      count = static_cast<std::int64_t>(all.size());
    CHECK(count == static_cast<std::int64_t>(all.size()));
    return all;
  };
  task_filter filter;
  filter.task_types = {"report"};
  CHECK(cancel(filter) == numbers{2, 3});
  filter.statuses = {task_status::queued, task_status::completed};
  CHECK(cancel(filter) == numbers{3});
  task_filter tagged;
  tagged.tags = {"night"};
  CHECK(cancel(tagged) == numbers{2, 3});
  task_filter text;
  text.text = "ADA";
  CHECK(cancel(text) == numbers{2, 3});
  text.text = "mai";
  CHECK(cancel(text) == numbers{1});
  task_filter none;
  none.statuses = {task_status::completed};
  CHECK(cancel(none).empty());
}

TEST_CASE("a job is on disk with all that it knows", "[bulk]") {
  in_memory disk;
  bulk_row row;
  row.job.id = an_id(77);
  row.job.action = bulk_action::remove;
  row.job.status = bulk_status::paused;
  row.job.created_at = noon;
  row.job.finished_at = noon + duration{5};
  row.job.total = 9;
  row.job.changed = 4;
  row.job.conflicts = 3;
  row.job.failed = 2;
  row.job.looked_at = an_id(12);
  row.job.piece = {an_id(11), an_id(12)};
  row.job.is_last_piece = true;
  row.filter.statuses = {task_status::failed, task_status::expired};
  row.filter.task_types = {"mail"};
  row.filter.tags = {"night", "day"};
  row.filter.created.from = noon;
  row.filter.created.to = noon + duration{1};
  row.filter.planned.from = noon + duration{2};
  row.filter.planned.to = noon + duration{3};
  row.filter.schedules = {an_id(3)};
  row.filter.reasons = {end_reason::timeout};
  row.filter.batches = {an_id(4), an_id(5)};
  row.filter.created_by = {"agent"};
  row.filter.ended = {noon, noon + duration{4}};
  row.filter.payload = {{"a.b", {"1", "\"x\""}}, {"c", {"null"}}};
  row.filter.text = "ada";
  change_set out;
  encode_bulk_change(row, out);
  REQUIRE(disk.engine().commit({&out}) == commit_status::durable);

  const auto found = load_bulk(disk.engine(), row.job.id);
  REQUIRE((found && *found));
  CHECK((*found)->job == row.job);
  CHECK(encode_bulk(**found) == encode_bulk(row));
  CHECK((*found)->filter == row.filter);
  CHECK(decode_bulk(row.job.id, encode_bulk(row).substr(0, 20)).error().kind
        == problem_kind::corrupt);

  row.job.id = an_id(78);
  encode_bulk_change(row, out);
  REQUIRE(disk.engine().commit({&out}) == commit_status::durable);
  const auto all = load_bulks(disk.engine());
  REQUIRE(all->size() == 2);
  CHECK(all->front().job.id == an_id(78));
}
