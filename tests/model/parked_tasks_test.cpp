#include "model/parked_tasks.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>

#include "model/ready_queue.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

ready_entry entry(unsigned number, const std::string& key = {}) {
  return {noon + std::chrono::seconds{number}, an_id(number),
          key.empty() ? nullptr : std::make_shared<const key_limit>(key_limit{key})};
}

std::vector<task_id> ids_of(const std::vector<ready_entry>& entries) {
  std::vector<task_id> made;
  for (const auto& one : entries)
    made.push_back(one.id);
  return made;
}

/// No key is free.
key_answer all_wait(const ready_entry&) {
  return key_answer::wait;
}

ready_queue a_queue(std::size_t capacity, const std::vector<ready_entry>& stored) {
  ready_queue queue{capacity};
  queue.refill_started();
  queue.refill(stored, true);
  return queue;
}

}  // namespace

TEST_CASE("a task that waits for its key holds up nobody behind it", "[parked]") {
  auto queue = a_queue(10, {entry(1, "a"), entry(2, "a"), entry(3), entry(4, "b"), entry(5)});
  CHECK(ids_of(queue.take(9, all_wait)) == std::vector{an_id(3), an_id(5)});
  CHECK(queue.empty());
  CHECK(queue.parked().size() == 3);
}

TEST_CASE("only the best task of a closed key asks for it", "[parked]") {
  auto queue = a_queue(10, {entry(2, "a"), entry(3, "a"), entry(4, "a")});
  int asked = 0;
  const auto ask = [&](const ready_entry&) {
    ++asked;
    return key_answer::wait;
  };
  CHECK(queue.take(9, ask).empty());
  CHECK(asked == 1);
  queue.offer(entry(1, "a"));  // better than those who wait
  queue.offer(entry(5, "a"));
  CHECK(queue.take(9, ask).empty());
  CHECK(asked == 2);
  const auto changes = queue.parked().take_changes();
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].best == entry(1, "a"));
}

TEST_CASE("the tasks of an open key go by rank among the others, until it is closed again",
          "[parked]") {
  auto queue = a_queue(10, {entry(1, "a"), entry(3, "a"), entry(5, "a")});
  queue.take(9, all_wait);
  queue.offer(entry(2));
  queue.offer(entry(4));
  CHECK(queue.parked().open("a"));
  int slots = 2;
  const auto ask = [&](const ready_entry&) {
    return slots-- > 0 ? key_answer::start : key_answer::wait;
  };
  CHECK(ids_of(queue.take(9, ask)) == std::vector{an_id(1), an_id(2), an_id(3), an_id(4)});
  CHECK_FALSE(queue.parked().is_open("a"));
  CHECK(queue.empty());
  CHECK(queue.parked().size() == 1);
  CHECK_FALSE(queue.parked().open("unknown"));
}

TEST_CASE("a task that holds its key already is dropped", "[parked]") {
  auto queue = a_queue(10, {entry(1, "a"), entry(2)});
  const auto ask = [](const ready_entry&) { return key_answer::held; };
  CHECK(ids_of(queue.take(9, ask)) == std::vector{an_id(2)});
  CHECK(queue.parked().size() == 0);
}

TEST_CASE("what is parked does not come a second time from the store or by an offer", "[parked]") {
  auto queue = a_queue(10, {entry(1, "a"), entry(2, "a")});
  queue.take(9, all_wait);
  queue.refill_started();
  queue.refill({entry(1, "a"), entry(2, "a"), entry(3)}, true);
  CHECK(queue.size() == 1);
  queue.offer(entry(1, "a"));
  CHECK(queue.parked().size() == 1);
  CHECK(queue.size() == 2);
}

