#include <catch2/catch.hpp>

#include "http/problem_response.hpp"
#include "tests/http/client.hpp"
#include "tests/http/server_world.hpp"

// Who is let in, and what those are told who are not.

namespace carillon::http {

using test::client;
using test::get;
using test::world;

namespace {

constexpr auto sesame = "Authorization: Bearer sesame\r\n";

test::received ask(client& one, const std::string& request) {
  REQUIRE(one.send(request));
  return one.receive();
}

std::string without_id(const test::received& answer) {
  return answer.body.substr(0, answer.body.find("\"request_id\""));
}

server_settings with_origin() {
  auto made = test::quick_settings();
  made.allowed_origins = {"https://app.example.com"};
  made.hosts = {"jobs.example.com"};
  return made;
}

}  // namespace

TEST_CASE("missing and wrong tokens are told the same, but for the challenge", "[http][access]") {
  const world running;
  client one{running.address()};
  const auto missing = ask(one, get("/secret"));
  const auto wrong = ask(one, get("/secret", "Authorization: Bearer x\r\n"));
  CHECK(missing.status == 401);
  CHECK(wrong.status == 401);
  CHECK(without_id(missing) == without_id(wrong));
  CHECK(missing.header("www-authenticate") == "Bearer");
  CHECK(wrong.header("www-authenticate") == "Bearer error=\"invalid_token\"");
}

TEST_CASE("a token without the scope is told which one it needs", "[http][access]") {
  const world running;
  client one{running.address()};
  CHECK(ask(one, get("/secret", sesame)).status == 200);
  CHECK(ask(one, get("/tasks", sesame)).status == 200);
  const auto refused = ask(one, get("/runs", sesame));
  CHECK(refused.status == 403);
  CHECK(refused.header("www-authenticate")
        == "Bearer error=\"insufficient_scope\", scope=\"runs:read\"");
  CHECK(refused.body.find("needs the scope runs:read") != std::string::npos);
}

TEST_CASE("a worker is let to its queue and to no other", "[http][access]") {
  const world running;
  client one{running.address()};
  CHECK(ask(one, get("/work/mail", sesame)).status == 200);
  const auto refused = ask(one, get("/work/sms", sesame));
  CHECK(refused.status == 403);
  CHECK(refused.header("www-authenticate")
        == "Bearer error=\"insufficient_scope\", scope=\"worker:sms\"");
  const auto strange = ask(one, get("/work/a%22%0D%0AX:%20y", sesame));
  CHECK(strange.status == 403);
  CHECK(strange.header("www-authenticate") == "Bearer error=\"insufficient_scope\"");
}

TEST_CASE("who guesses is told when to try again", "[http][access]") {
  const world running;
  client one{running.address()};
  const auto refused = ask(one, get("/secret", "Authorization: Bearer again\r\n"));
  CHECK(refused.status == 429);
  CHECK(refused.header("retry-after") == "7");
}

TEST_CASE("a name that is not the server's is refused, token or not", "[http][access]") {
  const world running{with_origin()};
  client one{running.address()};
  const auto to = [](const std::string& host) {
    return "GET /hello HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  };
  const auto refused = ask(one, to("evil.example:8080"));
  CHECK(refused.status == 403);
  CHECK(refused.body.find("http.hosts") != std::string::npos);
  CHECK(ask(one, to("jobs.example.com")).status == 200);
  CHECK(ask(one, to("[::1]:8080")).status == 200);
  REQUIRE(one.send("GET /hello HTTP/1.0\r\n\r\n"));
  CHECK(one.receive().status == 200);
}

TEST_CASE("pages of other origins can change nothing", "[http][access]") {
  const world running{with_origin()};
  client one{running.address()};
  for (const auto* origin : {"http://evil.example", "null", "http://localhost:1"}) {
    CAPTURE(origin);
    const auto header = "Origin: " + std::string{origin} + "\r\n";
    CHECK(ask(one, test::post("{}", header)).status == 403);
    const auto read = ask(one, get("/hello", header));
    CHECK(read.status == 200);
    CHECK(read.header("access-control-allow-origin").empty());
  }
  CHECK(ask(one, test::post("{}", "Origin: http://localhost\r\n")).status == 201);
}

TEST_CASE("pages of a listed origin can read what they are told, faults too", "[http][access]") {
  const world running{with_origin()};
  client one{running.address()};
  const std::string origin = "Origin: https://app.example.com\r\n";
  const auto made = ask(one, test::post("{}", origin));
  CHECK(made.status == 201);
  CHECK(made.header("access-control-allow-origin") == "https://app.example.com");
  CHECK(made.header("vary") == "Origin");
  CHECK(ask(one, get("/secret", origin)).header("access-control-allow-origin")
        == "https://app.example.com");
}

TEST_CASE("a browser's question beforehand is answered for listed origins alone",
          "[http][access]") {
  const world running{with_origin()};
  client one{running.address()};
  const auto question = [&](const std::string& origin) {
    return ask(one, "OPTIONS /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin
                        + "\r\nAccess-Control-Request-Method: POST\r\n\r\n");
  };
  const auto allowed = question("https://app.example.com");
  CHECK(allowed.status == 204);
  CHECK(allowed.header("access-control-allow-origin") == "https://app.example.com");
  CHECK(allowed.header("access-control-allow-methods") == "POST, OPTIONS");
  CHECK(allowed.header("access-control-allow-headers").find("Authorization") != std::string::npos);
  const auto other = question("https://evil.example");
  CHECK(other.header("access-control-allow-origin").empty());
  CHECK(other.header("access-control-allow-methods").empty());
}

TEST_CASE("a streamed answer tells the origin too", "[http][access]") {
  const world running{with_origin()};
  client one{running.address()};
  REQUIRE(one.send(get("/watch", "Origin: https://app.example.com\r\n")));
  const auto opened = running.surfaces.take_stream();
  opened->begin(200, {}, "text/plain");
  opened->finish();
  CHECK(one.receive().header("access-control-allow-origin") == "https://app.example.com");
}

}  // namespace carillon::http
