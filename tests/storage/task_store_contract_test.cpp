#include <catch2/catch.hpp>
#include <optional>

#include "storage/keys.hpp"
#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

// The store keeps this on every engine. Lists and counts have a file of their own.

namespace {

task_ptr a_stored(const task_id& id, const task_spec& spec = a_spec(),
                  task_state state = scheduled{}) {
  return std::make_shared<task>(task{id, std::make_shared<task_spec>(spec), std::move(state)});
}

task_ptr a_scheduled(const task_id& id, instant moment) {
  auto spec = a_spec();
  spec.scheduled_for = moment;
  return a_stored(id, spec);
}

task_ptr a_queued(const task_id& id, instant since, std::string type = "mail", int priority = 5) {
  auto spec = a_spec();
  spec.task_type = std::move(type);
  spec.priority = priority;
  return a_stored(id, spec, queued{since});
}

template <class Disk>
struct world {
  commit_status save(const std::vector<task_change>& changes) {
    std::vector<change_set> sets(changes.size());
    std::vector<const change_set*> all;
    for (std::size_t at = 0; at < changes.size(); ++at) {
      encode(changes[at], sets[at]);
      all.push_back(&sets[at]);
    }
    return store->commit(all);
  }
  void create(const std::vector<task_ptr>& fresh) {
    std::vector<task_change> changes;
    for (const auto& one : fresh)
      changes.push_back({one, {}, {}});
    REQUIRE(save(changes) == commit_status::durable);
  }
  task load(const task_id& id) {
    const auto found = store->load(id);
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    return **found;
  }
  void reopen() {
    disk.reopen();
    store.emplace(disk.engine());
  }

  Disk disk;
  std::optional<task_store> store{disk.engine()};
};

std::vector<task_id> ids_of(const auto& found) {
  std::vector<task_id> ids;
  for (const auto& one : found)
    ids.push_back(one.id);
  return ids;
}

}  // namespace

// -- rows ---------------------------------------------------------------------

TEMPLATE_TEST_CASE("a task comes back as it was saved, after the next open too", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  const auto fresh = a_stored(an_id(1, 7));
  with.create({fresh});
  CHECK(same(with.load(fresh->id), *fresh));
  with.reopen();
  CHECK(same(with.load(fresh->id), *fresh));
  CHECK_FALSE(with.store->load(an_id(2, 7))->has_value());
}

TEMPLATE_TEST_CASE("the last state that was saved counts", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  life subject;
  auto before = std::make_shared<task>(subject.subject());
  with.create({before});
  for (const auto& step : std::vector<task_event>{
           event::grant{runner_kind::lease, 1, "w", 1min}, event::release{1ULL << 32 | 1},
           event::grant{runner_kind::lease, 1, "w", 1min}, event::cancel{}}) {
    subject.wait(1s).tell(step);
    const auto after = std::make_shared<task>(subject.subject());
    REQUIRE(with.save({{after, facts_of(*before), {}}}) == commit_status::durable);
    CHECK(same(with.load(after->id), *after));
    before = after;
  }
  with.reopen();
  CHECK(same(with.load(before->id), *before));
}

TEMPLATE_TEST_CASE("one batch is there whole or not at all", "[store]", in_memory, on_rocksdb) {
  TestType disk;
  faulty_engine faulty{disk.engine()};
  task_store store{faulty};
  change_set one;
  change_set other;
  encode({a_queued(an_id(1), noon), {}, {}}, one);
  encode({a_queued(an_id(2, 9), noon), {}, {}}, other);

  const auto refusal = GENERATE(commit_status::no_space, commit_status::failed);
  faulty.answer(refusal);
  CHECK(store.commit({&one, &other}) == refusal);
  CHECK_FALSE(store.load(an_id(1))->has_value());
  CHECK(store.scan_ready("mail", 9).empty());
  CHECK(*store.count({}) == 0);

  faulty.answer(commit_status::durable);
  CHECK(store.commit({&one, &other}) == commit_status::durable);
  CHECK(store.load(an_id(1))->has_value());
  CHECK(store.load(an_id(2, 9))->has_value());
  CHECK(store.scan_ready("mail", 9).size() == 2);
  CHECK(*store.count({}) == 2);
}

TEMPLATE_TEST_CASE("a task is found by its unique_id", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  auto spec = a_spec();
  spec.unique_id = "invoice 7";
  with.create({a_stored(an_id(1, shard_of_name("invoice 7")), spec), a_stored(an_id(2))});
  CHECK(*with.store->find_unique("invoice 7") == an_id(1, shard_of_name("invoice 7")));
  CHECK_FALSE(with.store->find_unique("invoice")->has_value());
  CHECK_FALSE(with.store->find_unique("")->has_value());
}