TEST_CASE("parked tasks leave room: the rest of their key is left in the store and skipped there",
          "[parked]") {
  ready_queue queue{4};
  queue.refill_started();
  queue.refill({entry(1, "a"), entry(2, "a"), entry(3, "a"), entry(4, "a")}, false);
  CHECK(queue.take(9, all_wait).empty());
  REQUIRE(queue.wants_refill());
  auto bounds = queue.refill_started();
  CHECK_FALSE(bounds.skips(entry(2, "a")));
  CHECK(bounds.skips(entry(5, "a")));
  CHECK_FALSE(bounds.skips(entry(6, "b")));
  CHECK_FALSE(bounds.skips(entry(7)));
  queue.refill({entry(7)}, true, bounds);
  CHECK(ids_of(queue.take(9, all_wait)) == std::vector{an_id(7)});

  // When those in memory are gone, the store is read for those behind them.
  CHECK_FALSE(queue.wants_refill());
  queue.parked().open("a");
  CHECK(queue.take(9, [](const auto&) { return key_answer::start; }).size() == 4);
  CHECK(queue.wants_refill());
}

TEST_CASE("too many parked tasks: the largest key leaves its worst in the store", "[parked]") {
  parked_tasks parked{4};
  for (const unsigned number : {1, 2, 3, 4})
    parked.park(entry(number, "large"));
  parked.park(entry(9, "small"));
  CHECK(parked.size() == 3);
  CHECK(parked.contains(an_id(2)));
  CHECK_FALSE(parked.contains(an_id(3)));
  parked.park(entry(10, "large"));  // it waits behind those in the store
  CHECK_FALSE(parked.contains(an_id(10)));
  CHECK_FALSE(parked.remove(an_id(1)));
  CHECK(parked.remove(an_id(2)));  // the last: those in the store are wanted now
  CHECK_FALSE(parked.remove(an_id(9)));
}

TEST_CASE("a key with less than its share of the room is read on", "[parked]") {
  parked_tasks parked{40};
  parked.park(entry(1, "a"));
  CHECK(parked.note_left("a"));
  CHECK_FALSE(parked.note_left("b"));
  parked.park(entry(5, "a"));
  CHECK_FALSE(parked.contains(an_id(5)));  // behind what is only in the store
  CHECK_FALSE(parked.begin_reading().skips(entry(5, "a")));
  parked.park(entry(5, "a"));
  CHECK(parked.contains(an_id(5)));
}

// Goal: however offers, cancels, grants, ends and late reads of the store interleave, with several
// keys and a head that is far too small, no task is forgotten, none is granted twice, and no key
// is held more often than its limit.
// Method: `waiting_` is the store, one gate a key is the real one. Advice of the gates is followed
// late. A grant of a task that no longer waits is refused, as the task itself would do.
namespace {

class keyed_day {
public:
  explicit keyed_day(unsigned seed)
      : random_{seed}, capacity_{1 + random_() % 6}, queue_{capacity_} {}

  void step() {
    const std::array steps{&keyed_day::offer,  &keyed_day::offer,  &keyed_day::cancel,
                           &keyed_day::take,   &keyed_day::decide, &keyed_day::finish,
                           &keyed_day::refill, &keyed_day::hear};
    (this->*steps[random_() % steps.size()])();
  }
  /// No more offers: all that waits must be granted, and nothing may be left of it anywhere.
  void drain() {
    for (unsigned round = 0; !is_over() && round < 40 * made_; ++round) {
      take();
      decide();
      finish();
      refill();
      hear();
    }
    CHECK(waiting_.empty());
    CHECK(queue_.parked().size() == 0);
    for (const auto& [key, gate] : gates_)
      CHECK(gate.is_idle(noon));
  }

private:
  static constexpr int concurrency = 2;

