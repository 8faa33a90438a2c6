#include "storage/task_search.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "storage/task_store.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/schedule_samples.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

// Goal: whatever is asked, a list holds the tasks that match, newest first, and counts them.
// Method: random tasks that come, end and go; random filters; a look at every task in memory, which
// knows nothing of indexes, is the truth.

namespace {

constexpr std::array types{"mail", "report", "backup"};
constexpr std::array tag_words{"night", "day", "a"};
constexpr std::array creators{"ada", "bob"};

template <class Disk>
class random_store {
public:
  explicit random_store(unsigned seed) : random_{seed} {}

  bool one_in(unsigned count) { return random_() % count == 0; }
  std::size_t below(std::size_t count) { return random_() % count; }

  void make() {
    auto spec = a_spec();
    spec.task_type = types.at(below(types.size()));
    now_ += std::chrono::seconds{below(40)};
    spec.created_at = now_;
    spec.scheduled_for = now_ + std::chrono::minutes{below(100)};
    for (const auto* tag : tag_words)
      if (one_in(3))
        spec.tags.emplace_back(tag);
    if (one_in(3))
      spec.created_by = creators.at(below(creators.size()));
    spec.payload = R"({"n":)" + std::to_string(below(3)) + R"(,"who":["Ada","Bob"]})";
    auto id = first_id_at(now_);
    id.bytes[6] = 0x70;
    id.bytes[8] = static_cast<std::uint8_t>(++made_ >> 8U);
    id.bytes[9] = static_cast<std::uint8_t>(made_);
    auto shard = below(shard_count);
    if (one_in(4)) {
      spec.schedule = a_schedule_id(1 + below(2), 7);
      shard = 7;
    } else if (one_in(4)) {
      spec.batch = batch_place{an_id(1 + below(2), 3), made_};
    }
    id.bytes[15] = static_cast<std::uint8_t>(shard);
    save(std::make_shared<task>(task{id, std::make_shared<task_spec>(spec), scheduled{}}), {});
  }

  void move() {
    if (tasks_.empty())
      return;
    const auto subject = std::next(tasks_.begin(), static_cast<long>(below(tasks_.size())))->second;
    if (one_in(8))
      return remove(subject);
    auto after = *subject;
    after.state = some_state();
    save(std::make_shared<task>(after), facts_of(*subject));
  }

  task_filter some_filter() {
    task_filter filter;
    const auto pick = [&](auto& values, const auto& from) {
      for (const auto& value : from)
        if (one_in(2))
          values.push_back(value);
    };
    if (one_in(3))
      pick(filter.statuses, std::array{task_status::scheduled, task_status::queued,
                                       task_status::completed, task_status::failed});
    if (one_in(3))
      pick(filter.task_types, types);
    if (one_in(3))
      pick(filter.tags, tag_words);
    if (one_in(5))
      pick(filter.reasons, std::array{end_reason::success, end_reason::error, end_reason::timeout});
    if (one_in(5))
      pick(filter.schedules, std::array{a_schedule_id(1, 7), a_schedule_id(2, 7)});
    if (one_in(5))
      pick(filter.batches, std::array{an_id(1, 3), an_id(2, 3)});
    if (one_in(5))
      pick(filter.created_by, creators);
    if (one_in(4))
      filter.created = some_range();
    if (one_in(6))
      filter.planned = some_range();
    if (one_in(5))
      filter.ended = some_range();
    if (one_in(8))
      filter.text = "DA";
    if (one_in(8))
      filter.payload = {{"n", {"1", "2"}}};
    if (one_in(12))
      filter.is_scheduled = one_in(2);
    return filter;
  }

  /// Newest first.
  std::vector<task_id> truth(const task_filter& filter) {
    task_matcher matches{disk_.engine(), filter};
    std::vector<task_id> found;
    for (auto each = tasks_.rbegin(); each != tasks_.rend(); ++each)
      if (matches(*each->second))
        found.push_back(each->first);
    return found;
  }

