#include "model/principal.hpp"

#include <catch2/catch.hpp>

#include "model/access_token.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;

namespace {

using words = std::vector<std::string>;
using kind = requirement::kind;

principal having(words scopes) {
  return {principal_kind::token, "token_x", "x", rights_of(scopes)};
}

requirement needing(right one, bool or_tss_admin = false) {
  return {kind::one_right, one, or_tss_admin};
}

requirement queue(std::string_view name) {
  return {.what = kind::queue, .queue = name};
}

const words all_scopes = {"",
                          "admin",
                          "tss.admin",
                          "tasks:read",
                          "tasks:create",
                          "tasks:update",
                          "tasks:delete",
                          "tasks:run",
                          "runs:read",
                          "events:publish",
                          "worker:mail",
                          "worker:*"};

const std::vector<std::pair<std::string, requirement>> all_needs = {
    {"any token", {kind::any_token}},
    {"admin", needing(right::admin)},
    {"tss.admin", needing(right::tss_admin)},
    {"tasks:read", needing(right::tasks_read)},
    {"tasks:read|tss", needing(right::tasks_read, true)},
    {"tasks:create", needing(right::tasks_create)},
    {"tasks:update", needing(right::tasks_update)},
    {"tasks:delete", needing(right::tasks_delete)},
    {"tasks:run", needing(right::tasks_run)},
    {"runs:read", needing(right::runs_read)},
    {"events:publish", needing(right::events_publish)},
    {"worker:mail", queue("mail")},
    {"worker:sms", queue("sms")},
    {"some queue", {kind::some_queue}}};

/// What each scope alone opens.
constexpr auto expected_table = R"(
: any token
admin: any token, admin, tss.admin, tasks:read, tasks:read|tss, tasks:create, tasks:update, tasks:delete, tasks:run, runs:read, events:publish, worker:mail, worker:sms, some queue
tss.admin: any token, tss.admin, tasks:read|tss
tasks:read: any token, tasks:read, tasks:read|tss
tasks:create: any token, tasks:create
tasks:update: any token, tasks:update
tasks:delete: any token, tasks:delete
tasks:run: any token, tasks:run
runs:read: any token, runs:read
events:publish: any token, events:publish
worker:mail: any token, worker:mail, some queue
worker:*: any token, worker:mail, worker:sms, some queue
)";

}  // namespace

TEST_CASE("each scope opens what it is for and nothing else", "[principal]") {
  std::string table = "\n";
  for (const auto& scope : all_scopes) {
    std::string opened;
    for (const auto& [name, need] : all_needs)
      if (may(having({scope}), need))
        opened.append(opened.empty() ? " " : ", ").append(name);
    table += scope + ":" + opened + "\n";
  }
  CHECK(table == expected_table);
}

TEST_CASE("words that are no scopes are known as such and give nothing", "[principal]") {
  for (const auto* word : {"", "Admin", "admin ", "tasks", "tasks:*", "tasks:write",
                           "worker:", "worker", "root", "worker:a\nb", "events:read", "*"}) {
    CAPTURE(word);
    CHECK_FALSE(is_scope(word));
    CHECK(rights_of(words{word}) == rights{});
  }
  CHECK_FALSE(is_scope("worker:" + std::string(257, 'q')));
  CHECK(is_scope("worker:" + std::string(256, 'q')));
  for (const auto& scope : all_scopes)
    CHECK((scope.empty() || is_scope(scope)));
  CHECK(scopes_wanted()
        == "must be one of admin, tss.admin, tasks:read, tasks:create, tasks:update, tasks:delete, "
           "tasks:run, runs:read, events:publish, worker:QUEUE, worker:*");
}

TEST_CASE("rights cover what they have and no more", "[principal]") {
  const auto covered = [](const words& one, const words& other) {
    return covers(rights_of(one), rights_of(other));
  };
  CHECK(covered({"admin"}, {"tss.admin", "worker:*", "tasks:read", "admin"}));
  CHECK(covered({"tasks:read", "tasks:run"}, {"tasks:run"}));
  CHECK(covered({"worker:*"}, {"worker:a", "worker:b"}));
  CHECK(covered({"worker:b", "worker:a"}, {"worker:a"}));
  CHECK(covered({"tasks:read"}, {}));
  CHECK_FALSE(covered({"tasks:read"}, {"tasks:run"}));
  CHECK_FALSE(covered({"tss.admin"}, {"tasks:read"}));
  CHECK_FALSE(covered({"worker:a"}, {"worker:*"}));
  CHECK_FALSE(covered({"worker:a"}, {"worker:b"}));
  CHECK_FALSE(covered({"tss.admin", "worker:*"}, {"admin"}));
}

TEST_CASE("what two have in common is had by both", "[principal]") {
  const std::vector<words> samples = {{},
                                      {"admin"},
                                      {"tasks:read", "worker:a", "worker:b"},
                                      {"tasks:read", "tasks:run", "worker:b", "worker:c"},
                                      {"worker:*", "runs:read"},
                                      {"tss.admin"}};
  for (const auto& one : samples)
    for (const auto& other : samples) {
      const auto both = common(rights_of(one), rights_of(other));
      CHECK(both == common(rights_of(other), rights_of(one)));
      CHECK(covers(rights_of(one), both));
      CHECK(covers(rights_of(other), both));
    }
  CHECK(common(rights_of(samples[2]), rights_of(samples[3]))
        == rights_of(words{"tasks:read", "worker:b"}));
  CHECK(common(rights_of(samples[2]), rights_of(samples[4]))
        == rights_of(words{"worker:a", "worker:b"}));
}

TEST_CASE("a requirement names the scope that gives it", "[principal]") {
  CHECK(scope_for(needing(right::tasks_delete, true)) == "tasks:delete");
  CHECK(scope_for(queue("mail")) == "worker:mail");
  CHECK(scope_for({kind::some_queue}) == "worker:QUEUE");
  CHECK(scope_for({kind::any_token}).empty());
}

TEST_CASE("a token of an agent may never do more than the agent", "[principal]") {
  access_token token;
  token.id = an_id(1);
  token.name = "key";
  agent bot{"0b8a2c9e-6f64-4b8b-9d53-1e36d3e27a11", "bot", {"tasks:read", "worker:mail"}, {}, {}};
  CHECK(principal_of(token, bot).may_do == rights_of(bot.scopes));
  CHECK(principal_of(token, bot).id == bot.id);
  CHECK(principal_of(token, bot).kind == principal_kind::agent);

  token.scopes = {"tasks:read", "tasks:run"};
  CHECK(principal_of(token, bot).may_do == rights_of(words{"tasks:read"}));
  bot.scopes = {"a word of an earlier version"};
  CHECK(principal_of(token, bot).may_do == rights{});
  CHECK(principal_of(token).may_do == rights_of(token.scopes));
  CHECK(principal_of(token).id == to_token_text(token.id));
}

TEST_CASE("the id of a token is read with its prefix and without", "[principal]") {
  const auto id = an_id(7);
  CHECK(parse_token_id(to_token_text(id)) == id);
  CHECK(parse_token_id(to_uuid(id)) == id);
  CHECK_FALSE(parse_token_id("token_"));
  CHECK_FALSE(parse_token_id("secret_" + to_uuid(id)));
}
