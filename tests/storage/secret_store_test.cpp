#include "storage/secret_store.hpp"

#include <catch2/catch.hpp>

#include "storage/crypto.hpp"
#include "storage/keys.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

const std::string seal_key(key_bytes, 's');

kept_secret a_secret(std::uint64_t number, std::string name = "default") {
  return {{an_id(number), std::move(name), noon, noon + 1h},
          "the bytes of " + std::to_string(number)};
}

void save(engine& disk, const kept_secret& secret) {
  change_set changes;
  encode_secret(secret, seal_key, changes);
  REQUIRE(disk.commit({&changes}) == commit_status::durable);
}

std::string row_of(const engine& disk, const task_id& id) {
  return **disk.get(space::rows, keys::secret_row(id));
}

void put_row(engine& disk, const task_id& id, const std::string& row) {
  change_set changes;
  changes.put(space::rows, keys::secret_row(id), row);
  REQUIRE(disk.commit({&changes}) == commit_status::durable);
}

}  // namespace

TEMPLATE_TEST_CASE("secrets come back, oldest first, until they are removed", "[secret_store]",
                   in_memory, on_rocksdb) {
  TestType store;
  auto second = a_secret(2, "billing");
  second.what.expires_at.reset();
  save(store.engine(), second);
  save(store.engine(), a_secret(1));
  store.reopen();

  auto found = load_secrets(store.engine(), seal_key);
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].what == a_secret(1).what);
  CHECK((*found)[0].key == "the bytes of 1");
  CHECK((*found)[1].what == second.what);

  change_set changes;
  encode_secret_removal(an_id(1), changes);
  REQUIRE(store.engine().commit({&changes}) == commit_status::durable);
  CHECK(load_secrets(store.engine(), seal_key)->size() == 1);
}

TEST_CASE("the bytes of a secret are not on disk", "[secret_store]") {
  in_memory store;
  save(store.engine(), a_secret(1));
  CHECK(row_of(store.engine(), an_id(1)).find("the bytes") == std::string::npos);
}

TEST_CASE("with another key a secret is known and cannot be read", "[secret_store]") {
  in_memory store;
  save(store.engine(), a_secret(1));
  const auto found = load_secrets(store.engine(), std::string(key_bytes, 'x'));
  REQUIRE(found.has_value());
  CHECK(found->front().what == a_secret(1).what);
  CHECK(found->front().key.empty());
}

TEST_CASE("a secret is bound to its id and to what is said of it", "[secret_store]") {
  in_memory store;
  save(store.engine(), a_secret(1));
  auto row = row_of(store.engine(), an_id(1));

  put_row(store.engine(), an_id(2), row);
  CHECK(load_secrets(store.engine(), seal_key)->back().key.empty());
  row.replace(row.find("default"), 7, "billing");
  put_row(store.engine(), an_id(1), row);
  CHECK(load_secrets(store.engine(), seal_key)->front().key.empty());
}

TEST_CASE("a row that is cut off is told as damage", "[secret_store]") {
  in_memory store;
  save(store.engine(), a_secret(1));
  const auto row = row_of(store.engine(), an_id(1));
  put_row(store.engine(), an_id(1), row.substr(0, row.size() - 1));
  const auto found = load_secrets(store.engine(), seal_key);
  REQUIRE(found.has_error());
  CHECK(found.error().kind == problem_kind::corrupt);
}
