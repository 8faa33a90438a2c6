#include "model/task_id.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace carillon;
using namespace std::chrono_literals;

namespace {

constexpr instant noon = std::chrono::sys_days{std::chrono::year{2030} / 8 / 1} + 12h;

/// The same bits at every call.
id_generator constant_generator(std::uint64_t bits) {
  return id_generator{[bits] { return bits; }};
}

std::uint64_t millisecond_of(const task_id& id) {
  std::uint64_t millisecond = 0;
  for (std::size_t at = 0; at < 6; ++at)
    millisecond = millisecond << 8 | id.bytes[at];
  return millisecond;
}

}  // namespace

TEST_CASE("an id is a UUID of version 7 with the time of its making", "[task_id]") {
  const auto bits = GENERATE(0ULL, ~0ULL, 0x0123456789ABCDEFULL);
  auto ids = constant_generator(bits);
  const auto id = ids.next(noon);
  CHECK(millisecond_of(id) == static_cast<std::uint64_t>(noon.time_since_epoch().count()));
  CHECK(id.bytes[6] >> 4 == 7);     // the version
  CHECK(id.bytes[8] >> 6 == 0b10);  // the variant
}

TEST_CASE("an id is written as RFC 9562 has it", "[task_id]") {
  auto ids = constant_generator(0);
  CHECK(to_uuid(ids.next(noon)) == "01bd211d-1200-7000-8000-000000000000");
}

TEST_CASE("ids rise strictly", "[task_id]") {
  // The largest steps and the fullest start: the random part overflows into the time at once.
  const auto bits = GENERATE(0ULL, 1ULL, 0x0123456789ABCDEFULL, ~0ULL);
  auto ids = constant_generator(bits);
  auto before = ids.next(noon);
  SECTION("within a millisecond") {
    for (int count = 0; count < 10'000; ++count) {
      const auto id = ids.next(noon);
      REQUIRE(id > before);
      REQUIRE(id.bytes[6] >> 4 == 7);
      REQUIRE(id.bytes[8] >> 6 == 0b10);
      before = id;
    }
  }
  SECTION("and when the clock goes back") {
    for (const auto moment : {noon - 1ms, noon - 1h, noon, noon - 10000h, noon + 1ms, noon}) {
      const auto id = ids.next(moment);
      CHECK(id > before);
      before = id;
    }
  }
  SECTION("and when each must lie beside another name") {
    for (int count = 0; count < 1'000; ++count) {
      const auto name = std::to_string(count);
      const auto id = count % 2 == 0 ? ids.next_beside(name, noon) : ids.next(noon);
      REQUIRE(id > before);
      before = id;
    }
  }
}

TEST_CASE("ids made by several threads are different and rise in each", "[task_id]") {
  std::mt19937_64 random{4711};
  id_generator ids{[&random] { return random(); }};
  std::vector<std::vector<task_id>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made)
    threads.emplace_back([&ids, &mine] {
      for (int count = 0; count < 5'000; ++count)
        mine.push_back(ids.next(noon));
    });
  for (auto& thread : threads)
    thread.join();

  std::set<task_id> all;
  for (const auto& mine : made) {
    CHECK(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  CHECK(all.size() == 20'000);
}

TEST_CASE("the kernel gives different bits", "[task_id]") {
  kernel_random random;
  std::set<std::uint64_t> seen;
  for (int count = 0; count < 100; ++count)
    seen.insert(random());
  CHECK(seen.size() == 100);
}

// -- text ---------------------------------------------------------------------

TEST_CASE("an id reads back from both of its forms, in any case", "[task_id]") {
  const auto id = parse_task_id("01890a5d-ac96-774b-bcce-b302099a8057");
  REQUIRE(id);
  CHECK(to_uuid(*id) == "01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(to_text(*id) == "task_01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(parse_task_id(to_text(*id)) == id);
  CHECK(parse_task_id("01890A5D-AC96-774B-BCCE-B302099A8057") == id);
}

TEST_CASE("what is no id is refused", "[task_id]") {
  const auto* const text = GENERATE(
      "", "task_", "01890a5d", "01890a5dac96774bbcceb302099a8057",
      "01890a5d-ac96-774b-bcce-b302099a805", "01890a5d-ac96-774b-bcce-b302099a80570",
      "01890a5d-ac96-774b-bcce-b302099a805g", "01890a5d_ac96_774b_bcce_b302099a8057",
      "0-890a5d-ac96-774b-bcce-b302099a8057", "{01890a5d-ac96-774b-bcce-b302099a80}",
      "TASK_01890a5d-ac96-774b-bcce-b302099a8057", "task_task_01890a5d-ac96-774b-bcce-b302099a8057",
      " 01890a5d-ac96-774b-bcce-b302099a8057");
  CAPTURE(text);
  CHECK_FALSE(parse_task_id(text));
}

TEST_CASE("the first id of a moment lies between what is made before and then", "[task_id]") {
  auto ids = constant_generator(0);
  const auto before = ids.next(noon - std::chrono::milliseconds{1});
  const auto then = ids.next(noon);
  CHECK(before < first_id_at(noon));
  CHECK(first_id_at(noon) < then);
  CHECK(first_id_at(noon + std::chrono::milliseconds{1}) > ids.next(noon));
  CHECK(first_id_at(instant{} - std::chrono::hours{1}) == task_id{});
}

// -- shards -------------------------------------------------------------------

// Stores are laid out by these: a change of any of them loses tasks.
TEST_CASE("names stay in their shards for ever", "[task_id][shard]") {
  const auto [name, shard] = GENERATE(table<std::string, unsigned>(
      {{"", 1}, {"a", 0}, {"mail", 12}, {"invoice-2030-08-01", 18}, {"\xC3\xA9t\xC3\xA9", 25}}));
  CAPTURE(name);
  CHECK(shard_of_name(name) == shard);
}

TEST_CASE("the last six bits of an id are its shard", "[task_id][shard]") {
  CHECK(shard_of(*parse_task_id("01890a5d-ac96-774b-bcce-b302099a8000")) == 0);
  CHECK(shard_of(*parse_task_id("01890a5d-ac96-774b-bcce-b302099a803f")) == 63);
  CHECK(shard_of(*parse_task_id("01890a5d-ac96-774b-bcce-b302099a8057")) == 0x17);
}

TEST_CASE("an id can be made in the shard of a name", "[task_id][shard]") {
  auto ids = constant_generator(0x0123456789ABCDEFULL);
  for (int count = 0; count < 200; ++count) {
    const auto name = "invoice " + std::to_string(count);
    CHECK(shard_of(ids.next_beside(name, noon)) == shard_of_name(name));
  }
}

TEST_CASE("names and ids spread over all shards", "[task_id][shard]") {
  std::mt19937_64 random{4711};
  id_generator ids{[&random] { return random(); }};
  std::vector<int> names(shard_count);
  std::vector<int> made(shard_count);
  for (int count = 0; count < 6'400; ++count) {
    ++names[shard_of_name("invoice " + std::to_string(count))];
    ++made[shard_of(ids.next(noon))];
  }
  for (unsigned shard = 0; shard < shard_count; ++shard) {
    CHECK((names[shard] > 50 && names[shard] < 150));
    CHECK((made[shard] > 50 && made[shard] < 150));
  }
}
