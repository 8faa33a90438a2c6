#include "model/ready_queue.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
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

std::vector<task_id> taken(ready_queue& queue, std::size_t count) {
  std::vector<task_id> made;
  for (const auto& one : queue.take(count))
    made.push_back(one.id);
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
  CHECK(taken(queue, 2) == ids({3, 9}));
  CHECK(taken(queue, 2) == ids({1}));
  CHECK(taken(queue, 2).empty());
}

TEST_CASE("a task that is offered again has its new rank only", "[ready_queue]") {
  auto queue = a_queue(10, {1, 2});
  queue.offer({noon + 9s, an_id(1)});
  CHECK(queue.size() == 2);
  CHECK(taken(queue, 9) == ids({2, 1}));
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
  CHECK(taken(queue, 9) == ids({1, 2}));
  CHECK_FALSE(queue.wants_refill());  // there is no more
}

TEST_CASE("a queue asks again when half of its head is gone", "[ready_queue]") {
  ready_queue queue{4};
  queue.refill_started();
  queue.refill(entries({1, 2, 3, 4}), false);
  CHECK_FALSE(queue.wants_refill());
  taken(queue, 1);
  CHECK_FALSE(queue.wants_refill());
  taken(queue, 1);
  CHECK(queue.wants_refill());
}

TEST_CASE("a full queue leaves the last ones in the store", "[ready_queue]") {
  auto queue = a_queue(2, {5, 7});
  queue.offer(entry(6));
  CHECK(queue.size() == 2);
  CHECK(taken(queue, 1) == ids({5}));
  CHECK(queue.wants_refill());
  queue.refill_started();
  queue.refill(entries({6, 7}), true);
  CHECK(taken(queue, 9) == ids({6, 7}));
}

TEST_CASE("nobody passes those who wait in the store", "[ready_queue]") {
  ready_queue queue{2};
  queue.refill_started();
  queue.refill(entries({1, 2}), false);  // 3 and 4 are behind
  taken(queue, 1);
  queue.offer(entry(9));
  CHECK(taken(queue, 1) == ids({2}));
  CHECK(taken(queue, 1).empty());
  queue.refill_started();
  queue.refill(entries({3, 4}), false);
  CHECK(taken(queue, 9) == ids({3, 4}));
  CHECK(queue.wants_refill());
}

TEST_CASE("an offer that is turned away while the store is read is not forgotten",
          "[ready_queue]") {
  ready_queue queue{4};
  queue.refill_started();
  queue.refill(entries({1, 2, 3, 4}), false);
  taken(queue, 3);
  queue.refill_started();
  queue.offer(entry(9));  // after the store was read, and behind what may be there
  queue.refill(entries({4}), true);
  CHECK(taken(queue, 9) == ids({4}));
  CHECK(queue.wants_refill());
}

TEST_CASE("what was taken does not come back from the store before it is settled",
          "[ready_queue]") {
  ready_queue queue{4};
  queue.refill_started();
  queue.refill(entries({1, 2, 3, 4}), false);
  CHECK(taken(queue, 3) == ids({1, 2, 3}));
  queue.refill_started();
  queue.settle(an_id(3));
  queue.refill(entries({1, 2, 3, 4}), true);
  CHECK(taken(queue, 9) == ids({3, 4}));
}

// Goal: however offers, grants, cancels and late reads of the store interleave, each task that
// waits is granted once and none is forgotten.
// Method: `waiting_` is the store. A grant of a task that no longer waits is refused, as the task
// itself would do. A read may be answered long after it was made.
namespace {

class random_day {
public:
  explicit random_day(unsigned seed)
      : random_{seed}, capacity_{1 + random_() % 8}, queue_{capacity_} {}

  void step() {
    const std::array steps{&random_day::offer, &random_day::offer,  &random_day::cancel,
                           &random_day::take,  &random_day::decide, &random_day::refill};
    (this->*steps[random_() % steps.size()])();
    REQUIRE(queue_.size() <= capacity_);
  }
  /// No more offers: all that waits must be granted within as many rounds as it can take.
  void drain() {
    for (unsigned round = 0; !waiting_.empty() && round < 10 * made_; ++round) {
      take();
      decide();
      refill();
    }
    CHECK(waiting_.empty());
    CHECK(granted_ + canceled_ == made_);
  }

private:
  void offer() {
    const ready_entry fresh{noon + duration{random_() % 1'000}, an_id(++made_)};
    waiting_.emplace(fresh.id, fresh.rank);
    queue_.offer(fresh);
  }
  void cancel() {
    if (waiting_.empty() || random_() % 4 != 0)
      return;
    waiting_.erase(waiting_.begin());
    ++canceled_;
  }
  void take() {
    for (const auto& id : taken(queue_, 1 + random_() % 3)) {
      REQUIRE(std::find(taken_.begin(), taken_.end(), id) == taken_.end());
      taken_.push_back(id);
    }
  }
  void decide() {
    if (taken_.empty())
      return;
    std::swap(taken_[random_() % taken_.size()], taken_.back());
    granted_ += waiting_.erase(taken_.back());
    queue_.settle(taken_.back());
    taken_.pop_back();
  }
  void refill() {
    if (read_) {
      queue_.refill(*read_, read_->size() < capacity_);
      read_.reset();
    } else if (queue_.wants_refill()) {
      queue_.refill_started();
      read_ = head_of_store();
    }
  }
  [[nodiscard]] std::vector<ready_entry> head_of_store() const {
    std::vector<ready_entry> all;
    for (const auto& [id, rank] : waiting_)
      all.push_back({rank, id});
    std::sort(all.begin(), all.end());
    all.resize(std::min(all.size(), capacity_));
    return all;
  }

  std::mt19937_64 random_;
  std::size_t capacity_;
  ready_queue queue_;
  std::map<task_id, instant> waiting_;
  std::vector<task_id> taken_;
  std::optional<std::vector<ready_entry>> read_;
  unsigned made_ = 0;
  std::size_t canceled_ = 0;
  std::size_t granted_ = 0;
};

}  // namespace

TEST_CASE("no order of events loses a task or grants it twice", "[ready_queue][random]") {
  const auto seed = GENERATE(range(1U, 41U));
  CAPTURE(seed);
  random_day day{seed};
  for (int step = 0; step < 2'000; ++step)
    day.step();
  day.drain();
}
