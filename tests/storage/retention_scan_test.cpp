#include "storage/retention_scan.hpp"

#include <catch2/catch.hpp>

#include <set>

#include "storage/schedule_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/schedule_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

constexpr unsigned shard = 7;

const task_state done = ended{task_status::completed, end_reason::success, noon};
const task_state failed = ended{task_status::failed, end_reason::error, noon};
const task_state skipped = ended{task_status::skipped, end_reason::paused, noon};

/// An id of a task that was made at `moment`, the `number`th of its millisecond.
task_id made_at(instant moment, std::uint8_t number = 1, unsigned where = shard) {
  auto id = first_id_at(moment);
  id.bytes[6] = 0x70;
  id.bytes[14] = number;
  id.bytes[15] = static_cast<std::uint8_t>(where);
  return id;
}

template <class Disk>
struct world {
  task_ptr save(const task_id& id, const task_state& state,
                const std::optional<schedule_id>& maker = {}) {
    auto spec = a_spec();
    spec.schedule = maker;
    spec.cause = maker ? trigger_cause::schedule : trigger_cause::api;
    const auto made =
        std::make_shared<const task>(task{id, std::make_shared<const task_spec>(spec), state});
    change_set out;
    encode({made, {}, {}}, out);
    commit(out);
    return made;
  }
  schedule_id schedule_with(std::uint64_t number, const retention_rules& keep) {
    schedule subject;
    subject.id = a_schedule_id(number, shard);
    schedule_spec spec;
    spec.keep = keep;
    subject.spec = std::make_shared<const schedule_spec>(spec);
    change_set out;
    encode(schedule_changes{subject, {}, {}}, out);
    commit(out);
    return subject.id;
  }
  void commit(const change_set& out) { REQUIRE(tasks.commit({&out}) == commit_status::durable); }

  /// What goes, in the order in which it is found. `limit` is kept by every piece.
  std::vector<task_id> old(const retention_rules& by_default, std::size_t limit = 1'000) {
    retention_scan scan{by_default, noon};
    std::vector<task_id> all;
    for (bool is_last = false; !is_last;) {
      auto piece = scan.next(disk.engine(), limit);
      CHECK(piece.ids.size() <= limit);
      all.insert(all.end(), piece.ids.begin(), piece.ids.end());
      is_last = piece.is_last;
    }
    return all;
  }

  Disk disk;
  task_store tasks{disk.engine()};
};

std::set<std::string> keys_of(const engine& disk) {
  std::set<std::string> keys;
  for (const auto where : {space::rows, space::index}) {
    const auto at = std::move(disk.read(where, 1).front());
    for (at->seek(""); at->valid(); at->next())
      keys.insert((where == space::rows ? "rows " : "index ") + std::string{at->key()});
  }
  return keys;
}

}  // namespace

TEMPLATE_TEST_CASE("of a schedule all but the newest ended tasks go, oldest first", "[retention]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  const auto maker = with.schedule_with(1, {3, {}});
  const std::vector<task_state> ends{done, failed, skipped, done, skipped};
  std::vector<task_id> ids;
  for (std::uint8_t number = 0; number < 5; ++number)
    ids.push_back(with.save(made_at(noon - 1h, number), ends[number], maker)->id);
  CHECK(with.old({}) == std::vector{ids[0], ids[1]});
}

TEMPLATE_TEST_CASE("tasks that have not ended stay and do not count", "[retention]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  const auto maker = with.schedule_with(1, {1, 1h});
  with.save(made_at(noon - 9h), scheduled{}, maker);
  with.save(made_at(noon - 8h), processing{runner_kind::delivery}, maker);
  with.save(made_at(noon - 7h), retrying{noon}, maker);
  const auto gone = with.save(made_at(noon - 30min, 1), done, maker)->id;
  with.save(made_at(noon - 30min, 2), done, maker);
  with.save(made_at(noon - 10min), queued{noon}, maker);
  with.save(made_at(noon - 9h, 3), queued{noon});
  CHECK(with.old({1, 1h}) == std::vector{gone});
}

TEMPLATE_TEST_CASE("an age is kept to the millisecond", "[retention]", in_memory, on_rocksdb) {
  world<TestType> with;
  const auto maker = with.schedule_with(1, {{}, 1h});
  const auto gone = with.save(made_at(noon - 1h - 1ms), done, maker)->id;
  with.save(made_at(noon - 1h), done, maker);
  CHECK(with.old({}) == std::vector{gone});

  const auto other = with.save(made_at(noon - 2h - 1ms), failed)->id;
  with.save(made_at(noon - 2h), failed);
  CHECK(with.old({{}, 2h}) == std::vector{gone, other});
}

TEMPLATE_TEST_CASE("a task goes if either rule says so", "[retention]", in_memory, on_rocksdb) {
  world<TestType> with;
  const auto by_age = with.schedule_with(1, {3, 1h});
  const auto by_count = with.schedule_with(2, {1, 9h});
  const auto aged = with.save(made_at(noon - 2h, 1), done, by_age)->id;
  with.save(made_at(noon - 30min, 2), done, by_age);
  const auto counted = with.save(made_at(noon - 2h, 3), done, by_count)->id;
  with.save(made_at(noon - 30min, 4), done, by_count);
  const auto old = with.old({});
  CHECK(std::set(old.begin(), old.end()) == std::set{aged, counted});
}

