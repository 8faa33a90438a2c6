#include "storage/list_build.hpp"

#include <catch2/catch.hpp>

#include <map>

#include "storage/keys.hpp"
#include "storage/list_keys.hpp"
#include "storage/store_check.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

using map = std::map<std::string, std::string>;

map index_of(const engine& disk) {
  map found;
  const auto at = std::move(disk.read(space::index, 1).front());
  for (at->seek(""); at->valid(); at->next())
    if (at->value() != "0")
      found.emplace(at->key(), at->value());
  return found;
}

bool is_of_lists(const std::string& key) {
  const auto counters = keys::counter({});
  return (key[0] != '\xFF' && (key[1] == 't' || key[1] == 'x' || key[1] == 'm'))
         || key == keys::lists_state()
         || (key.starts_with(counters) && keys::is_count_for_lists(key.substr(counters.size())));
}

/// A store as this version keeps it.
void fill(task_store& store, std::uint64_t from, std::uint64_t to) {
  for (auto number = from; number < to; ++number) {
    auto spec = a_spec();
    spec.tags = {"night", number % 2 == 0 ? "even" : "odd"};
    if (number % 3 == 0)
      spec.created_by = "agent";
    task_state state = scheduled{};
    if (number % 5 == 0)
      state = ended{task_status::failed, end_reason::timeout, noon};
    const auto made = std::make_shared<task>(
        task{an_id(number << 30U, number % shard_count), std::make_shared<task_spec>(spec), state});
    change_set out;
    encode({made, {}, {}}, out);
    REQUIRE(store.commit({&out}) == commit_status::durable);
  }
}

/// The same, as an earlier version left it.
void forget_lists(engine& disk) {
  change_set out;
  for (const auto& [key, value] : index_of(disk)) {
    if (is_of_lists(key))
      out.erase(space::index, key);
    else if (key[1] == 's' && key[0] != '\xFF')
      out.put(space::index, key, {});
  }
  REQUIRE(disk.commit({&out}) == commit_status::durable);
}

/// The process ends behind its first commit.
class short_lived final : public engine {
public:
  explicit short_lived(engine& inner) : inner_{inner} {}
  commit_status commit(const std::vector<const change_set*>& changes) override {
    return commits_++ == 0 ? inner_.commit(changes) : commit_status::no_space;
  }
  expected<std::optional<std::string>> get(space where, std::string_view key) const override {
    return inner_.get(where, key);
  }
  std::vector<std::unique_ptr<cursor>> read(space where, std::size_t count) const override {
    return inner_.read(where, count);
  }
  bool recover() override { return false; }
  void reclaim() const override {}

private:
  engine& inner_;
  int commits_ = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("what lists need is built for a store of an earlier version, once", "[store]",
                   in_memory, on_rocksdb) {
  TestType disk;
  map wanted;
  {
    task_store store{disk.engine()};
    REQUIRE(*build_lists(store, disk.engine()) == 0);
    fill(store, 0, 100);
    wanted = index_of(disk.engine());
    forget_lists(disk.engine());
  }
  CHECK_FALSE(has_lists(disk.engine()));
  CHECK(check_store(disk.engine(), {}).fault_count() == 0);  // nothing that the next start mends
  task_store store{disk.engine()};
  CHECK(*build_lists(store, disk.engine()) == 100);
  CHECK(index_of(disk.engine()) == wanted);
  CHECK(has_lists(disk.engine()));
  CHECK(*build_lists(store, disk.engine()) == 0);
  CHECK(check_store(disk.engine(), {}).fault_count() == 0);
}

TEST_CASE("what lists need is built to the end after crashes, and counted once", "[store]") {
  in_memory disk;
  map wanted;
  {
    task_store store{disk.engine()};
    REQUIRE(*build_lists(store, disk.engine()) == 0);
    fill(store, 0, 20'000);
    wanted = index_of(disk.engine());
    forget_lists(disk.engine());
  }
  int lives = 0;
  for (int life = 1;; ++life) {
    REQUIRE(life < 100);
    short_lived dying{disk.engine()};
    task_store store{dying};
    if (build_lists(store, dying))
      break;
    lives = life;
  }
  CHECK(lives > 1);
  CHECK(index_of(disk.engine()) == wanted);
}

TEST_CASE("a repair builds what lists need before it compares", "[store]") {
  in_memory disk;
  task_store store{disk.engine()};
  REQUIRE(*build_lists(store, disk.engine()) == 0);
  fill(store, 0, 20);
  const auto wanted = index_of(disk.engine());
  forget_lists(disk.engine());
  check_settings repair;
  repair.repairs = true;
  CHECK(check_store(disk.engine(), repair).fault_count() == 0);
  CHECK(index_of(disk.engine()) == wanted);
}