  [[nodiscard]] bool is_over() {
    return waiting_.empty() && taken_.empty() && running_.empty() && told_.empty()
           && queue_.parked().size() == 0 && queue_.empty();
  }
  void offer() {
    static const std::array<std::string, 4> keys{"", "a", "b", "c"};
    auto fresh = entry(++made_, keys[random_() % keys.size()]);
    fresh.rank = noon + duration{random_() % 1'000};
    if (fresh.limit)
      fresh.limit = std::make_shared<const key_limit>(key_limit{fresh.limit->key, concurrency});
    waiting_.emplace(fresh.id, fresh);
    queue_.offer(fresh);
  }
  void cancel() {
    if (!waiting_.empty() && random_() % 3 == 0)
      waiting_.erase(
          std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(random_() % waiting_.size())));
  }
  void take() {
    for (auto& one : queue_.take(1 + random_() % 3, [&](const ready_entry& asks) {
           return gate(asks.limit->key).try_start("q", asks, noon);
         })) {
      CHECK(std::ranges::count(taken_, one) == 0);
      taken_.push_back(std::move(one));
    }
    for (const auto& [key, best] : queue_.parked().take_changes()) {
      best ? gate(key).wait("q", *best) : gate(key).leave("q");
      follow(key);
    }
  }
  void decide() {
    if (taken_.empty())
      return;
    std::swap(taken_[random_() % taken_.size()], taken_.back());
    const auto one = taken_.back();
    taken_.pop_back();
    const bool granted = waiting_.erase(one.id) > 0;
    if (granted)
      running_.push_back(one);
    if (one.limit && granted) {
      gate(one.limit->key).confirm(one.id);
      CHECK(gate(one.limit->key).holders().size() <= concurrency);
    } else if (one.limit) {
      gate(one.limit->key).give_back(one.id);
      follow(one.limit->key);
    }
    queue_.settle(one.id);
  }
  void finish() {
    if (running_.empty())
      return;
    std::swap(running_[random_() % running_.size()], running_.back());
    const auto one = running_.back();
    running_.pop_back();
    if (!one.limit)
      return;
    gate(one.limit->key).release(one.id);
    follow(one.limit->key);
  }
  void refill() {
    if (read_) {
      queue_.refill(read_->entries, read_->complete, read_->bounds);
      read_.reset();
    } else if (queue_.wants_refill()) {
      const auto limit = queue_.refill_size();
      reading read{{}, false, queue_.refill_started()};
      std::vector<ready_entry> all;
      for (const auto& [id, waits] : waiting_)
        all.push_back(waits);
      std::ranges::sort(all);
      for (const auto& one : all)
        if (read.entries.size() < limit && !read.bounds.skips(one))
          read.entries.push_back(one);
      read.complete = read.entries.size() < limit;
      read_ = std::move(read);
    }
  }
  /// The queue hears of a key that may be free. Sometimes no worker is there.
  void hear() {
    if (told_.empty())
      return;
    const auto key = told_.front();
    told_.erase(told_.begin());
    if (!queue_.parked().open(key))
      gate(key).leave("q");
    else if (random_() % 2 == 0)
      take();
    if (queue_.parked().is_open(key))
      gate(key).pass("q");
    follow(key);
  }

  key_gate& gate(const std::string& key) { return gates_.try_emplace(key, noon).first->second; }
  void follow(const std::string& key) {
    if (gate(key).look(noon).tell)
      told_.push_back(key);
  }

  struct reading {
    std::vector<ready_entry> entries;
    bool complete;
    parked_bounds bounds;
  };
  std::mt19937_64 random_;
  std::size_t capacity_;
  ready_queue queue_;
  std::map<std::string, key_gate> gates_;
  std::vector<std::string> told_;
  std::map<task_id, ready_entry> waiting_;
  std::vector<ready_entry> taken_;
  std::vector<ready_entry> running_;
  std::optional<reading> read_;
  unsigned made_ = 0;
};

}  // namespace

TEST_CASE("no order of events loses a task with a key", "[parked][random]") {
  const auto seed = GENERATE(range(1U, 81U));
  CAPTURE(seed);
  keyed_day day{seed};
  for (int step = 0; step < 1'500; ++step)
    day.step();
  day.drain();
}
