#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t task_count = 150;

page_request page_of(std::size_t limit, std::size_t offset = 0) {
  return {limit, offset, {}};
}

/// 150 tasks over all shards: number n was made n minutes after noon, for n hours after it. Every
/// second one is a mail, the rest reports; every third queued, every fifth tagged "night".
template <class Disk>
struct world {
  world() {
    std::vector<change_set> sets(task_count);
    std::vector<const change_set*> all;
    for (unsigned number = 0; number < task_count; ++number) {
      auto spec = a_spec();
      spec.task_type = number % 2 == 0 ? "mail" : "report";
      spec.created_at = noon + std::chrono::minutes{number};
      spec.scheduled_for = noon + std::chrono::hours{number};
      if (number % 5 == 0)
        spec.tags = {"all", "night"};
      task_state state = scheduled{};
      if (number % 3 == 0)
        state = queued{noon};
      const auto made = std::make_shared<task>(
          task{id_of(number), std::make_shared<task_spec>(spec), std::move(state)});
      encode({made, {}, {}}, sets[number]);
      if (number % 4 == 0)  // it has a row for its state, too
        encode({made, facts_of(*made), {}}, sets[number]);
      all.push_back(&sets[number]);
    }
    REQUIRE(store.commit(all) == commit_status::durable);
  }
  static task_id id_of(unsigned number) { return id_in(number, number * 37 % shard_count); }
  static task_id id_in(unsigned number, unsigned shard) {
    auto id = first_id_at(noon + std::chrono::minutes{number});
    id.bytes[15] = static_cast<std::uint8_t>(shard);
    return id;
  }

  /// The numbers of a page.
  static std::vector<unsigned> numbers_of(const task_page& page) {
    std::vector<unsigned> numbers;
    for (const auto& item : page.items)
      for (unsigned number = 0; number < task_count; ++number)
        if (item.id == id_of(number))
          numbers.push_back(number);
    return numbers;
  }
  std::vector<unsigned> list(const task_filter& filter, const page_request& page = page_of(1000)) {
    const auto found = store.list(filter, page);
    REQUIRE(found.has_value());
    return numbers_of(*found);
  }

  Disk disk;
  task_store store{disk.engine()};
};

/// Those of 149..0 that `wanted` wants: newest first.
template <class Wanted>
std::vector<unsigned> all_that(Wanted wanted) {
  std::vector<unsigned> numbers;
  for (unsigned number = task_count; number-- > 0;)
    if (wanted(number))
      numbers.push_back(number);
  return numbers;
}

struct named_filter {
  std::string name;
  task_filter filter;
  std::function<bool(unsigned)> wants;
};

std::vector<named_filter> filters() {
  const auto anything = [](unsigned) { return true; };
  const auto made = [](auto change) {
    task_filter filter;
    change(filter);
    return filter;
  };
  using namespace std::chrono;
  return {
      {"everything", {}, anything},
      {"status", made([](auto& of) { of.statuses = {task_status::queued}; }),
       [](unsigned n) { return n % 3 == 0; }},
      {"two statuses", made([](auto& of) {
         of.statuses = {task_status::queued, task_status::scheduled};
       }),
       anything},
      {"no such status", made([](auto& of) { of.statuses = {task_status::failed}; }),
       [](unsigned) { return false; }},
      {"type", made([](auto& of) { of.task_types = {"mail"}; }),
       [](unsigned n) { return n % 2 == 0; }},
      {"no such type", made([](auto& of) { of.task_types = {"mai"}; }),
       [](unsigned) { return false; }},
      {"type and status", made([](auto& of) {
         of.task_types = {"report"};
         of.statuses = {task_status::queued};
       }),
       [](unsigned n) { return n % 2 == 1 && n % 3 == 0; }},
      {"tag", made([](auto& of) { of.tags = {"night"}; }), [](unsigned n) { return n % 5 == 0; }},
      {"part of a tag", made([](auto& of) { of.tags = {"nigh"}; }), [](unsigned) { return false; }},
      {"created", made([](auto& of) {
         of.created.from = noon + minutes{10};
         of.created.to = noon + minutes{20};
       }),
       [](unsigned n) { return n >= 10 && n < 20; }},
      {"planned", made([](auto& of) {
         of.planned.from = noon + hours{100};
         of.planned.to = noon + hours{120};
       }),
       [](unsigned n) { return n >= 100 && n < 120; }},
      {"all of it", made([](auto& of) {
         of.statuses = {task_status::queued};
         of.task_types = {"mail"};
         of.tags = {"night"};
         of.created.from = noon + minutes{30};
         of.planned.to = noon + hours{121};
       }),
       [](unsigned n) { return n % 30 == 0 && n >= 30 && n < 121; }},
  };
}

}  // namespace

