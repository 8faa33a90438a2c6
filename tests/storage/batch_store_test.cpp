#include "storage/batch_store.hpp"

#include <catch2/catch.hpp>

#include "storage/batch_keys.hpp"
#include "storage/batch_record.hpp"
#include "storage/keys.hpp"
#include "storage/retention_scan.hpp"
#include "storage/task_record.hpp"
#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

const task_state done = ended{task_status::completed, end_reason::success, noon};
const task_state gone_wrong = ended{task_status::failed, end_reason::error, noon};

/// Every field differs from its default.
batch full_batch() {
  batch_spec spec;
  spec.name = "night";
  spec.idempotency_key = "night 7";
  spec.on_complete = {{"https://example.com/a", "PUT", {{"x-one", "1"}}},
                      {"https://example.com/b", "POST", {}, body_form::text}};
  spec.call_timeout = 15s;
  spec.metadata = R"({"n":1.10})";
  spec.created_at = noon - 1h;
  batch subject{an_id(1, 5), std::make_shared<const batch_spec>(spec)};
  subject.sealed_at = noon;
  subject.canceled_at = noon + 1s;
  subject.finished_at = noon + 2s;
  subject.pass = batch_pass{batch_pass_kind::retry_failed, 70'000};
  subject.completions = 3;
  subject.is_event_due = true;
  subject.notices = {an_id(8), an_id(9)};
  return subject;
}

bool same(const batch& one, const batch& other) {
  auto copy = other;
  copy.spec = one.spec;
  return *one.spec == *other.spec && one == copy;
}

template <class Disk>
struct world {
  Disk disk;
  task_store tasks{disk.engine()};
  batch_store batches{disk.engine()};

  void commit(const change_set& out) { REQUIRE(tasks.commit({&out}) == commit_status::durable); }

  void open(const batch& subject) {
    change_set out;
    encode_new_batch(subject, out);
    commit(out);
  }
  void change(const batch& before, const batch& after) {
    change_set out;
    encode_batch_change(before, after, out);
    commit(out);
  }
  task_ptr add(const batch& to, std::uint32_t number, const task_state& state = scheduled{}) {
    auto spec = a_spec();
    spec.batch = batch_place{to.id, number};
    const auto made =
        std::make_shared<const task>(task{an_id(1'000 + number, number % shard_count),
                                          std::make_shared<const task_spec>(spec), state});
    change_set out;
    encode({made, {}, {}}, out);
    commit(out);
    return made;
  }
  task_ptr move(const task_ptr& before, const task_state& state) {
    auto next = *before;
    next.state = state;
    const auto after = std::make_shared<const task>(next);
    change_set out;
    encode({after, facts_of(*before), {}}, out);
    commit(out);
    return after;
  }
  void remove(const task_ptr& subject) {
    change_set out;
    encode({subject, facts_of(*subject), {}, true}, out);
    commit(out);
  }
  std::vector<std::uint32_t> numbers(const batch& of, child_page_request page) {
    std::vector<std::uint32_t> found;
    for (const auto& one : batches.children(of.id, page))
      found.push_back(one.number);
    return found;
  }
};

batch new_batch(std::uint64_t number = 1, std::string key = {}) {
  batch_spec spec;
  spec.idempotency_key = std::move(key);
  return {an_id(number, number % shard_count), std::make_shared<const batch_spec>(spec)};
}

}  // namespace

TEST_CASE("every field of a batch comes back from its rows", "[batch]") {
  const auto subject = full_batch();
  const auto found =
      decode_batch(subject.id, encode_batch(*subject.spec), encode_batch_state(subject));
  REQUIRE(found.has_value());
  CHECK(same(*found, subject));
  const auto fresh = decode_batch(subject.id, encode_batch(*subject.spec), {});
  REQUIRE(fresh.has_value());
  CHECK(same(*fresh, batch{subject.id, subject.spec}));
}

TEST_CASE("broken rows of a batch are corrupt", "[batch]") {
  const auto row = encode_batch(*full_batch().spec);
  const auto cut = decode_batch(an_id(1), row.substr(0, row.size() - 1), {});
  REQUIRE_FALSE(cut.has_value());
  CHECK(cut.error().kind == problem_kind::corrupt);
  CHECK_FALSE(decode_batch(an_id(1), row, std::string{"\x02"}).has_value());
}

TEST_CASE("a child keeps its place in its record", "[batch]") {
  auto spec = a_spec();
  spec.batch = batch_place{an_id(3, 9), 999'999};
  const auto found = decode_task(an_id(1), encode_task(a_task(spec)), {});
  REQUIRE(found.has_value());
  CHECK(*found->spec == spec);
}

// Stores hold these bytes: a change of any of them loses what they lead to.
TEST_CASE("keys of batches look the same for ever", "[batch][keys]") {
  const std::string id{"\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x05", 16};
  const auto one = an_id(1, 5);
  CHECK(keys::batch_row(one) == "\x05" "b" + id);
  CHECK(keys::batch_state_row(one) == "\x05" "b" + id + "s");
  CHECK(keys::batch_key_row("x").substr(1) == "vx");
  CHECK(static_cast<unsigned char>(keys::batch_key_row("x").front()) == shard_of_name("x"));
  CHECK(keys::child_entry(one, task_status::failed, 258)
        == "\x05" "b" + id + std::string{"\x05\0\0\1\2", 5});
  CHECK(keys::number_of_child(keys::child_entry(one, task_status::failed, 70'000)) == 70'000);
  CHECK(keys::unfinished_entry(one) == "\x05" "f" + id);
  CHECK(keys::count_of_children(one, task_status::failed) == "b" + id + "\x05");
  CHECK(keys::count_of_removed_children(one, task_status::failed) == "b" + id + "\x45");
  CHECK(keys::count_of_batches() == "B");  // "v" counts events
}

TEMPLATE_TEST_CASE("the counts of a batch follow its children", "[batch]", in_memory, on_rocksdb) {
  world<TestType> world;
  const auto subject = new_batch();
  const auto other = new_batch(2);
  world.open(subject);
  world.open(other);
  world.add(other, 0);
  auto first = world.add(subject, 0);
  auto second = world.add(subject, 1);
  CHECK(world.batches.counts(subject.id).total() == 2);
  CHECK(world.batches.counts(subject.id).open() == 2);

  first = world.move(first, queued{noon});
  second = world.move(second, gone_wrong);
  auto counts = world.batches.counts(subject.id);
  CHECK(counts.of(task_status::scheduled) == 0);
  CHECK(counts.of(task_status::queued) == 1);
  CHECK(counts.of(task_status::failed) == 1);
  CHECK(counts.done() == 1);

  world.remove(second);
  counts = world.batches.counts(subject.id);
  CHECK(counts.of(task_status::failed) == 1);
  CHECK(counts.kept(task_status::failed) == 0);
  CHECK(counts.kept() == 1);
  CHECK(counts.total() == 2);
  CHECK(world.batches.counts(other.id).total() == 1);
}

TEMPLATE_TEST_CASE("children are paged by number, whatever their status", "[batch]", in_memory,
                   on_rocksdb) {
  world<TestType> world;
  const auto subject = new_batch();
  world.open(subject);
  for (const std::uint32_t number : {3U, 0U, 300U, 1U, 70'000U, 2U})
    world.add(subject, number, number % 2 == 0 ? done : task_state{scheduled{}});
  CHECK(world.numbers(subject, {}) == std::vector<std::uint32_t>{0, 1, 2, 3, 300, 70'000});
  CHECK(world.numbers(subject, {{}, 2, 2}) == std::vector<std::uint32_t>{2, 3});
  CHECK(world.numbers(subject, {{task_status::completed}, 1, 50})
        == std::vector<std::uint32_t>{2, 300, 70'000});
  CHECK(world.numbers(subject, {{task_status::failed}, 0, 50}).empty());
  const auto first = world.batches.children(subject.id, {{}, 0, 1}).front();
  CHECK(first.id == an_id(1'000, 0));
  CHECK(first.status == task_status::completed);
  const auto places = world.batches.places(subject.id);
  CHECK(places.size() == 70'001);
  CHECK(std::count(places.begin(), places.end(), true) == 6);
  CHECK((places[300] && !places[4]));
}

TEMPLATE_TEST_CASE("batches are found by id, by key and as a list", "[batch]", in_memory,
                   on_rocksdb) {
  world<TestType> world;
  for (std::uint64_t number = 1; number <= 5; ++number)
    world.open(new_batch(number, "key " + std::to_string(number)));
  auto changed = new_batch(3, "key 3");
  changed.sealed_at = noon;
  world.change(new_batch(3, "key 3"), changed);

  CHECK(same(**world.batches.load(an_id(3, 3)), changed));
  CHECK_FALSE(world.batches.load(an_id(9)).value());
  CHECK(world.batches.find("key 4").value() == an_id(4, 4));
  CHECK_FALSE(world.batches.find("key 6").value());

  const auto page = world.batches.list({2, 0, {}}).value();
  CHECK(page.total == 5);
  CHECK(page.has_more);
  REQUIRE(page.items.size() == 2);
  CHECK(page.items[0].subject.id == an_id(5, 5));
  const auto rest = world.batches.list({10, 0, page.items[1].subject.id}).value();
  REQUIRE(rest.items.size() == 3);
  CHECK(rest.items[0].subject.sealed_at == noon);
  CHECK_FALSE(rest.has_more);
}

TEMPLATE_TEST_CASE("a batch is unfinished until its end is told", "[batch]", in_memory,
                   on_rocksdb) {
  world<TestType> world;
  const auto open = new_batch();
  world.open(open);
  CHECK(world.batches.unfinished() == std::vector{open.id});
  auto ended = open;
  ended.finished_at = noon;
  ended.is_event_due = true;
  world.change(open, ended);
  CHECK(world.batches.unfinished().size() == 1);
  auto told = ended;
  told.is_event_due = false;
  world.change(ended, told);
  CHECK(world.batches.unfinished().empty());
  world.change(told, open);
  CHECK(world.batches.unfinished().size() == 1);
}

TEMPLATE_TEST_CASE("a batch goes when it has ended and none of its children is left", "[batch]",
                   in_memory, on_rocksdb) {
  world<TestType> world;
  const auto open = new_batch(1, "key");
  world.open(open);
  const auto child = world.add(open, 0, done);
  auto ended = open;
  ended.finished_at = noon;
  const auto empty_ones = [&](instant bound) { return world.batches.empty_ones(bound, 10); };
  CHECK(empty_ones(noon + 1h).empty());
  world.change(open, ended);
  CHECK(empty_ones(noon + 1h).empty());
  world.remove(child);
  CHECK(empty_ones(noon).empty());
  REQUIRE(empty_ones(noon + 1h).size() == 1);

  change_set out;
  encode_batch_removal(ended, out);
  world.commit(out);
  CHECK_FALSE(world.batches.load(open.id).value());
  CHECK_FALSE(world.batches.find("key").value());
  CHECK(world.batches.counts(open.id) == batch_counts{});
  CHECK(world.batches.list({10, 0, {}}).value().total == 0);
}

TEMPLATE_TEST_CASE("old children stay while their batch has not ended", "[batch]", in_memory,
                   on_rocksdb) {
  world<TestType> world;
  const auto open = new_batch();
  world.open(open);
  world.add(open, 0, done);
  world.add(open, 1, gone_wrong);
  const auto sweep = [&] {
    retention_scan scan{{{}, 1h}, noon + 48h};
    std::size_t found = 0;
    for (bool is_last = false; !is_last;) {
      const auto piece = scan.next(world.disk.engine(), 10);
      found += piece.ids.size();
      is_last = piece.is_last;
    }
    return found;
  };
  CHECK(sweep() == 0);
  auto ended = open;
  ended.finished_at = noon;
  world.change(open, ended);
  CHECK(sweep() == 2);
}
