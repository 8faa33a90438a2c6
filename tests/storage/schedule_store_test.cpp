#include "storage/schedule_store.hpp"

#include <catch2/catch.hpp>

#include "storage/keys.hpp"
#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/schedule_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

// The store keeps this on every engine.

namespace {

template <class Disk>
struct world {
  void save(const schedule& after, const schedule* before = nullptr) {
    change_set out;
    if (before != nullptr)
      encode(schedule_changes{after, storage::facts_of(*before), before->spec}, out);
    else
      encode(schedule_changes{after, {}, {}}, out);
    commit(out);
  }
  task_ptr save(task fresh) {
    const auto made = std::make_shared<const task>(std::move(fresh));
    change_set out;
    encode(task_change{made, {}, {}}, out);
    commit(out);
    return made;
  }
  void move(const task_ptr& before, task_state state) {
    auto after = *before;
    after.state = std::move(state);
    change_set out;
    encode(task_change{std::make_shared<const task>(after), carillon::facts_of(*before), {}}, out);
    commit(out);
  }
  void commit(const change_set& out) { REQUIRE(tasks.commit({&out}) == commit_status::durable); }

  Disk disk;
  task_store tasks{disk.engine()};
  schedule_store schedules{disk.engine()};
};

schedule a_schedule(std::uint64_t number, unsigned shard = 7) {
  schedule subject;
  subject.id = a_schedule_id(number, shard);
  schedule_spec spec;
  spec.expr = "0 8 * * *";
  subject.spec = std::make_shared<const schedule_spec>(spec);
  subject.created_at = noon;
  return subject;
}

/// A task of the schedule with the number 1, in its shard.
task made_task(std::uint64_t number, instant planned, task_state state = scheduled{}) {
  auto spec = a_spec();
  spec.cause = trigger_cause::schedule;
  spec.schedule = a_schedule_id(1, 7);
  spec.scheduled_for = planned;
  return {an_id(number, 7), std::make_shared<const task_spec>(spec), std::move(state)};
}

}  // namespace

TEMPLATE_TEST_CASE("a schedule comes back as it was saved last", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  const auto fresh = a_full_schedule();
  with.save(fresh);
  CHECK(same(**with.schedules.load(fresh.id), fresh));
  auto moved = fresh;
  moved.cursor = noon + 24h;
  with.save(moved, &fresh);
  CHECK(same(**with.schedules.load(fresh.id), moved));
  CHECK_FALSE((*with.schedules.load(a_schedule_id(2))).has_value());
}

TEMPLATE_TEST_CASE("a schedule is due at the moment it must be woken, and then no longer",
                   "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  auto subject = a_schedule(1);
  subject.wake_at = noon;
  with.save(subject);
  const auto due = with.tasks.scan_due(7, noon - 1h, noon + 1h, 10);
  REQUIRE(due.size() == 1);
  CHECK(due[0].id == subject.id);
  CHECK(names_schedule(due[0].id));
  auto ended = subject;
  ended.wake_at.reset();
  with.save(ended, &subject);
  CHECK(with.tasks.scan_due(7, noon - 1h, noon + 1h, 10).empty());
}

TEMPLATE_TEST_CASE("the open tasks of a schedule are those that have not ended", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  with.save(made_task(1, noon, queued{noon}));
  with.save(made_task(2, noon + 1h, queued{noon, true}));
  with.save(made_task(3, noon + 2h, scheduled{noon + 5h}));
  const auto done = with.save(made_task(4, noon));
  with.move(done, ended{task_status::completed, end_reason::success, noon});

  const auto open = with.schedules.open_tasks(a_schedule_id(1, 7));
  REQUIRE(open.size() == 3);
  CHECK(open[0] == open_task{an_id(1, 7), task_status::queued, false, noon, noon});
  CHECK(open[1] == open_task{an_id(2, 7), task_status::queued, true, noon + 1h, noon + 1h});
  CHECK(open[2] == open_task{an_id(3, 7), task_status::scheduled, false, noon + 5h, noon + 2h});
  CHECK(with.schedules.with_held_tasks(7) == std::vector{a_schedule_id(1, 7)});
  CHECK(with.schedules.with_held_tasks(8).empty());
}

TEMPLATE_TEST_CASE("a moment finds its record, alone or in a range", "[store]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  const auto id = a_schedule_id(1, 7);
  with.save(made_task(1, noon));
  auto range = made_task(2, noon + 1h);
  auto spec = *range.spec;
  spec.stands_for = moment_range{noon + 3h, 3};
  range.spec = std::make_shared<const task_spec>(spec);
  with.save(std::move(range));
  auto extra = made_task(3, noon + 10h);
  spec = *extra.spec;
  spec.cause = trigger_cause::api;  // asked for: it stands for no moment
  extra.spec = std::make_shared<const task_spec>(spec);
  with.save(std::move(extra));

  CHECK(with.schedules.record_of(id, noon) == an_id(1, 7));
  CHECK(with.schedules.record_of(id, noon + 2h) == an_id(2, 7));
  CHECK(with.schedules.record_of(id, noon + 3h) == an_id(2, 7));
  CHECK_FALSE(with.schedules.record_of(id, noon + 30min).has_value());
  CHECK_FALSE(with.schedules.record_of(id, noon + 10h).has_value());
  CHECK(with.schedules.recorded(id, noon + 2h, noon + 20h)
        == std::vector{recorded_range{noon + 1h, noon + 3h}});
  CHECK(with.schedules.recorded(id, noon, noon + 1h).size() == 2);
}