TEMPLATE_TEST_CASE("a list shows what its filter wants, newest first, and counts it", "[store]",
                   in_memory, on_rocksdb) {
  world<TestType> with;
  for (const auto& [name, filter, wants] : filters()) {
    CAPTURE(name);
    const auto wanted = all_that(wants);
    CHECK(with.list(filter) == wanted);
    CHECK(*with.store.count(filter) == static_cast<std::int64_t>(wanted.size()));
    CHECK(with.store.list(filter, page_of(1))->total == static_cast<std::int64_t>(wanted.size()));
  }
}

TEMPLATE_TEST_CASE("pages by offset hold each task once", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  for (const auto& [name, filter, wants] : filters()) {
    CAPTURE(name);
    std::vector<unsigned> seen;
    page_request page = page_of(7);
    for (bool more = true; more; page.offset += page.limit) {
      const auto found = with.store.list(filter, page);
      REQUIRE(found.has_value());
      const auto numbers = with.numbers_of(*found);
      seen.insert(seen.end(), numbers.begin(), numbers.end());
      more = found->has_more;
      REQUIRE((!more || numbers.size() == page.limit));
    }
    CHECK(seen == all_that(wants));
  }
}

TEMPLATE_TEST_CASE("pages by cursor hold each task once, though new ones come in between",
                   "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  for (const auto& [name, filter, wants] : filters()) {
    CAPTURE(name);
    std::vector<unsigned> seen;
    page_request page = page_of(7);
    for (bool more = true; more;) {
      const auto found = with.store.list(filter, page);
      REQUIRE(found.has_value());
      const auto numbers = with.numbers_of(*found);
      seen.insert(seen.end(), numbers.begin(), numbers.end());
      more = found->has_more;
      if (!found->items.empty())
        page.after = found->items.back().id;
    }
    CHECK(seen == all_that(wants));
  }
}

TEMPLATE_TEST_CASE("a cursor may name a task that is not there", "[store]", in_memory, on_rocksdb) {
  world<TestType> with;
  page_request page = page_of(3);
  page.after = world<TestType>::id_in(100, 63);  // 100 itself lies in another shard, and before it
  CHECK(with.list({}, page) == std::vector<unsigned>{100, 99, 98});
  page.after = world<TestType>::id_in(0, 0);
  CHECK(with.list({}, page).empty());
}

TEMPLATE_TEST_CASE("a page of none and a page behind the end are empty", "[store]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  const auto none = with.store.list({}, page_of(0));
  CHECK(none->items.empty());
  CHECK(none->has_more);
  const auto behind = with.store.list({}, page_of(10, task_count));
  CHECK(behind->items.empty());
  CHECK_FALSE(behind->has_more);
  CHECK(behind->total == task_count);
}

TEMPLATE_TEST_CASE("all ids with a status are found, whatever their shard", "[store]", in_memory,
                   on_rocksdb) {
  world<TestType> with;
  const auto found = with.store.ids_with_status(task_status::queued);
  CHECK(std::set(found.begin(), found.end()).size() == task_count / 3);
  CHECK(found.size() == task_count / 3);
  CHECK(with.store.ids_with_status(task_status::failed).empty());
}
