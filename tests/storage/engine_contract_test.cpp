#include <catch2/catch.hpp>
#include <utility>

#include "tests/storage/engines.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;

// Every engine must pass this file.

namespace {

void put(engine& disk, space where,
         std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  change_set changes;
  for (const auto& [key, value] : pairs)
    changes.put(where, key, value);
  REQUIRE(disk.commit({&changes}) == commit_status::durable);
}

/// The value, or "-".
std::string value_of(const engine& disk, space where, std::string_view key) {
  const auto found = disk.get(where, key);
  REQUIRE(found.has_value());
  return found->value_or("-");
}

std::string keys_of(const engine& disk, space where) {
  std::string keys;
  const auto at = std::move(disk.read(where, 1).front());
  for (at->seek(""); at->valid(); at->next())
    keys.append(at->key()).push_back(' ');
  return keys;
}

std::string key_at(const cursor& at) {
  return at.valid() ? std::string{at.key()} : "-";
}

}  // namespace

TEMPLATE_TEST_CASE("what is committed is seen, and after the next open too", "[engine]", in_memory,
                   on_rocksdb) {
  TestType disk;
  put(disk.engine(), space::rows, {{"a", "1"}, {"b", ""}});
  for (int round = 0; round < 2; ++round) {
    CHECK(value_of(disk.engine(), space::rows, "a") == "1");
    CHECK(value_of(disk.engine(), space::rows, "b").empty());
    CHECK(value_of(disk.engine(), space::rows, "c") == "-");
    disk.reopen();
  }
}

TEMPLATE_TEST_CASE("the two spaces know nothing of each other", "[engine]", in_memory, on_rocksdb) {
  TestType disk;
  put(disk.engine(), space::rows, {{"a", "row"}});
  put(disk.engine(), space::index, {{"a", "entry"}});
  CHECK(value_of(disk.engine(), space::rows, "a") == "row");
  CHECK(value_of(disk.engine(), space::index, "a") == "entry");
}

TEMPLATE_TEST_CASE("changes of one commit are made in order", "[engine]", in_memory, on_rocksdb) {
  TestType disk;
  put(disk.engine(), space::rows, {{"a", "old"}, {"b", "old"}});
  change_set first;
  first.put(space::rows, "a", "first");
  first.erase(space::rows, "b");
  change_set second;
  second.put(space::rows, "a", "second");
  second.put(space::rows, "b", "again");
  second.put(space::rows, "c", "new");
  second.erase(space::rows, "c");
  second.erase(space::rows, "never there");
  CHECK(disk.engine().commit({&first, &second}) == commit_status::durable);
  CHECK(value_of(disk.engine(), space::rows, "a") == "second");
  CHECK(value_of(disk.engine(), space::rows, "b") == "again");
  CHECK(value_of(disk.engine(), space::rows, "c") == "-");
}

TEMPLATE_TEST_CASE("keys and values hold any bytes", "[engine]", in_memory, on_rocksdb) {
  TestType disk;
  const std::string zero{"\0\xFF\0", 3};
  const std::string large(1 << 20, '\xFE');
  put(disk.engine(), space::rows, {{zero, large}, {std::string_view{"\0", 1}, zero}});
  disk.reopen();
  CHECK(value_of(disk.engine(), space::rows, zero) == large);
  CHECK(value_of(disk.engine(), space::rows, std::string_view{"\0", 1}) == zero);
}

TEMPLATE_TEST_CASE("keys sort by their bytes, as unsigned numbers", "[engine]", in_memory,
                   on_rocksdb) {
  TestType disk;
  put(disk.engine(), space::index, {{"\xFF", ""}, {"b", ""}, {"a", ""}, {"aa", ""}, {"\x7F", ""}});
  CHECK(keys_of(disk.engine(), space::index) == "a aa b \x7F \xFF ");
}