TEMPLATE_TEST_CASE("news come oldest first, the newest when there are too many", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  life subject;
  auto before = std::make_shared<task>(subject.subject());
  with.create({before, a_stored(an_id(2)), a_stored(an_id(0))});
  std::vector<task_news> told;
  for (int count = 0; count < 300; ++count) {
    told.push_back({noon + duration{count}, "log", "disk", std::to_string(count)});
    subject.tell(event::report{told.back()});
    const auto after = std::make_shared<task>(subject.subject());
    REQUIRE(with.save({{after, facts_of(*before), subject.last.news}}) == commit_status::durable);
    before = after;
  }
  CHECK(*with.store->news_of(before->id, 1000) == told);
  CHECK(*with.store->news_of(before->id, 2) == std::vector{told[298], told[299]});
  CHECK(with.store->news_of(an_id(2), 9)->empty());
  CHECK(with.store->news_of(an_id(0), 9)->empty());
}

TEMPLATE_TEST_CASE("a row that does not decode is told as corrupt", "[store]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  with.create({a_stored(an_id(1))});
  change_set damage;
  damage.put(space::rows, keys::task_row(an_id(1)), "\x01\x03\x7F");
  REQUIRE(with.disk.engine().commit({&damage}) == commit_status::durable);
  CHECK(with.store->load(an_id(1)).error().kind == problem_kind::corrupt);
  CHECK(with.store->list({}, {}).error().kind == problem_kind::corrupt);
}

// -- due ----------------------------------------------------------------------

TEMPLATE_TEST_CASE("what is due comes in time order, between its bounds, of one shard", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  const instant epoch{};
  with.create({a_scheduled(an_id(1, 3), noon), a_scheduled(an_id(2, 3), noon - 1ms),
               a_scheduled(an_id(3, 3), epoch - 1h), a_scheduled(an_id(4, 3), instant_min),
               a_scheduled(an_id(5, 3), epoch), a_scheduled(an_id(6, 4), noon),
               a_scheduled(an_id(7, 2), noon), a_scheduled(an_id(8, 3), noon),
               a_scheduled(an_id(9, 3), noon + 1ms)});
  const auto due = [&](instant from, instant before, std::size_t limit = 99) {
    return ids_of(with.store->scan_due(3, from, before, limit));
  };
  const auto ids = [](std::initializer_list<unsigned> numbers) {
    std::vector<task_id> made;
    for (const auto number : numbers)
      made.push_back(an_id(number, 3));
    return made;
  };
  CHECK(due(instant_min, instant_max) == ids({4, 3, 5, 2, 1, 8, 9}));
  CHECK(due(epoch - 1h, noon) == ids({3, 5, 2}));  // the first bound is in, the second out
  CHECK(due(epoch - 1h + 1ms, noon + 1ms) == ids({5, 2, 1, 8}));
  CHECK(due(instant::min(), epoch) == ids({4, 3}));
  CHECK(due(instant_min, instant_max, 2) == ids({4, 3}));
  CHECK(due(noon + 2ms, instant_max).empty());
  CHECK(due(noon, noon).empty());
  CHECK(with.store->scan_due(3, noon, noon + 1ms, 1).front().moment == noon);
}

TEMPLATE_TEST_CASE("the first moment of all shards is known", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  CHECK_FALSE(with.store->first_due(instant_min));
  with.create({a_scheduled(an_id(1, 63), noon), a_scheduled(an_id(2, 0), noon + 1h),
               a_scheduled(an_id(3, 31), instant{} - 1h)});
  CHECK(with.store->first_due(instant::min()) == instant{} - 1h);
  CHECK(with.store->first_due(instant{}) == noon);
  CHECK(with.store->first_due(noon) == noon);
  CHECK(with.store->first_due(noon + 1ms) == noon + 1h);
  CHECK_FALSE(with.store->first_due(noon + 2h));
}

// -- ready --------------------------------------------------------------------

TEMPLATE_TEST_CASE("a queue is one line over all shards, lowest rank first", "[store]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  std::vector<task_ptr> fresh;
  std::vector<ready_entry> expected_line;
  for (unsigned number = 0; number < 200; ++number) {
    const auto since = noon + duration{number * 7919 % 200};
    const auto priority = 1 + static_cast<int>(number % 9);
    fresh.push_back(a_queued(an_id(number, number % shard_count), since, "mail", priority));
    expected_line.push_back({since + priority * ageing_step, fresh.back()->id});
  }
  fresh.push_back(a_queued(an_id(900), noon - 1h, "mail2"));
  fresh.push_back(a_queued(an_id(901), noon - 1h, "mai"));
  fresh.push_back(a_stored(an_id(902), a_delivery_spec(), queued{noon - 1h}));
  with.create(fresh);
  std::sort(expected_line.begin(), expected_line.end());

  CHECK(with.store->scan_ready("mail", 1000) == expected_line);
  for (const std::size_t limit : {1U, 2U, 50U, 199U, 200U}) {
    const auto head = with.store->scan_ready("mail", limit);
    CHECK(head
          == std::vector(expected_line.begin(),
                         expected_line.begin() + static_cast<std::ptrdiff_t>(limit)));
  }
  CHECK(ids_of(with.store->scan_ready(queue_of_host("127.0.0.1:80"), 9))
        == std::vector{an_id(902)});
  CHECK(with.store->scan_ready("nobody's", 9).empty());
}