TEMPLATE_TEST_CASE("the default is for those without rules of their own", "[retention]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  const auto longer = with.schedule_with(1, {{}, 100h});
  const auto counting = with.schedule_with(2, {5, {}});
  const auto without = with.schedule_with(3, {});
  std::set<task_id> gone;
  for (std::uint8_t number = 0; number < 20; number = static_cast<std::uint8_t>(number + 4)) {
    with.save(made_at(noon - 10h, number), number % 8 == 0 ? done : failed, longer);
    with.save(made_at(noon - 10h, number + 1), done, counting);
    gone.insert(with.save(made_at(noon - 10h, number + 2), done, without)->id);
    gone.insert(with.save(made_at(noon - 10h, number + 3, number), done)->id);
  }
  const auto old = with.old({{}, 1h});
  CHECK(old.size() == gone.size());
  CHECK(std::set(old.begin(), old.end()) == gone);
  CHECK(with.old({}).empty());
}

TEMPLATE_TEST_CASE("a default number is kept of each schedule without rules", "[retention]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  const auto one = with.schedule_with(1, {});
  const auto other = with.schedule_with(2, {});
  const auto counting = with.schedule_with(3, {2, {}});
  std::set<task_id> gone;
  for (std::uint8_t number = 0; number < 3; ++number) {
    const auto first = with.save(made_at(noon - 1h, number), done, one)->id;
    with.save(made_at(noon - 1h, number + 10, 9), done);
    const auto third = with.save(made_at(noon - 1h, number + 20), done, counting)->id;
    if (number < 2)
      gone.insert(first);
    if (number < 1)
      gone.insert(third);
  }
  with.save(made_at(noon - 1h, 30), done, other);
  const auto old = with.old({1, {}});
  CHECK(old.size() == gone.size());
  CHECK(std::set(old.begin(), old.end()) == gone);
}

TEMPLATE_TEST_CASE("pieces of any size find all, each once", "[retention]", in_memory, on_rocksdb) {
  world<TestType> with;
  const auto counting = with.schedule_with(1, {2, {}});
  const auto longer = with.schedule_with(2, {{}, 100h});
  for (std::uint8_t number = 0; number < 40; ++number) {
    with.save(made_at(noon - 2h, number), number % 2 == 0 ? done : failed, counting);
    with.save(made_at(noon - 3h, number, number % 3), done);
    with.save(made_at(noon - 2h, number + 100), done, longer);
  }
  const auto whole = with.old({{}, 1h});
  REQUIRE(whole.size() == 38 + 40);
  CHECK(with.old({{}, 1h}, 1) == whole);
  CHECK(with.old({{}, 1h}, 7) == whole);
  CHECK(std::set(whole.begin(), whole.end()).size() == whole.size());
}

TEMPLATE_TEST_CASE("what is removed between two pieces does not hide the rest", "[retention]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  const auto maker = with.schedule_with(1, {1, {}});
  std::vector<task_ptr> made;
  for (std::uint8_t number = 0; number < 9; ++number)
    made.push_back(with.save(made_at(noon - 2h, number), done, maker));
  retention_scan scan{{}, noon};
  REQUIRE(scan.next(with.disk.engine(), 4).ids.size() == 4);
  for (int number = 0; number < 4; ++number) {
    change_set out;
    encode({made[static_cast<std::size_t>(number)],
            carillon::facts_of(*made[static_cast<std::size_t>(number)]),
            {},
            true},
           out);
    with.commit(out);
  }
  const auto rest = scan.next(with.disk.engine(), 100);
  CHECK(rest.ids == std::vector{made[4]->id, made[5]->id, made[6]->id, made[7]->id});
  CHECK(rest.is_last);
}

TEMPLATE_TEST_CASE("a removed task leaves no key behind", "[retention]", in_memory, on_rocksdb) {
  world<TestType> with;
  auto spec = a_command_spec();
  spec.unique_id = "only-me";
  spec.components = {"disk"};
  spec.limit = {"db", 1};
  spec.retry.retries_max = 1;
  spec.schedule = a_schedule_id(1, shard);
  spec.cause = trigger_cause::catch_up;
  spec.stands_for = moment_range{noon + 1h, 2};
  change_set first;
  encode({std::make_shared<const task>(a_task(spec)), {}, {}}, first);
  with.commit(first);
  // The counters stay, at 0.
  const auto is_counter = [](const std::string& key) { return key.starts_with("index \xFF"); };
  CHECK(std::ranges::count_if(keys_of(with.disk.engine()), std::not_fn(is_counter)) == 7);

  auto before = a_task(spec);
  const auto step = [&](const task_event& what) {
    auto made = lifecycle::apply(before, what, noon);
    REQUIRE(made.has_value());
    change_set out;
    const auto after = std::make_shared<const task>(made->next);
    encode({after, carillon::facts_of(before), made->news, made->removed}, out);
    with.commit(out);
    before = *after;
  };
  step(event::due{});
  step(event::grant{runner_kind::command, 1, "", 0ms, 1});
  step(event::report{{noon, "log", "", "half way"}});
  step(event::cancel{});
  if (!has_ended(before))
    step(event::failed{std::get<processing>(before.state).token, attempt_outcome::canceled});
  REQUIRE(has_ended(before));
  step(event::forget{});

  CHECK(std::ranges::none_of(keys_of(with.disk.engine()), std::not_fn(is_counter)));
  CHECK(*with.tasks.count({}) == 0);
  task_filter of_schedules;
  of_schedules.is_scheduled = true;
  CHECK(*with.tasks.count(of_schedules) == 0);
  task_filter backups;
  backups.task_types = {"backup"};
  CHECK(*with.tasks.count(backups) == 0);
}