TEMPLATE_TEST_CASE("lists show newest first and count all matches", "[store]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  for (std::uint64_t number = 1; number <= 5; ++number) {
    auto subject = a_schedule(number, static_cast<unsigned>(number));
    if (number == 5)
      subject.status = schedule_status::deleted;
    if (number == 4)
      subject.status = schedule_status::paused;
    with.save(subject);
  }
  const auto all = *with.schedules.list({}, {2, 1, {}});
  CHECK(all.total == 4);
  CHECK(all.has_more);
  REQUIRE(all.items.size() == 2);
  CHECK(all.items[0].id == a_schedule_id(3, 3));
  schedule_filter paused;
  paused.statuses = {schedule_status::paused};
  CHECK((*with.schedules.list(paused, {})).total == 1);
  schedule_filter rules;
  rules.kinds = {schedule_kind::rrule};
  CHECK((*with.schedules.list(rules, {})).total == 0);
  rules.kinds = {schedule_kind::cron};
  CHECK((*with.schedules.list(rules, {})).total == 4);
}

TEMPLATE_TEST_CASE("active schedules hear their topic, until an edit gives them another", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  auto listening = a_schedule(1);
  schedule_spec spec;
  spec.kind = schedule_kind::event;
  spec.expr = "mail";
  listening.spec = std::make_shared<const schedule_spec>(spec);
  with.save(listening);
  auto paused = listening;
  paused.id = a_schedule_id(2, 9);
  paused.status = schedule_status::paused;
  with.save(paused);
  CHECK(with.schedules.listeners("mail") == std::vector{listening.id});
  CHECK(with.schedules.listeners("mai").empty());
  auto edited = listening;
  spec.expr = "post";
  edited.spec = std::make_shared<const schedule_spec>(spec);
  with.save(edited, &listening);
  CHECK(with.schedules.listeners("mail").empty());
  CHECK(with.schedules.listeners("post") == std::vector{listening.id});
}

TEMPLATE_TEST_CASE("dedupe keys, agents and the version of the zones are kept", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  change_set out;
  encode_dedupe({"night", an_id(1), noon}, out);
  encode_agent_change({"b", "two", {}, noon + 1h, noon}, false, out);
  encode_agent_change({"a", "one", {}, noon, noon}, false, out);
  encode_zone_version("2025b", out);
  with.commit(out);
  const auto claims = with.schedules.dedupe_claims();
  REQUIRE(claims.size() == 1);
  CHECK(claims[0].key == "night");
  CHECK(claims[0].task == an_id(1));
  CHECK(claims[0].until == noon);
  REQUIRE((*with.schedules.agents()).size() == 2);
  CHECK((*with.schedules.agents())[0].name == "two");
  CHECK((*with.schedules.find_agent("a"))->name == "one");
  CHECK(with.schedules.zone_version() == "2025b");
  change_set gone;
  encode_agent_change({"a", "one", {}, noon, noon}, true, gone);
  with.commit(gone);
  CHECK_FALSE((*with.schedules.find_agent("a")).has_value());
}

TEMPLATE_TEST_CASE("lists of tasks are narrowed to a schedule's, and to none's", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  with.save(made_task(1, noon));
  const auto done = with.save(made_task(2, noon));
  with.move(done, ended{task_status::completed, end_reason::success, noon});
  with.save(task{an_id(3, 1), std::make_shared<const task_spec>(a_spec()), scheduled{}});

  task_filter of_schedule;
  of_schedule.schedules = {a_schedule_id(1, 7)};
  const auto both = *with.tasks.list(of_schedule, {});
  CHECK(both.total == 2);
  CHECK(both.items.at(0).id == an_id(2, 7));
  of_schedule.statuses = {task_status::completed};
  CHECK((*with.tasks.list(of_schedule, {})).total == 1);
  task_filter one_off;
  one_off.is_scheduled = false;
  CHECK((*with.tasks.list(one_off, {})).total == 1);
  CHECK((*with.tasks.list(one_off, {})).items.at(0).id == an_id(3, 1));
  one_off.is_scheduled = true;
  CHECK((*with.tasks.list(one_off, {})).total == 2);
}

TEMPLATE_TEST_CASE("who holds a key is found after a crash", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  auto spec = a_spec();
  spec.limit.key = "db";
  const auto waiting =
      with.save(task{an_id(1), std::make_shared<const task_spec>(spec), queued{noon}});
  CHECK(with.tasks.key_holders().empty());
  auto running = *waiting;
  running.attempts = {{1, noon}};
  running.state = processing{runner_kind::lease, 1, noon + 1min};
  change_set out;
  encode(task_change{std::make_shared<const task>(running), carillon::facts_of(*waiting), {}}, out);
  with.commit(out);
  CHECK(with.tasks.key_holders() == std::vector<std::pair<task_id, std::string>>{{an_id(1), "db"}});
}
