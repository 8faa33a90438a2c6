#include "storage/store_check.hpp"

#include <catch2/catch.hpp>

#include <map>

#include "storage/batch_keys.hpp"
#include "storage/batch_store.hpp"
#include "storage/event_keys.hpp"
#include "storage/event_store.hpp"
#include "storage/keys.hpp"
#include "storage/list_build.hpp"
#include "storage/list_keys.hpp"
#include "storage/schedule_store.hpp"
#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/schedule_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

constexpr unsigned the_shard = 7;

/// A store with something of each kind that has entries.
struct world {
  memory_engine disk;
  task_store tasks{disk};

  void commit(const change_set& out) { REQUIRE(tasks.commit({&out}) == commit_status::durable); }

  task_ptr add(std::uint64_t number, const task_spec& spec, const task_state& state = scheduled{}) {
    const auto made = std::make_shared<const task>(
        task{an_id(number, the_shard), std::make_shared<const task_spec>(spec), state});
    change_set out;
    encode({made, {}, {}}, out);
    commit(out);
    return made;
  }
  task_ptr move(const task_ptr& before, const task_state& state) {
    auto after = *before;
    after.state = state;
    if (std::holds_alternative<processing>(state))
      after.attempts = {{1, noon}};
    after.news_count += 1;
    const auto made = std::make_shared<const task>(after);
    change_set out;
    encode({made, facts_of(*before), {task_news{noon, "moved", "", ""}}}, out);
    commit(out);
    return made;
  }
  void remove(const task_ptr& subject) {
    task_change gone{subject, facts_of(*subject), {}};
    gone.removed = true;
    change_set out;
    encode(gone, out);
    commit(out);
  }

  void fill_tasks() {
    auto spec = a_spec();
    spec.unique_id = "only one";
    spec.tags = {"night", "day", "night"};
    spec.created_by = "agent";
    spec.limit = {"db", 3, 10, 1min};
    const auto running = processing{runner_kind::lease, 3, noon + 1h};
    move(move(add(1, spec), queued{noon}), running);
    spec.unique_id.clear();
    move(add(2, spec), queued{noon});
    move(add(3, a_command_spec()), ended{task_status::failed, end_reason::error, noon});
    auto waits = processing{runner_kind::steps, 4};
    waits.waits.topic = "paid";
    spec.runs_pipeline = true;
    const auto parent = move(add(4, spec), waits);
    auto part = a_spec();
    part.cause = trigger_cause::parent;
    part.parent = parent_link{parent->id, {0, 0}, "resize"};
    add(5, part);
    remove(move(add(6, a_spec()), ended{task_status::completed, end_reason::success, noon}));
  }
  void fill_schedules() {
    auto subject = a_full_schedule();
    subject.status = schedule_status::active;
    auto rules = *subject.spec;
    rules.kind = schedule_kind::event;
    rules.expr = "paid";
    rules.keep.runs = 5;
    rules.file = file_facts{};
    subject.spec = std::make_shared<const schedule_spec>(rules);
    change_set out;
    encode(schedule_changes{subject, {}, {}}, out);
    commit(out);
    auto spec = a_spec();
    spec.schedule = subject.id;
    spec.cause = trigger_cause::schedule;
    add(7, spec);
    spec.scheduled_for = noon + 1h;
    spec.stands_for = moment_range{noon + 3h, 3};
    move(add(8, spec), queued{noon, true});
  }
  void fill_batches() {
    batch_spec spec;
    spec.idempotency_key = "night 7";
    spec.created_at = noon;
    const batch open{an_id(20, the_shard), std::make_shared<const batch_spec>(spec)};
    spec.idempotency_key.clear();
    const batch closed{an_id(21, 9), std::make_shared<const batch_spec>(spec)};
    auto done = closed;
    done.sealed_at = noon;
    done.finished_at = noon;
    change_set out;
    encode_new_batch(open, out);
    encode_new_batch(closed, out);
    encode_batch_change(closed, done, out);
    commit(out);
    auto child = a_spec();
    for (std::uint32_t number = 0; number < 3; ++number) {
      child.batch = batch_place{open.id, number};
      const auto made = add(30 + number, child);
      if (number > 0)
        remove(move(made, ended{task_status::canceled, end_reason::canceled, noon}));
    }
  }
  void fill_events() {
    const auto listener = event_listener{listener_kind::schedule, a_schedule_id(1, 7)};
    topic_event told{an_id(40, the_shard), "order 1", "paid", "1", "me", noon, "d"};
    topic_event open{an_id(41, the_shard), "", "paid", "2", "me", noon, "d"};
    auto again = told;
    again.id = an_id(42, the_shard);
    change_set out;
    encode_new_event(told, {listener}, out);
    encode_event_told(told, {{listener, an_id(7, the_shard), {}}}, out);
    encode_new_event(again, {}, out);
    encode_event_told(again, {}, out);
    encode_new_event(open, {}, out);
    encode_event_claim(open.id, listener.id, an_id(8, the_shard), {}, out);
    commit(out);
  }

