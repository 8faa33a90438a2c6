#include "actors/token_book.hpp"

#include <catch2/catch.hpp>

#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

const std::string bot_id = "0b8a2c9e-6f64-4b8b-9d53-1e36d3e27a11";

token_digest digest(unsigned char number) {
  token_digest made{};
  made.fill(number);
  return made;
}

access_token a_token(unsigned char number, std::string agent = {}) {
  access_token made;
  made.id = an_id(number);
  made.name = "token";
  made.digest = digest(number);
  made.agent = std::move(agent);
  if (made.agent.empty())
    made.scopes = {"tasks:read"};
  return made;
}

agent bot(std::vector<std::string> scopes) {
  return {bot_id, "bot", std::move(scopes), {}, {}};
}

}  // namespace

TEST_CASE("a token is good until it is taken", "[token_book]") {
  token_book book;
  CHECK_FALSE(book.who_has(digest(1), noon));
  book.put(a_token(1));
  REQUIRE(book.who_has(digest(1), noon));
  CHECK(book.who_has(digest(1), noon)->may_do.has(right::tasks_read));
  CHECK_FALSE(book.who_has(digest(2), noon));
  CHECK(book.take(an_id(1)) == a_token(1));
  CHECK_FALSE(book.who_has(digest(1), noon));
  CHECK_FALSE(book.take(an_id(1)));
}

TEST_CASE("whoever waits with a token learns that it was taken back", "[token_book]") {
  token_book book;
  book.put(a_token(1));
  const auto who = book.who_has(digest(1), noon);
  REQUIRE(who);
  CHECK_FALSE(is_withdrawn(*who));
  book.take(an_id(1));
  CHECK(is_withdrawn(*who));
}

TEST_CASE("the operator's token may do everything", "[token_book]") {
  token_book book;
  book.set_operator(digest(9));
  REQUIRE(book.who_has(digest(9), noon));
  CHECK(book.who_has(digest(9), noon)->may_do.has(right::admin));
  CHECK(book.who_has(digest(9), noon)->kind == principal_kind::operator_file);
  CHECK(book.all().empty());
}

TEST_CASE("a token is good for nothing from its end on", "[token_book]") {
  token_book book;
  auto short_lived = a_token(1);
  short_lived.expires_at = noon + 1h;
  book.put(short_lived);
  CHECK(book.who_has(digest(1), noon + 1h - 1ms));
  CHECK_FALSE(book.who_has(digest(1), noon + 1h));
}

TEST_CASE("what its agent may is what a token may, at once", "[token_book]") {
  token_book book;
  book.put(a_token(1, bot_id));
  CHECK_FALSE(book.who_has(digest(1), noon));  // there is no such agent yet
  book.set_agent(bot({"tasks:run"}));
  CHECK(book.who_has(digest(1), noon)->may_do.has(right::tasks_run));
  book.set_agent(bot({"tasks:read"}));
  CHECK_FALSE(book.who_has(digest(1), noon)->may_do.has(right::tasks_run));
  CHECK(book.who_has(digest(1), noon)->id == bot_id);
}

TEST_CASE("an agent that goes takes its tokens along, and no others", "[token_book]") {
  token_book book;
  book.set_agent(bot({"tasks:run"}));
  book.put(a_token(1, bot_id));
  book.put(a_token(2));
  CHECK(book.take_agent(bot_id) == std::vector{a_token(1, bot_id)});
  CHECK_FALSE(book.who_has(digest(1), noon));
  CHECK(book.who_has(digest(2), noon));
  book.set_agent(bot({"tasks:run"}));  // another one with the same id
  CHECK_FALSE(book.who_has(digest(1), noon));
}

TEST_CASE("tokens are shown newest first, with their last use to the second", "[token_book]") {
  token_book book;
  book.put(a_token(1));
  book.put(a_token(2));
  CHECK_FALSE(book.find(an_id(1))->last_used_at);
  CHECK(book.who_has(digest(1), noon));
  CHECK(book.who_has(digest(1), noon + 400ms));
  const auto all = book.all();
  REQUIRE(all.size() == 2);
  CHECK(all[0].token == a_token(2));
  CHECK(all[1].last_used_at == noon);
  CHECK(book.who_has(digest(1), noon + 2s));
  CHECK(book.find(an_id(1))->last_used_at == noon + 2s);
}
