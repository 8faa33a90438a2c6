#include <catch2/catch.hpp>
#include <map>

#include "http/tenant_door.hpp"
#include "tests/http/client.hpp"
#include "tests/http/server_world.hpp"

// For whom requests are, and how many a tenant may make.

namespace carillon::http {

using test::client;
using test::get;

namespace {

/// Each tenant's token is its name; the operator's is "operator".
class names_are_tokens final : public authenticator {
public:
  identity check(std::string_view authorization, std::string_view, steady_time) override {
    if (authorization.empty())
      return {verdict::missing};
    principal who;
    who.id = std::string{authorization.substr(sizeof "Bearer")};
    who.tenant = who.id == "operator" ? "" : who.id;
    const std::string scopes[] = {"admin"};
    who.may_do = rights_of(scopes);
    return {verdict::granted, std::make_shared<const principal>(who)};
  }
};

struct doors final : tenant_doors {
  [[nodiscard]] std::shared_ptr<tenant_door> find(std::string_view name) const override {
    const auto found = all.find(name);
    return found == all.end() ? nullptr : found->second;
  }
  std::map<std::string, std::shared_ptr<tenant_door>, std::less<>> all;
};

/// The operator and the tenants "acme" and "zebra", each with surfaces of its own.
struct tenant_world {
  tenant_world() {
    for (const auto* name : {"acme", "zebra"}) {
      auto of_its_own = std::make_shared<api>();
      surfaces.emplace(name, of_its_own);
      known.all.emplace(name, std::make_shared<tenant_door>(name, of_its_own));
    }
    known.all.emplace("broken", std::make_shared<tenant_door>("broken", nullptr));
    running.serve(known);
    REQUIRE(running.start().has_value());
  }
  [[nodiscard]] std::string address() const { return running.addresses().front(); }
  [[nodiscard]] tenant_door& door(const std::string& name) const { return *known.all.at(name); }