  task_store& store() { return store_; }
  [[nodiscard]] bool is_there(const task_id& id) const { return tasks_.contains(id); }

private:
  time_range some_range() {
    time_range range;
    if (one_in(2))
      range.from = noon + std::chrono::seconds{below(20'000)};
    if (!range.from || one_in(2))
      range.to = range.from.value_or(noon) + std::chrono::milliseconds{below(4'000'000)};
    return range;
  }
  task_state some_state() {
    switch (below(5)) {
      case 0:
        return queued{now_};
      case 1:
        return ended{task_status::completed, end_reason::success, now_};
      case 2:
        return ended{task_status::failed, end_reason::error, now_};
      case 3:
        return ended{task_status::failed, end_reason::timeout, now_};
      default:
        return scheduled{};
    }
  }
  void save(const task_ptr& after, const std::optional<index_facts>& before) {
    change_set out;
    encode(task_change{after, before, {}}, out);
    REQUIRE(store_.commit({&out}) == commit_status::durable);
    tasks_[after->id] = after;
  }
  void remove(const task_ptr& subject) {
    task_change gone{subject, facts_of(*subject), {}};
    gone.removed = true;
    change_set out;
    encode(gone, out);
    REQUIRE(store_.commit({&out}) == commit_status::durable);
    tasks_.erase(subject->id);
  }

  std::mt19937_64 random_;
  Disk disk_;
  task_store store_{disk_.engine()};
  std::map<task_id, task_ptr> tasks_;
  instant now_ = noon;
  unsigned made_ = 0;
};

std::vector<task_id> ids_of(const task_page& page) {
  std::vector<task_id> ids;
  for (const auto& item : page.items)
    ids.push_back(item.id);
  return ids;
}

}  // namespace

TEMPLATE_TEST_CASE("lists by any filter hold what matches, newest first, and count it",
                   "[store][random]", in_memory, on_rocksdb) {
  const auto seed = GENERATE(1U, 2U);
  CAPTURE(seed);
  random_store<TestType> with{seed};
  for (int round = 0; round < 25; ++round) {
    for (int step = 0; step < 12; ++step)
      with.one_in(3) ? with.move() : with.make();
    for (int question = 0; question < 12; ++question) {
      const auto filter = with.some_filter();
      const auto wanted = with.truth(filter);
      CAPTURE(round, question);
      const auto whole = with.store().list(filter, {1'000, 0, {}});
      REQUIRE(whole.has_value());
      REQUIRE(ids_of(*whole) == wanted);
      REQUIRE(whole->total == static_cast<std::int64_t>(wanted.size()));
      REQUIRE(*with.store().count(filter) == whole->total);
      const auto offset = with.below(wanted.size() + 3);
      const auto part = with.store().list(filter, {5, offset, {}});
      const auto begin = std::min(offset, wanted.size());
      const auto end = std::min(begin + 5, wanted.size());
      REQUIRE(ids_of(*part)
              == std::vector<task_id>(wanted.begin() + static_cast<long>(begin),
                                      wanted.begin() + static_cast<long>(end)));
      REQUIRE(part->has_more == (end < wanted.size()));
      REQUIRE(part->total == whole->total);
    }
  }
}

TEMPLATE_TEST_CASE("pages by cursor hold once what matches all the time, while tasks come and end",
                   "[store][random]", in_memory, on_rocksdb) {
  const auto seed = GENERATE(4U, 5U);
  CAPTURE(seed);
  random_store<TestType> with{seed};
  for (int step = 0; step < 150; ++step)
    with.make();
  for (int walk = 0; walk < 12; ++walk) {
    const auto filter = with.some_filter();
    auto always = with.truth(filter);
    std::vector<task_id> seen;
    page_request page{7, 0, {}};
    for (bool more = true; more;) {
      const auto found = with.store().list(filter, page);
      REQUIRE(found.has_value());
      std::ranges::move(ids_of(*found), std::back_inserter(seen));
      more = found->has_more;
      if (!found->items.empty())
        page.after = found->items.back().id;
      for (int step = 0; step < 5; ++step)
        with.one_in(2) ? with.move() : with.make();
      const auto now = with.truth(filter);
      std::erase_if(always,
                    [&](const auto& id) { return std::ranges::find(now, id) == now.end(); });
    }
    REQUIRE(std::ranges::is_sorted(seen, std::greater{}));
    REQUIRE(std::ranges::adjacent_find(seen) == seen.end());
    for (const auto& id : always)
      REQUIRE(std::ranges::find(seen, id) != seen.end());
  }
}

TEST_CASE("a search ends when its steps are used up, and says so", "[store]") {
  random_store<in_memory> with{1};
  for (int step = 0; step < 200; ++step)
    with.make();
  task_filter rare;
  rare.text = "nothing has this";
  search_bounds few{std::size_t{50}};
  CHECK(with.store().list(rare, {}, few).has_value());
  CHECK(few.is_over());
  search_bounds enough{std::size_t{100'000}};
  CHECK(with.store().list(rare, {}, enough)->total == 0);
  CHECK_FALSE(enough.is_over());
  search_bounds unwanted{[] { return false; }};
  CHECK(unwanted.go_on());
  CHECK_FALSE(unwanted.go_on(10'000));
}

TEST_CASE("a value in a payload is found by its path, to the last digit", "[store]") {
  const std::string payload =
      R"({"customer":{"id":12345678901234567890,"name":"Ad\u0061","old":null},"items":[{"ok":true}]})";
  const auto holds = [&](const std::string& path, const std::string& value) {
    return payload_matches({{path, {value}}}, payload);
  };
  CHECK(holds("customer.id", "12345678901234567890"));
  CHECK_FALSE(holds("customer.id", "12345678901234567891"));
  CHECK_FALSE(holds("customer.id", R"("12345678901234567890")"));
  CHECK(holds("customer.name", R"("Ada")"));
  CHECK(holds("customer.old", "null"));
  CHECK(holds("items.0.ok", "true"));
  CHECK_FALSE(holds("items.1.ok", "true"));
  CHECK_FALSE(holds("customer", "null"));
  CHECK_FALSE(holds("", "null"));
  CHECK(payload_matches({{"customer.old", {"1", "null"}}, {"items.0.ok", {"true"}}}, payload));
  CHECK_FALSE(payload_matches({{"customer.old", {"null"}}, {"items.0.ok", {"false"}}}, payload));
}