TEMPLATE_TEST_CASE("a cursor walks both ways from where it was set", "[engine]", in_memory,
                   on_rocksdb) {
  TestType disk;
  put(disk.engine(), space::index, {{"b", "2"}, {"d", "4"}, {"f", "6"}});
  const auto at = std::move(disk.engine().read(space::index, 1).front());
  const auto [key, at_or_after, at_or_before] =
      GENERATE(table<std::string, std::string, std::string>({{"", "b", "-"},
                                                             {"b", "b", "b"},
                                                             {"c", "d", "b"},
                                                             {"d", "d", "d"},
                                                             {"f", "f", "f"},
                                                             {"g", "-", "f"}}));
  CAPTURE(key);
  at->seek(key);
  CHECK(key_at(*at) == at_or_after);
  at->seek_for_prev(key);
  CHECK(key_at(*at) == at_or_before);

  at->seek("d");
  CHECK(at->value() == "4");
  at->next();
  CHECK(key_at(*at) == "f");
  at->prev();
  at->prev();
  CHECK(key_at(*at) == "b");
  at->prev();
  CHECK_FALSE(at->valid());
  at->seek("f");
  at->next();
  CHECK_FALSE(at->valid());
}

TEMPLATE_TEST_CASE("a cursor over nothing stands nowhere", "[engine]", in_memory, on_rocksdb) {
  TestType disk;
  const auto at = std::move(disk.engine().read(space::index, 1).front());
  CHECK_FALSE(at->valid());
  at->seek("");
  CHECK_FALSE(at->valid());
  at->seek_for_prev("z");
  CHECK_FALSE(at->valid());
}

TEMPLATE_TEST_CASE("cursors keep the view of the moment they were made", "[engine]", in_memory,
                   on_rocksdb) {
  TestType disk;
  put(disk.engine(), space::index, {{"a", "old"}, {"b", "old"}});
  const auto cursors = disk.engine().read(space::index, 3);
  REQUIRE(cursors.size() == 3);
  change_set changes;
  changes.put(space::index, "a", "new");
  changes.erase(space::index, "b");
  changes.put(space::index, "c", "new");
  REQUIRE(disk.engine().commit({&changes}) == commit_status::durable);
  for (const auto& at : cursors) {
    at->seek("");
    CHECK(key_at(*at) == "a");
    CHECK(at->value() == "old");
    at->next();
    CHECK(key_at(*at) == "b");
    at->next();
    CHECK_FALSE(at->valid());
  }
  CHECK(keys_of(disk.engine(), space::index) == "a c ");
}

TEMPLATE_TEST_CASE("a commit without room changes nothing, now or later", "[engine]", in_memory,
                   on_rocksdb) {
  TestType disk;
  put(disk.engine(), space::rows, {{"a", "old"}});
  disk.reopen_full();
  change_set changes;
  changes.put(space::rows, "a", "new");
  changes.put(space::index, "b", "new");
  CHECK(disk.engine().commit({&changes}) == commit_status::no_space);
  for (int round = 0; round < 2; ++round) {
    CHECK(value_of(disk.engine(), space::rows, "a") == "old");
    CHECK(keys_of(disk.engine(), space::index).empty());
    disk.reopen();
  }
  CHECK(disk.engine().recover());
  CHECK(disk.engine().commit({&changes}) == commit_status::durable);
  CHECK(value_of(disk.engine(), space::rows, "a") == "new");
}

TEST_CASE("a full disk does not recover before it has room", "[engine]") {
  on_rocksdb disk;
  disk.reopen_full();
  CHECK_FALSE(disk.engine().recover());
}

TEST_CASE("a store belongs to one process at a time", "[engine]") {
  const temporary_folder folder;
  rocksdb_settings settings;
  settings.folder = folder.path().string();
  const auto first = open_rocksdb(settings);
  REQUIRE(first.has_value());
  CHECK_FALSE(open_rocksdb(settings).has_value());
}

TEST_CASE("a memory engine fails as often as it is told", "[engine]") {
  memory_engine disk;
  disk.fail(commit_status::failed, 2);
  change_set changes;
  changes.put(space::rows, "a", "1");
  CHECK(disk.commit({&changes}) == commit_status::failed);
  CHECK(disk.commit({&changes}) == commit_status::failed);
  CHECK(value_of(disk, space::rows, "a") == "-");
  CHECK(disk.commit({&changes}) == commit_status::durable);
}