  std::map<std::string, std::shared_ptr<api>> surfaces;
  api own;
  doors known;
  names_are_tokens gatekeeper;
  server running{test::quick_settings(), test::test_routes(), own, &gatekeeper};
};

std::string with_token(const std::string& token) {
  return "Authorization: Bearer " + token + "\r\n";
}

test::received ask(client& one, const std::string& request) {
  REQUIRE(one.send(request));
  return one.receive();
}

std::string detail(const test::received& answer) {
  const auto from = answer.body.find("\"detail\"");
  return answer.body.substr(from, answer.body.find(",\"", from) - from);
}

}  // namespace

TEST_CASE("a path that names a tenant reaches its surfaces and no others", "[http][tenant]") {
  tenant_world world;
  client one{world.address()};
  REQUIRE(one.send(get("/t/acme/hold/x")));
  world.surfaces.at("acme")->take("x")({200, "\"acme\""});
  CHECK(one.receive().body == "\"acme\"");
  REQUIRE(one.send(get("/hold/x")));
  world.own.take("x")({200, "\"own\""});
  CHECK(one.receive().body == "\"own\"");
  CHECK(world.surfaces.at("zebra")->held.empty());
}

TEST_CASE("a tenant that is not there is a path that is not there", "[http][tenant]") {
  const tenant_world world;
  client one{world.address()};
  const auto nobody = ask(one, get("/t/nobody/hello"));
  const auto nothing = ask(one, get("/nothing"));
  CHECK(nobody.status == 404);
  CHECK(detail(nobody) == detail(nothing));
  CHECK(ask(one, get("/t")).status == 404);
  CHECK(ask(one, get("/t/acme")).status == 404);
  CHECK(ask(one, get("/t/acme/t/acme/hello")).status == 404);
}

TEST_CASE("a token opens the path of its own tenant alone", "[http][tenant]") {
  const tenant_world world;
  client one{world.address()};
  CHECK(ask(one, get("/secret", with_token("acme"))).status == 200);
  CHECK(ask(one, get("/t/acme/secret", with_token("acme"))).status == 200);
  for (const auto* token : {"zebra", "operator"}) {
    const auto refused = ask(one, get("/t/acme/secret", with_token(token)));
    CHECK(refused.status == 404);
    CHECK(detail(refused) == detail(ask(one, get("/nothing"))));
  }
  CHECK(ask(one, get("/t/acme/secret")).status == 401);
}

TEST_CASE("a token of a tenant that is not there is a wrong token", "[http][tenant]") {
  const tenant_world world;
  client one{world.address()};
  const auto refused = ask(one, get("/secret", with_token("nobody")));
  CHECK(refused.status == 401);
  CHECK(refused.header("www-authenticate") == "Bearer error=\"invalid_token\"");
}

TEST_CASE("a tenant whose store does not open is told to come again", "[http][tenant]") {
  const tenant_world world;
  client one{world.address()};
  CHECK(ask(one, get("/secret", with_token("broken"))).status == 503);
  CHECK(ask(one, get("/t/broken/hello")).status == 503);
}

TEST_CASE("over its rate a tenant is refused, and told what it has", "[http][tenant]") {
  const tenant_world world;
  world.door("acme").set_quotas({.requests_per_second = 1, .burst = 3});
  client one{world.address()};
  for (int left = 2; left >= 0; --left) {
    const auto served = ask(one, get("/secret", with_token("acme")));
    CHECK(served.status == 200);
    CHECK(served.header("ratelimit-policy") == "\"requests\";q=3;w=3");
    CHECK(served.header("ratelimit").substr(0, 14) == "\"requests\";r=" + std::to_string(left));
  }
  const auto refused = ask(one, get("/secret", with_token("acme")));
  CHECK(refused.status == 429);
  CHECK(refused.header("retry-after") == "1");
  CHECK(refused.header("ratelimit").substr(0, 14) == "\"requests\";r=0");
  const auto other = ask(one, get("/secret", with_token("zebra")));
  CHECK(other.status == 200);
  CHECK(other.header("ratelimit").empty());
  CHECK(world.door("acme").count().served == 3);
  CHECK(world.door("acme").count().refused == 1);
}

TEST_CASE("what comes without a token uses nothing of a tenant's rate", "[http][tenant]") {
  const tenant_world world;
  world.door("acme").set_quotas({.requests_per_second = 1, .burst = 1});
  client one{world.address()};
  for (int round = 0; round < 5; ++round)
    CHECK(ask(one, get("/t/acme/hello")).status == 200);
  CHECK(ask(one, get("/secret", with_token("acme"))).status == 200);
}

TEST_CASE("a tenant has so many requests under way and no more", "[http][tenant]") {
  tenant_world world;
  world.door("acme").set_quotas({.requests_at_once = 1});
  client first{world.address()};
  client second{world.address()};
  REQUIRE(first.send(get("/t/acme/hold/x")));
  {
    const auto held = world.surfaces.at("acme")->take("x");
    const auto refused = ask(second, get("/t/acme/hello"));
    CHECK(refused.status == 429);
    CHECK_FALSE(refused.header("retry-after").empty());
    CHECK(ask(second, get("/t/zebra/hello")).status == 200);
    held({200, "1"});
  }
  CHECK(first.receive().status == 200);
  CHECK(ask(second, get("/t/acme/hello")).status == 200);
}

TEST_CASE("nobody is handed on to a tenant that has gone while its request came",
          "[http][tenant]") {
  tenant_world world;
  client one{world.address()};
  REQUIRE(one.send("POST /t/acme/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n12"));
  while (world.door("acme").count().at_once == 0)
    std::this_thread::yield();
  world.door("acme").close();
  REQUIRE(one.send("34"));
  CHECK(one.receive().status == 503);
  CHECK(world.door("acme").wait_until_left(std::chrono::steady_clock::now()
                                           + std::chrono::seconds{10}));
}

TEST_CASE("streams of a tenant end when it goes", "[http][tenant]") {
  tenant_world world;
  client one{world.address()};
  REQUIRE(one.send(get("/t/acme/watch")));
  auto line = world.surfaces.at("acme")->take_stream();
  line->begin(200, {}, "text/event-stream");
  auto& door = world.door("acme");
  door.close();
  // As a handler does: it lets go of its stream when that is over.
  line->when_over([line] {});
  line.reset();
  CHECK(door.wait_until_quiet(std::chrono::steady_clock::now() + std::chrono::seconds{10}));
  world.running.let_handlers_return();
}

}  // namespace carillon::http
