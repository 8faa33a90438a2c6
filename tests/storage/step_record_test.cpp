#include "storage/step_record.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <random>

#include "storage/group_store.hpp"
#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"
#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/pipeline_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

step_wait full_wait() {
  return {{{an_id(2), {0, 1}}, {an_id(3), {7, 4'000'000'000}}},
          noon + 1h,
          "topic",
          "event.n",
          3,
          "item 1: no"};
}

/// Every key and value of both spaces.
std::string dump(const engine& disk) {
  std::string all;
  for (const auto where : {space::rows, space::index}) {
    const auto at = std::move(disk.read(where, 1).front());
    for (at->seek(""); at->valid(); at->next())
      all.append(at->key()).append("=").append(at->value()).push_back('\n');
  }
  return all;
}

/// A store in which the lives of tasks are saved as an actor saves them.
class saved_lives {
public:
  /// Saves a new task and those born with it.
  void create(const life& fresh) {
    change_set changes;
    auto subject = std::make_shared<const task>(fresh.subject());
    encode({subject, {}, {}}, changes);
    save(changes);
    before_ = std::move(subject);
  }
  void move(const life& moved) {
    change_set changes;
    auto after = std::make_shared<const task>(moved.subject());
    encode({after, facts_of(*before_), moved.last.news, moved.last.removed, moved.last.parts},
           changes);
    std::vector<task_ptr> born;
    for (const auto& one : moved.last.born)
      born.push_back(std::make_shared<const task>(one));
    encode_born(born, changes);
    save(changes);
    before_ = std::move(after);
  }
  /// One that was born ends and is removed.
  void end_and_remove(const task& born) {
    change_set changes;
    auto ended_one = born;
    ended_one.state = ended{task_status::completed, end_reason::success, noon};
    const auto gone = std::make_shared<const task>(ended_one);
    encode({gone, facts_of(born), {}}, changes);
    encode({gone, facts_of(*gone), {}, true}, changes);
    save(changes);
  }
  [[nodiscard]] task load(const task_id& id) const { return **store_.load(id); }
  [[nodiscard]] const task_store& store() const { return store_; }
  [[nodiscard]] std::string dump() const { return ::dump(engine_); }

private:
  void save(const change_set& changes) {
    REQUIRE(store_.commit({&changes}) == commit_status::durable);
  }

  memory_engine engine_{std::make_shared<memory_disk>()};
  task_store store_{engine_};
  task_ptr before_;
};

std::int64_t errands(const saved_lives& lives, task_status status) {
  task_filter all;
  all.statuses = {status};
  auto by_request = all;
  by_request.is_scheduled = false;
  return *lives.store().count(all) - *lives.store().count(by_request);
}

}  // namespace

TEST_CASE("parts, parents, waits and notices come back as they were", "[step_record]") {
  const auto part = GENERATE(part_data{R"({"a":1})", "[1]"}, part_data{"", "2"}, part_data{});
  CHECK(decode_part(encode_part(part)) == part);
  const parent_link parent{an_id(9, 3), {999, 10'000}, "resize[3]"};
  CHECK(decode_parent(encode_parent(parent)) == parent);
  step_wait waits;
  REQUIRE(decode_waits(encode_waits(full_wait()), waits));
  CHECK(waits == full_wait());
  step_wait none;
  REQUIRE(decode_waits(encode_waits({}), none));
  CHECK(none == step_wait{});
  const notice_rules notices{{"http://a", "http://b"}, 0x3FF};
  CHECK(decode_notices(encode_notices(notices)) == notices);
}

TEST_CASE("the fields of tasks that run in steps come back", "[step_record]") {
  auto spec = a_pipeline_spec(a_step("a", "queue.q"));
  spec.notices = {{"http://a"}, 5};
  spec.parent = parent_link{an_id(9), {1, 2}, "a[1]"};
  spec.cause = trigger_cause::notice;
  spec.target.emplace().url = "event:t";
  spec.target->body = body_form::none;
  auto subject = a_task(
      spec, processing{runner_kind::steps, 1ULL << 32, {}, 0, end_reason::timeout, full_wait()});
  subject.attempts = {{1, noon}};
  subject.children_made = 70'000;
  subject.components = {{"a", component_status::skipped, noon, noon, {}, "no"}};
  const auto back = decode_task(subject.id, encode_task(subject), {});
  REQUIRE(back.has_value());
  CHECK(same(*back, subject));
  const auto later = decode_task(subject.id, encode_task(a_task(spec)), encode_state(subject));
  REQUIRE(later.has_value());
  CHECK(same(*later, subject));
}

TEST_CASE("broken bytes are told or read as nothing, never followed", "[step_record]") {
  std::mt19937 random{4711};
  const std::vector<std::string> whole{
      encode_part({R"({"a":1})", "[1]"}), encode_parent({an_id(9), {1, 2}, "name"}),
      encode_waits(full_wait()), encode_notices({{"http://a"}, 7})};
  const auto read_all = [](const std::string& bytes) {
    step_wait waits;
    (void)decode_part(bytes);
    (void)decode_parent(bytes);
    (void)decode_waits(bytes, waits);
    (void)decode_notices(bytes);
  };
  for (const auto& bytes : whole) {
    for (std::size_t size = 0; size < bytes.size(); ++size)
      read_all(bytes.substr(0, size));
    for (int round = 0; round < 2'000; ++round) {
      auto broken = bytes;
      for (auto count = 1 + random() % 3; count > 0; --count)
        broken[random() % broken.size()] = static_cast<char>(random());
      read_all(broken);
    }
  }
  step_wait waits;
  CHECK_FALSE(decode_waits(encode_waits(full_wait()).substr(0, 20), waits));
  CHECK_FALSE(decode_parent(encode_parent({an_id(9), {}, {}}).substr(0, 5)));
  CHECK_FALSE(decode_part("\x02"));
}

TEST_CASE("a part's row names its step and its item", "[step_record]") {
  const auto id = an_id(7, 5);
  for (const part_id part : {part_id{0, 0}, part_id{999, 10'000}, part_id{~0U, ~0U}})
    CHECK(keys::part_of(keys::part_row(id, part)) == part);
  CHECK(keys::part_row(id, {1, 0}) < keys::part_row(id, {1, 1}));
  CHECK(keys::part_row(id, {1, 255}) < keys::part_row(id, {1, 256}));
  CHECK(keys::part_row(id, {1, ~0U}) < keys::part_row(id, {2, 0}));
}

TEST_CASE("what the parts were given and gave is loaded with the task, not with lists",
          "[step_record]") {
  saved_lives lives;
  life subject{
      a_pipeline_spec(a_step("a", "test.echo", R"({"n":1})") + "," + a_step("b", "queue.q"))};
  lives.create(subject);
  lives.move(subject.deliver());
  CHECK(same(lives.load(subject.subject().id), subject.subject()));
  CHECK(lives.load(subject.subject().id).parts.at({0})->output == R"({"n":1})");
  CHECK(lives.store().load_record(subject.subject().id)->value().parts.empty());
  const auto listed = lives.store().list({}, {10, 0, {}});
  REQUIRE(listed.has_value());
  CHECK(listed->items.size() == 2);
  for (const auto& one : listed->items)
    CHECK(one.parts.empty());
}

TEST_CASE("a pipeline that is removed leaves nothing behind", "[step_record]") {
  saved_lives lives;
  life other{a_spec()};
  lives.create(other);
  const auto before = lives.dump();
  life subject{a_pipeline_spec(
      a_step("a", "test.echo") + ","
      + a_step("m", "task.map", R"({"items":[1,2,3],"uses":"test.echo","with":{"i":"${item}"}})")
      + "," + a_step("w", "wait.for_event", R"({"topic":"t","timeout_seconds":9})") + ","
      + a_step("q", "queue.q"))};
  subject.last.next.id = an_id(5, 9);
  lives.create(subject);
  lives.move(subject.deliver());
  CHECK(lives.dump().find(keys::waiter_entry(subject.subject().id, "t")) != std::string::npos);
  lives.move(subject.tell(event::published{"t", "1"}));
  const auto child = subject.last.born.front();
  CHECK(errands(lives, task_status::queued) == 1);
  lives.end_and_remove(child);
  lives.move(subject.tell(event::child_ended{child.id, task_status::completed, "1", ""}));
  CHECK(subject.status() == task_status::completed);
  lives.move(subject.tell(event::forget{}));
  // The counters that have become 0 may stay.
  std::string after = lives.dump();
  std::string kept;
  for (std::size_t at = 0; at < after.size();) {
    const auto end = after.find('\n', at);
    if (!after.substr(at).starts_with("\xFF"
                                      "c"))
      kept += after.substr(at, end + 1 - at);
    at = end + 1;
  }
  CHECK(kept.find(to_uuid(subject.subject().id)) == std::string::npos);
  CHECK(kept.find(std::string{id_bytes(subject.subject().id)}) == std::string::npos);
  CHECK(kept.find(std::string{id_bytes(child.id)}) == std::string::npos);
  CHECK(before.find(kept.substr(0, kept.size() / 2)) != std::string::npos);
  for (const auto status : {task_status::queued, task_status::completed, task_status::processing})
    CHECK(errands(lives, status) == 0);
}

TEST_CASE("tasks that wait for a topic are found by it, and by no other", "[step_record]") {
  memory_engine engine{std::make_shared<memory_disk>()};
  task_store store{engine};
  change_set changes;
  const std::string topic{"a\0b", 3};
  for (unsigned shard = 0; shard < shard_count; shard += 21)
    changes.put(space::index, keys::waiter_entry(an_id(1, shard), "paid"), {});
  changes.put(space::index, keys::waiter_entry(an_id(2, 3), "paid.late"), {});
  changes.put(space::index, keys::waiter_entry(an_id(3, 3), "pai"), {});
  REQUIRE(store.commit({&changes}) == commit_status::durable);
  CHECK(waiters_of(engine, "paid")
        == std::vector{an_id(1, 0), an_id(1, 21), an_id(1, 42), an_id(1, 63)});
  CHECK(waiters_of(engine, "").empty());
}

TEST_CASE("groups are found by name and listed in order", "[step_record]") {
  memory_engine engine{std::make_shared<memory_disk>()};
  task_store store{engine};
  const url_group one{"b", {"http://b/1", "http://b/2"}, noon, noon + 1s};
  const url_group other{"a", {"http://a"}, noon, noon};
  change_set changes;
  encode_group(one, changes);
  encode_group(other, changes);
  REQUIRE(store.commit({&changes}) == commit_status::durable);
  CHECK(*find_group(engine, "b") == one);
  CHECK_FALSE(find_group(engine, "c")->has_value());
  CHECK(*all_groups(engine) == std::vector{other, one});
  change_set removal;
  encode_group_removal(one, removal);
  removal.put(space::rows, keys::group_row("a"), "\x01\xFF\xFF");
  REQUIRE(store.commit({&removal}) == commit_status::durable);
  CHECK_FALSE(find_group(engine, "b")->has_value());
  CHECK(find_group(engine, "a").error().kind == problem_kind::corrupt);
  CHECK(all_groups(engine).error().kind == problem_kind::corrupt);
}
