#include "storage/token_store.hpp"

#include <catch2/catch.hpp>

#include "storage/keys.hpp"
#include "tests/storage/engines.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::storage;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

access_token a_token(std::uint64_t number) {
  access_token made;
  made.id = an_id(number);
  made.name = "token " + std::to_string(number);
  made.prefix = "carillon_abc";
  made.digest.fill(static_cast<unsigned char>(number));
  made.scopes = {"tasks:read", "worker:mail"};
  made.created_at = noon;
  made.created_by = "operator";
  made.expires_at = noon + 1h;
  return made;
}

void save(engine& disk, const access_token& token) {
  change_set changes;
  encode_token(token, changes);
  REQUIRE(disk.commit({&changes}) == commit_status::durable);
}

}  // namespace

TEMPLATE_TEST_CASE("tokens come back, oldest first, until they are removed", "[token_store]",
                   in_memory, on_rocksdb) {
  TestType store;
  auto second = a_token(2);
  second.agent = "0b8a2c9e-6f64-4b8b-9d53-1e36d3e27a11";
  second.scopes.clear();
  second.expires_at.reset();
  save(store.engine(), second);
  save(store.engine(), a_token(1));
  store.reopen();

  CHECK(load_tokens(store.engine()).value() == std::vector{a_token(1), second});

  change_set changes;
  encode_token_removal(an_id(1), changes);
  REQUIRE(store.engine().commit({&changes}) == commit_status::durable);
  CHECK(load_tokens(store.engine()).value() == std::vector{second});
}

TEST_CASE("a row of a token that is cut is told, and stands for no token", "[token_store]") {
  in_memory store;
  save(store.engine(), a_token(1));
  const auto row = **store.engine().get(space::rows, keys::token_row(an_id(1)));
  change_set changes;
  changes.put(space::rows, keys::token_row(an_id(1)), row.substr(0, row.size() - 1));
  REQUIRE(store.engine().commit({&changes}) == commit_status::durable);

  const auto found = load_tokens(store.engine());
  REQUIRE(!found);
  CHECK(found.error().kind == problem_kind::corrupt);
}
