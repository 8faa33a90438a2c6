#include "actors/stat_book.hpp"

#include <catch2/catch.hpp>

#include "storage/memory_engine.hpp"
#include "storage/stat_record.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

/// A counter and its book on a disk that outlives them.
struct counting {
  explicit counting(std::shared_ptr<storage::memory_disk> on) : disk{std::move(on)} {}

  void create(instant when, std::string type = "mail") {
    auto spec = a_spec();
    spec.task_type = std::move(type);
    counter.note(nullptr, a_task(spec), when);
  }
  /// False: there was nothing to write.
  bool write(instant now, bool is_durable = true) {
    storage::change_set changes;
    const auto page = book.write(now, changes);
    if (is_durable && !changes.empty())
      REQUIRE(disk.commit({&changes}) == storage::commit_status::durable);
    book.saved(page.number, is_durable, now);
    return !page.is_empty;
  }
  [[nodiscard]] std::int64_t created(const stat_grain& grain, instant begin) {
    std::int64_t count = 0;
    for (const auto& bucket : book.read(grain, begin, begin + grain.length).value())
      count += bucket.all.of(stat::created);
    return count;
  }

  storage::memory_engine disk;
  stat_counter counter;
  stat_book book{counter, disk};
};

}  // namespace

TEST_CASE("what was counted is seen before it is written", "[stat_book]") {
  counting now{std::make_shared<storage::memory_disk>()};
  now.create(noon);
  now.create(noon + 59s);
  now.create(noon + 60s);
  CHECK(now.created(stat_minutes, noon) == 2);
  CHECK(now.created(stat_hours, noon) == 3);
  CHECK(now.write(noon + 70s));
  CHECK_FALSE(now.write(noon + 80s));
  CHECK(now.created(stat_minutes, noon) == 2);
}

TEST_CASE("the next life goes on with the minute and the hour of the last one", "[stat_book]") {
  const auto disk = std::make_shared<storage::memory_disk>();
  {
    counting first{disk};
    first.create(noon);
    first.write(noon);
    first.create(noon);  // lost: never written
  }
  counting second{disk};
  second.create(noon + 1s);
  CHECK(second.created(stat_minutes, noon) == 2);
  CHECK(second.created(stat_hours, noon) == 2);
  second.write(noon + 1s);
  CHECK(storage::load_stats(second.disk, stat_minutes, noon).value()->all.of(stat::created) == 2);
}

TEST_CASE("counts that could not be written are written later", "[stat_book]") {
  counting now{std::make_shared<storage::memory_disk>()};
  now.create(noon);
  CHECK(now.write(noon, false));
  CHECK(now.write(noon + 3h));
  CHECK(storage::load_stats(now.disk, stat_minutes, noon).value()->all.of(stat::created) == 1);
  CHECK_FALSE(now.write(noon + 3h));
}

TEST_CASE("a clock that runs ahead leaves the hours of what is kept no longer", "[stat_book]") {
  counting now{std::make_shared<storage::memory_disk>()};
  for (int minute = 0; minute < 4 * 24 * 60; ++minute)
    now.create(noon + std::chrono::minutes{minute});
  now.write(noon + 96h);
  CHECK(now.created(stat_hours, noon) == 60);
  CHECK(now.created(stat_minutes, noon + 95h) == 1);
}
