#include <catch2/catch.hpp>

#include "tools/bench/moment_book.hpp"

using namespace carillon::bench;
using namespace std::chrono_literals;

namespace {

constexpr auto first_due = due_time{std::chrono::milliseconds{2'000'000'000'000}};

/// Two schedules that fire each minute, the second one a second later: two moments and one.
moment_book two_schedules() {
  return {{{first_due, 2}, {first_due + 1s, 1}}, 1min};
}

lease lease_of(std::uint64_t schedule, due_time moment) {
  lease seen;
  seen.sequence = schedule;
  seen.scheduled_for = moment;
  return seen;
}

/// A worker takes the task of a moment on time, and completes it.
void work(moment_book& book, std::uint64_t schedule, due_time moment) {
  const auto task = lease_of(schedule, moment);
  book.on_leased(task, moment);
  book.on_completed(task);
}

using faults = std::vector<std::string>;

}  // namespace

TEST_CASE("a run in which each moment of each schedule came once has no faults", "[bench]") {
  auto book = two_schedules();
  work(book, 0, first_due);
  work(book, 1, first_due + 1s);
  work(book, 0, first_due + 1min);

  CHECK(book.expected() == 3);
  CHECK(book.started() == 3);
  CHECK(book.completed() == 3);
  CHECK(book.faults() == faults{});
}

TEST_CASE("a moment that came twice does not make up for one that is missing", "[bench]") {
  auto book = two_schedules();
  work(book, 0, first_due);
  work(book, 0, first_due);
  work(book, 1, first_due + 1s);

  CHECK(book.faults()
        == faults{"1 moments are missing: no task came", "1 moments came more than once",
                  "1 tasks were not completed", "1 tasks were completed more than once"});
}

TEST_CASE("a task for a moment that is not due is a fault", "[bench]") {
  auto book = two_schedules();
  work(book, 0, first_due);
  work(book, 1, first_due + 1s);
  work(book, 0, first_due + 1min);
  work(book, 0, first_due - 1min);  // before the first
  work(book, 0, first_due + 2min);  // behind the last
  work(book, 1, first_due);         // of the other schedule
  work(book, 2, first_due);         // of no schedule

  CHECK(book.faults() == faults{"4 tasks came for moments that are not due"});
}

TEST_CASE("the task of a schedule that is early by a microsecond is early", "[bench]") {
  moment_book book{{{first_due, 1}}, 1min};
  const auto task = lease_of(0, first_due);
  book.on_leased(task, first_due - 1us);
  book.on_completed(task);

  CHECK(book.faults() == faults{"1 tasks were early"});
}