  world() {
    REQUIRE(build_lists(tasks, disk).has_value());
    fill_tasks();
    fill_schedules();
    fill_batches();
    fill_events();
  }

  using map = std::map<std::string, std::string>;
  map all(space where) {
    map found;
    const auto at = std::move(disk.read(where, 1).front());
    for (at->seek(""); at->valid(); at->next())
      found.emplace(at->key(), at->value());
    return found;
  }
  void put(space where, const std::string& key, const std::string& value) {
    change_set out;
    out.put(where, key, value);
    REQUIRE(disk.commit({&out}) == commit_status::durable);
  }
  void erase(space where, const std::string& key) {
    change_set out;
    out.erase(where, key);
    REQUIRE(disk.commit({&out}) == commit_status::durable);
  }
  check_report check(bool repairs = false) {
    check_settings settings;
    settings.repairs = repairs;
    settings.repair_bytes = 64;  // many commits
    return check_store(disk, settings);
  }
};

/// Nothing in rows gives it: there is no second opinion of what it should be. Who is yet to be told
/// of an event ("zo", "zr") stands nowhere else.
bool stands_alone(const std::string& key) {
  const bool is_of_event = key.size() > 2 && key[1] == 'z' && (key[2] == 'r' || key[2] == 'o');
  return key.starts_with(keys::epoch()) || key == keys::lists_state() || is_of_event;
}

bool is_zero_counter(const std::string& key, const std::string& value) {
  return key.starts_with(keys::counter({})) && value == "0";
}

/// How many of the children of a batch are gone stands nowhere else.
bool is_count_of_gone(const std::string& key) {
  const auto prefix = keys::counter({});
  return key.starts_with(prefix) && keys::is_count_of_batch(key.substr(prefix.size()))
         && keys::status_of_counter(key).is_removed;
}

}  // namespace

TEST_CASE("a store that was written by the encoders is without fault") {
  world all;
  const auto report = all.check(true);
  CAPTURE(report_as_text(report));
  CHECK(report.fault_count() == 0);
  CHECK(report.repaired == 0);
  CHECK(report_as_text(report).find("tasks                   8\n") != std::string::npos);
}

TEST_CASE("every index entry and counter that is lost is missed, and written again as it was") {
  world all;
  const auto before = all.all(space::index);
  for (const auto& [key, value] : before) {
    if (stands_alone(key) || is_zero_counter(key, value) || is_count_of_gone(key))
      continue;
    all.erase(space::index, key);
    INFO("a key of the family " << key.substr(1, 2));
    REQUIRE(all.check().fault_count() > 0);
    const auto repaired = all.check(true);
    CAPTURE(report_as_text(repaired));
    REQUIRE(repaired.repaired > 0);
    REQUIRE(repaired.fault_count() == 0);
    REQUIRE(all.all(space::index) == before);
  }
}

TEST_CASE("every value of an index entry that is not as it must be is found and written anew") {
  world all;
  const auto before = all.all(space::index);
  for (const auto& [key, value] : before) {
    if (stands_alone(key) || is_count_of_gone(key))
      continue;
    all.put(space::index, key, value + "7");
    INFO("a key of the family " << key.substr(1, 2));
    REQUIRE(all.check().fault_count() > 0);
    REQUIRE(all.check(true).fault_count() == 0);
    REQUIRE(all.all(space::index) == before);
  }
}

