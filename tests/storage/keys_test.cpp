#include "storage/keys.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

TEST_CASE("due entries sort by time, also before 1970", "[keys]") {
  const std::vector<instant> moments{instant::min(),
                                     instant_min,
                                     instant{duration{-86'400'000}},
                                     instant{duration{-256}},
                                     instant{duration{-1}},
                                     instant{},
                                     instant{duration{1}},
                                     instant{duration{255}},
                                     instant{duration{256}},
                                     noon,
                                     noon + 1ms,
                                     instant_max,
                                     instant::max()};
  std::vector<std::string> made;
  for (const auto moment : moments)
    made.push_back(keys::due_entry(an_id(7, 3), moment));
  CHECK(std::is_sorted(made.begin(), made.end()));
  CHECK(std::adjacent_find(made.begin(), made.end()) == made.end());
  for (std::size_t at = 0; at < moments.size(); ++at) {
    CHECK(keys::moment_of_due(made[at]) == moments[at]);
    CHECK(keys::id_at_end(made[at]) == an_id(7, 3));
    CHECK(made[at] >= keys::due_bound(3, moments[at]));
    CHECK(made[at].starts_with(keys::due_prefix(3)));
  }
}

TEST_CASE("random instants sort as their keys do", "[keys]") {
  std::mt19937_64 random{4711};
  for (int count = 0; count < 10'000; ++count) {
    const instant one{duration{static_cast<std::int64_t>(random())}};
    const instant other{duration{static_cast<std::int64_t>(random())}};
    REQUIRE((one < other) == (keys::due_bound(0, one) < keys::due_bound(0, other)));
    REQUIRE((one < other)
            == (keys::ready_entry(an_id(1), "q", one) < keys::ready_entry(an_id(1), "q", other)));
  }
}

TEST_CASE("a due entry is before the bound of the next millisecond", "[keys]") {
  task_id last;
  last.bytes.fill(0xFF);
  CHECK(keys::due_entry(last, noon) < keys::due_bound(shard_of(last), noon + 1ms));
}

TEST_CASE("ready entries sort by rank, then by id", "[keys]") {
  const auto one = keys::ready_entry(an_id(9), "mail", noon);
  const auto two = keys::ready_entry(an_id(1), "mail", noon + 1ms);
  CHECK(one < two);
  CHECK(one < keys::ready_entry(an_id(10), "mail", noon));
  CHECK(keys::rank_of_ready(two) == noon + 1ms);
  CHECK(keys::id_at_end(two) == an_id(1));
}

TEST_CASE("queues and types that begin alike are kept apart", "[keys]") {
  CHECK(keys::ready_entry(an_id(1), "mail", noon).starts_with(keys::ready_prefix(0, "mail")));
  CHECK_FALSE(
      keys::ready_entry(an_id(1), "mail2", noon).starts_with(keys::ready_prefix(0, "mail")));
  CHECK_FALSE(keys::ready_entry(an_id(1), "mail", noon).starts_with(keys::ready_prefix(0, "")));
  CHECK_FALSE(keys::type_entry(an_id(1), "mail2").starts_with(keys::type_prefix(0, "mail")));
}

TEST_CASE("rows of a task lie together, newer tasks behind", "[keys]") {
  const auto row = keys::task_row(an_id(1));
  const auto state = keys::state_row(an_id(1));
  CHECK(row < state);
  CHECK(state < keys::task_row(an_id(2)));
  CHECK(row.starts_with(keys::task_prefix(0)));
  CHECK(keys::id_of_row(row) == an_id(1));
  CHECK(keys::id_of_row(state) == an_id(1));
  CHECK_FALSE(keys::id_of_row(keys::news_row(an_id(1), 0)));
}

TEST_CASE("news sort by number", "[keys]") {
  const std::vector<std::uint32_t> numbers{0, 1, 255, 256, 65'536, 0xFFFFFFFF};
  std::vector<std::string> made;
  for (const auto number : numbers)
    made.push_back(keys::news_row(an_id(1), number));
  CHECK(std::is_sorted(made.begin(), made.end()));
  CHECK(made.back().starts_with(keys::news_prefix(an_id(1))));
}

TEST_CASE("every key begins with its shard, and none with the store's own", "[keys]") {
  const auto shard = GENERATE(0U, 5U, 63U);
  const auto id = an_id(1, shard);
  for (const auto& key :
       {keys::task_row(id), keys::state_row(id), keys::news_row(id, 7), keys::due_entry(id, noon),
        keys::ready_entry(id, "q", noon), keys::status_entry(id, task_status::queued),
        keys::type_entry(id, "mail")})
    CHECK(static_cast<unsigned char>(key.front()) == shard);
  CHECK(static_cast<unsigned char>(keys::unique_row("x").front()) == shard_of_name("x"));
  CHECK(keys::epoch().front() == '\xFF');
  CHECK(keys::counter("x").front() == '\xFF');
}

// Stores hold these bytes: a change of any of them loses what they lead to.
TEST_CASE("keys look the same for ever", "[keys]") {
  const std::string id{"\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x05", 16};
  const auto one = an_id(1, 5);
  CHECK(keys::task_row(one) == "\x05t" + id);
  CHECK(keys::state_row(one) == "\x05t" + id + "s");
  CHECK(keys::news_row(one, 258) == "\x05n" + id + std::string{"\0\0\1\2", 4});
  CHECK(keys::due_entry(one, instant{duration{1}})
        == std::string{"\x05"
                       "d\x80\0\0\0\0\0\0\1",
                       10}
               + id);
  CHECK(keys::due_entry(one, instant{duration{-1}})
        == "\x05"
           "d\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
               + id);
  CHECK(keys::ready_entry(one, "mail", instant{})
        == std::string{"\x05qmail\0\x80\0\0\0\0\0\0\0", 15} + id);
  CHECK(keys::status_entry(one, task_status::failed) == "\x05s\x05" + id);
  CHECK(keys::type_entry(one, "mail") == std::string{"\x05ymail\0", 7} + id);
  CHECK(keys::epoch() == "\xFF" "e");
  CHECK(keys::manual_time() == "\xFFm");
  CHECK(keys::counter(keys::count_of_status(task_status::failed)) == "\xFF" "cs\x05");
  CHECK(keys::counter(keys::count_of_type("mail", task_status::queued)) == "\xFF" "cy\1mail");
}