TEMPLATE_TEST_CASE("queues with tasks are found by how their names begin", "[store]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  const auto spec_for = [](std::string host) {
    auto spec = a_delivery_spec();
    spec.target->url = "http://" + std::move(host) + "/hook";
    return spec;
  };
  std::vector<task_ptr> fresh;
  unsigned number = 0;
  for (const char* host : {"a", "ab", "a-b", "b", "b", "b", "[::1]:9000"})
    for (int copy = 0; copy < 3; ++copy, ++number)
      fresh.push_back(
          a_stored(an_id(number, 7 * number % shard_count), spec_for(host), queued{noon}));
  fresh.push_back(a_queued(an_id(900), noon));
  fresh.push_back(a_stored(an_id(901), a_command_spec(), queued{noon}));
  with.create(fresh);
  CHECK(with.store->ready_queues(host_queues)
        == std::vector<std::string>{"\x04[::1]:9000",
                                    "\x04"
                                    "a-b:80",
                                    "\x04"
                                    "a:80",
                                    "\x04"
                                    "ab:80",
                                    "\x04"
                                    "b:80"});
}

TEMPLATE_TEST_CASE("tasks of a queue that they no longer belong to are moved to theirs", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  std::vector<task_ptr> fresh;
  for (unsigned number = 0; number < 30; ++number)
    fresh.push_back(a_stored(an_id(number, number % shard_count), a_delivery_spec(),
                             queued{noon + duration{number}}));
  with.create(fresh);
  // As an earlier version wrote them.
  const auto queue = queue_of(a_delivery_spec());
  change_set old;
  for (const auto& entry : with.store->scan_ready(queue, 100)) {
    old.erase(space::index, keys::ready_entry(entry.id, queue, entry.rank));
    old.put(space::index, keys::ready_entry(entry.id, former_delivery_queue, entry.rank), {});
  }
  with.store->commit({&old});
  const auto line = with.store->scan_ready(former_delivery_queue, 100);
  REQUIRE(line.size() == 30);

  CHECK(*with.store->rehome_ready(former_delivery_queue) == 30);
  CHECK(with.store->scan_ready(queue, 100) == line);
  CHECK(with.store->scan_ready(former_delivery_queue, 100).empty());
  CHECK(*with.store->rehome_ready(former_delivery_queue) == 0);
}

TEMPLATE_TEST_CASE("a queue's line tells limits, and skips what waits behind what is in memory",
                   "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  const key_limit limit{"db", 3, 10, 1s};
  auto spec = a_spec();
  spec.limit = limit;
  std::vector<task_ptr> fresh;
  for (unsigned number = 0; number < 6; ++number)
    fresh.push_back(a_stored(an_id(number, number), spec, queued{noon + duration{number}}));
  fresh.push_back(a_queued(an_id(9), noon + 1h));
  with.create(fresh);

  const auto line = with.store->scan_ready("mail", 9);
  REQUIRE(line.size() == 7);
  CHECK(*line[0].limit == limit);
  CHECK_FALSE(line[6].limit);

  parked_tasks parked{1};
  parked.park(line[1]);
  auto bounds = parked.begin_reading();
  CHECK(ids_of(with.store->scan_ready("mail", 3, bounds))
        == std::vector{an_id(0, 0), an_id(1, 1), an_id(9)});
  CHECK(bounds.skipped().contains("db"));
}

TEMPLATE_TEST_CASE("who holds a key is known after any restart", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  auto spec = a_spec();
  spec.limit.key = "db";
  const auto holder = a_stored(an_id(1, 7), spec, processing{runner_kind::lease});
  with.create({holder, a_stored(an_id(2), spec, queued{noon})});
  with.reopen();
  CHECK(with.store->key_holders() == std::vector{std::pair{holder->id, std::string{"db"}}});
  with.save({{a_stored(holder->id, spec, queued{noon}), facts_of(*holder), {}}});
  CHECK(with.store->key_holders().empty());
}

// -- the store's own ----------------------------------------------------------

TEMPLATE_TEST_CASE("every open is a new epoch", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
    CHECK(*with.store->begin_epoch() == epoch);
    with.reopen();
  }
}

TEMPLATE_TEST_CASE("no epoch begins on a disk that takes no writes", "[store]", in_memory,
                   on_rocksdb) {
  TestType disk;
  faulty_engine faulty{disk.engine()};
  task_store store{faulty};
  faulty.answer(commit_status::no_space);
  CHECK(store.begin_epoch().error().kind == problem_kind::unavailable);
  faulty.answer(commit_status::durable);
  CHECK(*store.begin_epoch() == 1);
}

TEMPLATE_TEST_CASE("the manual clock is found where it stood", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  CHECK_FALSE(with.store->manual_time());
  for (const auto moment : {noon, instant{} - 1h}) {
    change_set change;
    encode_manual_time(moment, change);
    REQUIRE(with.store->commit({&change}) == commit_status::durable);
    with.reopen();
    CHECK(with.store->manual_time() == moment);
  }
}