TEST_CASE("entries that nothing gives are found and removed") {
  world all;
  const auto before = all.all(space::index);
  const auto known = an_id(2, the_shard);
  const auto stranger = an_id(99, the_shard);
  const auto key = GENERATE_COPY(
      keys::due_entry(known, noon + 7h), keys::status_entry(known, task_status::expired),
      keys::status_entry(stranger, task_status::queued), keys::ready_entry(stranger, "mail", noon),
      keys::tag_entry(known, "no"), keys::reason_entry(known, end_reason::timeout),
      keys::creator_entry(stranger, "agent"), keys::held_entry(a_schedule_id(1, 7), known),
      keys::topic_entry(a_schedule_id(1, 7), "other"), keys::unfinished_entry(an_id(21, 9)),
      event_keys::topic_entry("paid", stranger), event_keys::open_entry(an_id(40, the_shard)),
      event_keys::claim_entry(an_id(40, the_shard), a_schedule_id(1, 7)));
  all.put(space::index, key, "");
  CHECK(all.check().of(check_fault::extra_entry).count == 1);
  CHECK(all.check(true).fault_count() == 0);
  CHECK(all.all(space::index) == before);
}

TEST_CASE("rows are told and never touched by a repair") {
  world all;
  const auto before = all.all(space::rows);
  for (const auto& [key, value] : before) {
    INFO("a row of the family " << key.substr(1, 2));
    all.put(space::rows, key, "\x01\x09");  // cut in the middle of a field
    auto broken = all.all(space::rows);
    REQUIRE(all.check(true).fault_count() > 0);
    REQUIRE(all.all(space::rows) == broken);
    all.put(space::rows, key, value);
    REQUIRE(all.check(true).fault_count() == 0);
  }
}

TEST_CASE("entries of a row that does not decode are left as they are, and so are counters") {
  world all;
  const auto before = all.all(space::index);
  all.put(space::rows, keys::task_row(an_id(2, the_shard)), "\x01\x09");
  const auto report = all.check(true);
  CHECK(report.of(check_fault::unreadable).count == 1);
  CHECK(report.repaired == 0);
  CHECK(all.all(space::index) == before);
}

TEST_CASE("what belongs to something that is gone is told") {
  world all;
  all.erase(space::rows, keys::task_row(an_id(1, the_shard)));
  const auto report = all.check();
  CHECK(report.of(check_fault::stray).count == 3);  // its state and two reports
  CHECK(report.of(check_fault::extra_entry).count > 0);
}

TEST_CASE("a task of a schedule or batch that is not there is told") {
  world all;
  all.erase(space::rows, keys::batch_row(an_id(20, the_shard)));
  CHECK(all.check().of(check_fault::dangling).count == 1);
}

TEST_CASE("keys of no known kind are told and left") {
  world all;
  const auto [where, key] =
      GENERATE(table<space, std::string>({{space::rows, std::string{'\x07', 'T', 'x'}},
                                          {space::rows, std::string{'\x07', 'z', 'q', 'x'}},
                                          {space::rows, std::string{'\xFF', 'T', 'x'}},
                                          {space::index, std::string{'\x07', 'T', 'x'}},
                                          {space::index, std::string{'\xFF', 'T', 'x'}},
                                          {space::index, std::string{'\x50', 'd', 'x'}}}));
  all.put(where, key, "");
  CHECK(all.check(true).of(check_fault::stray).count == 1);
  CHECK(all.all(where).contains(key));
}

TEST_CASE("examples are few, however many faults there are") {
  world all;
  for (const auto& [key, value] : all.all(space::index))
    if (key[0] == the_shard && key[1] == 's')
      all.erase(space::index, key);
  check_settings settings;
  settings.examples_max = 2;
  const auto report = check_store(all.disk, settings);
  CHECK(report.of(check_fault::missing_entry).count > 2);
  CHECK(report.of(check_fault::missing_entry).examples.size() == 2);
}
