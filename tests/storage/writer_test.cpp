#include "storage/writer.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <optional>

#include "tests/storage/engines.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

namespace {

change_set a_put(const std::string& key) {
  change_set changes;
  changes.put(space::rows, key, "value");
  return changes;
}

/// A writer over a disk that fails on command, and all that it has answered.
class world {
public:
  ~world() {
    disk.let_go();
    subject.reset();
  }
  void submit(const std::string& key) {
    subject->submit(a_put(key), [this, key](commit_status status) {
      const std::lock_guard lock{mutex_};
      answers_.emplace_back(key, status);
      answered_.notify_all();
    });
  }
  using answers = std::vector<std::pair<std::string, commit_status>>;
  /// The first `count` answers, in the order in which they came.
  answers wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    answered_.wait(lock, [&] { return answers_.size() >= count; });
    return answers_;
  }
  [[nodiscard]] bool stored(const std::string& key) const {
    return memory.get(space::rows, key)->has_value();
  }

  memory_engine memory;
  faulty_engine disk{memory};
  task_store store{disk};
  std::atomic<int> failures = 0;
  std::optional<writer> subject{std::in_place, store, [this] { ++failures; }};

private:
  std::mutex mutex_;
  std::condition_variable answered_;
  answers answers_;
};

constexpr auto durable = commit_status::durable;
constexpr auto no_space = commit_status::no_space;
constexpr auto failed = commit_status::failed;

}  // namespace

TEST_CASE("an answer comes when the change is on disk, not before", "[writer]") {
  world with;
  with.disk.hold();
  with.submit("a");
  with.disk.wait_for_commits(1);
  CHECK_FALSE(with.stored("a"));
  CHECK(with.wait_for(0).empty());
  with.disk.let_go();
  CHECK(with.wait_for(1) == world::answers{{"a", durable}});
  CHECK(with.stored("a"));
}

TEST_CASE("all that is queued meanwhile goes into one commit, in order", "[writer]") {
  world with;
  with.disk.hold();
  with.submit("first");
  with.disk.wait_for_commits(1);
  for (const auto* key : {"a", "b", "c", "d"})
    with.submit(key);
  with.disk.let_go();
  CHECK(with.wait_for(5)
        == world::answers{
            {"first", durable}, {"a", durable}, {"b", durable}, {"c", durable}, {"d", durable}});
  CHECK(with.disk.commits() == 2);
  CHECK(with.subject->batches() == 2);
}

TEST_CASE("bytes count as queued until they are written", "[writer]") {
  world with;
  with.disk.hold();
  with.submit("first");
  with.disk.wait_for_commits(1);
  with.submit("second");
  CHECK(with.subject->queued_bytes() == a_put("first").bytes() + a_put("second").bytes());
  with.disk.let_go();
  with.wait_for(2);
  with.disk.hold();
  with.submit("third");
  with.disk.wait_for_commits(3);
  CHECK(with.subject->queued_bytes() == a_put("third").bytes());
}

TEST_CASE("a full disk answers all and is not the end", "[writer]") {
  world with;
  with.disk.answer(no_space);
  with.disk.hold();
  with.submit("a");
  with.disk.wait_for_commits(1);
  with.submit("b");
  with.disk.recovers(false);
  with.disk.let_go();
  CHECK(with.wait_for(2) == world::answers{{"a", no_space}, {"b", no_space}});
  CHECK_FALSE(with.subject->has_room());
  CHECK(with.failures == 0);
  CHECK_FALSE(with.stored("a"));
  CHECK_FALSE(with.stored("b"));
  // Nothing is written before the store says that it can.
  CHECK(with.disk.commits() == 1);
  CHECK(with.disk.recoveries() == 1);
}

TEST_CASE("with room again the writer goes on", "[writer]") {
  world with;
  with.disk.answer(no_space);
  with.submit("a");
  with.wait_for(1);
  CHECK_FALSE(with.subject->has_room());
  with.disk.answer(durable);
  with.submit("b");  // the first request probes at once
  CHECK(with.wait_for(2) == world::answers{{"a", no_space}, {"b", durable}});
  CHECK(with.subject->has_room());
  CHECK(with.stored("b"));
  CHECK_FALSE(with.stored("a"));
}

TEST_CASE("a batch is counted when it was written", "[writer]") {
  world with;
  with.disk.answer(no_space);
  with.submit("a");
  with.wait_for(1);
  with.disk.answer(durable);
  with.submit("b");
  with.wait_for(2);
  CHECK(with.subject->batches() == 1);
}

TEST_CASE("after a failure nothing more is written, whatever the disk says then", "[writer]") {
  world with;
  with.disk.answer(failed);
  with.submit("a");
  with.wait_for(1);
  CHECK(with.failures == 1);
  with.disk.answer(durable);
  with.submit("b");
  with.submit("c");
  CHECK(with.wait_for(3) == world::answers{{"a", failed}, {"b", failed}, {"c", failed}});
  CHECK(with.failures == 1);
  CHECK(with.disk.commits() == 1);
  CHECK_FALSE(with.stored("b"));
}

TEST_CASE("the process learns of a failure before any answer leaves", "[writer]") {
  memory_engine disk;
  disk.fail(failed, 1);
  task_store store{disk};
  std::vector<std::string> order;
  {
    writer subject{store, [&] { order.emplace_back("failure"); }};
    subject.submit(a_put("a"), [&](commit_status) { order.emplace_back("answer"); });
  }
  CHECK(order == std::vector<std::string>{"failure", "answer"});
}

TEST_CASE("the end of a writer writes what is queued first", "[writer]") {
  memory_engine disk;
  task_store store{disk};
  int answered = 0;
  {
    writer subject{store, [] {}};
    for (int count = 0; count < 100; ++count)
      subject.submit(a_put(std::to_string(count)),
                     [&](commit_status status) { answered += status == durable ? 1 : 0; });
  }
  CHECK(answered == 100);
  CHECK(disk.get(space::rows, "99")->has_value());
}
