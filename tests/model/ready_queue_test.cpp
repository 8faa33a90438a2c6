#include "model/ready_queue.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

ready_entry entry(unsigned number) {
  return {noon + std::chrono::seconds{number}, an_id(number)};
}

std::vector<ready_entry> entries(std::initializer_list<unsigned> numbers) {
  std::vector<ready_entry> made;
  for (const auto number : numbers)
    made.push_back(entry(number));
  return made;
}

std::vector<task_id> ids(std::initializer_list<unsigned> numbers) {
  std::vector<task_id> made;
  for (const auto number : numbers)
    made.push_back(an_id(number));
  return made;
}

/// A queue that has seen the whole store.
ready_queue a_queue(std::size_t capacity, std::initializer_list<unsigned> stored = {}) {
  ready_queue queue{capacity};
  queue.refill_started();
  queue.refill(entries(stored), true);
  return queue;
}

}  // namespace

TEST_CASE("the lowest rank is taken first, the lower id among equals", "[ready_queue]") {
  auto queue = a_queue(10);
  queue.offer({noon + 2s, an_id(1)});
  queue.offer({noon + 1s, an_id(9)});
  queue.offer({noon + 1s, an_id(3)});
  CHECK(queue.take(2) == ids({3, 9}));
  CHECK(queue.take(2) == ids({1}));
  CHECK(queue.take(2).empty());
}

TEST_CASE("a task that is offered again has its new rank only", "[ready_queue]") {
  auto queue = a_queue(10, {1, 2});
  queue.offer({noon + 9s, an_id(1)});
  CHECK(queue.size() == 2);
  CHECK(queue.take(9) == ids({2, 1}));
}

TEST_CASE("a new queue asks the store first, and once", "[ready_queue]") {
  ready_queue queue{4};
  CHECK(queue.wants_refill());
  queue.refill_started();
  CHECK(queue.refilling());
  CHECK_FALSE(queue.wants_refill());
  queue.refill(entries({1, 2}), true);
  CHECK_FALSE(queue.refilling());
  CHECK_FALSE(queue.wants_refill());
  CHECK(queue.take(9) == ids({1, 2}));
  CHECK_FALSE(queue.wants_refill());  // there is no more
}

TEST_CASE("a queue asks again when half of its head is gone", "[ready_queue]") {
  ready_queue queue{4};
  queue.refill_started();
  queue.refill(entries({1, 2, 3, 4}), false);
  CHECK_FALSE(queue.wants_refill());
  queue.take(1);
  CHECK_FALSE(queue.wants_refill());
  queue.take(1);
  CHECK(queue.wants_refill());
}

TEST_CASE("a full queue leaves the last ones in the store", "[ready_queue]") {
  auto queue = a_queue(2, {5, 7});
  queue.offer(entry(6));
  CHECK(queue.size() == 2);
  CHECK(queue.take(1) == ids({5}));
  CHECK(queue.wants_refill());
  queue.refill_started();
  queue.refill(entries({6, 7}), true);
  CHECK(queue.take(9) == ids({6, 7}));
}

TEST_CASE("nobody passes those who wait in the store", "[ready_queue]") {
  ready_queue queue{2};
  queue.refill_started();
  queue.refill(entries({1, 2}), false);  // 3 and 4 are behind
  queue.take(1);
  queue.offer(entry(9));
  CHECK(queue.take(1) == ids({2}));
  CHECK(queue.take(1).empty());
  queue.refill_started();
  queue.refill(entries({3, 4}), false);
  CHECK(queue.take(9) == ids({3, 4}));
  CHECK(queue.wants_refill());
}

TEST_CASE("an offer that is turned away while the store is read is not forgotten",
          "[ready_queue]") {
  ready_queue queue{4};
  queue.refill_started();
  queue.refill(entries({1, 2, 3, 4}), false);
  queue.take(3);
  queue.refill_started();
  queue.offer(entry(9));  // after the store was read, and behind what may be there
  queue.refill(entries({4}), true);
  CHECK(queue.take(9) == ids({4}));
  CHECK(queue.wants_refill());
}

TEST_CASE("what was taken does not come back from the store before it is settled",
          "[ready_queue]") {
  ready_queue queue{4};
  queue.refill_started();
  queue.refill(entries({1, 2, 3, 4}), false);
  CHECK(queue.take(3) == ids({1, 2, 3}));
  queue.refill_started();
  queue.settle(an_id(3));
  queue.refill(entries({1, 2, 3, 4}), true);
  CHECK(queue.take(9) == ids({3, 4}));
}

// Goal: however offers, grants, cancels and late reads of the store interleave, each task that
// waits is granted once and none is forgotten.
// Method: `waiting` is the store. A grant of a task that no longer waits is refused, as the task
// itself would do. A read may be answered long after it was made.
TEST_CASE("no order of events loses a task or grants it twice", "[ready_queue][random]") {
  const auto seed = GENERATE(range(1U, 41U));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const std::size_t capacity = 1 + random() % 8;
  ready_queue queue{capacity};
  std::map<task_id, instant> waiting;
  std::vector<task_id> taken;
  std::map<task_id, int> grants;
  std::optional<std::vector<ready_entry>> read;
  unsigned made = 0;

  const auto read_store = [&] {
    std::vector<ready_entry> all;
    for (const auto& [id, rank] : waiting)
      all.push_back({rank, id});
    std::sort(all.begin(), all.end());
    all.resize(std::min(all.size(), capacity));
    return all;
  };
  const auto take = [&] {
    for (const auto& id : queue.take(1 + random() % 3)) {
      REQUIRE(std::find(taken.begin(), taken.end(), id) == taken.end());
      taken.push_back(id);
    }
  };
  const auto decide = [&] {
    if (taken.empty())
      return;
    std::swap(taken[random() % taken.size()], taken.back());
    if (waiting.erase(taken.back()) == 1)
      ++grants[taken.back()];
    queue.settle(taken.back());
    taken.pop_back();
  };
  const auto refill = [&] {
    if (read) {
      queue.refill(*read, read->size() < capacity);
      read.reset();
    } else if (queue.wants_refill()) {
      queue.refill_started();
      read = read_store();
    }
  };
  for (int step = 0; step < 2'000; ++step) {
    switch (random() % 6) {
      case 0:
      case 1: {
        const ready_entry fresh{noon + duration{random() % 1'000}, an_id(++made)};
        waiting.emplace(fresh.id, fresh.rank);
        queue.offer(fresh);
        break;
      }
      case 2:
        if (!waiting.empty() && random() % 4 == 0) {  // canceled
          grants[waiting.begin()->first] = 1;
          waiting.erase(waiting.begin());
        }
        break;
      case 3:
        take();
        break;
      case 4:
        decide();
        break;
      default:
        refill();
    }
    REQUIRE(queue.size() <= capacity);
  }
  for (unsigned round = 0; !waiting.empty() && round < 10 * made; ++round) {
    take();
    decide();
    refill();
  }
  CHECK(waiting.empty());
  CHECK(grants.size() == made);
  for (const auto& [id, count] : grants)
    REQUIRE(count == 1);
}
