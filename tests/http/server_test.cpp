#include "http/server.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <thread>

#include "tests/http/client.hpp"
#include "tests/http/server_world.hpp"

namespace carillon::http {

namespace {

using namespace std::chrono_literals;
using namespace test;

}  // namespace

TEST_CASE("a connection serves one request after the other", "[http][server]") {
  world w;
  client c{w.address()};
  for (int round = 0; round < 3; ++round) {
    c.send(get("/hello", "X-Request-Id: round-1\r\n"));
    const auto answer = c.receive();
    CHECK(answer.status == 200);
    CHECK(answer.body == "\"hello\"");
    CHECK(answer.header("content-type") == "application/json");
    CHECK(answer.header("x-request-id") == "round-1");
    CHECK(answer.header("server").empty());
  }
}

TEST_CASE("pipelined answers leave in the order of their requests", "[http][server]") {
  world w;
  client c{w.address()};
  c.send(get("/hold/a") + get("/hold/b") + get("/hold/c"));
  const auto a = w.surfaces.take("a");
  const auto b = w.surfaces.take("b");
  const auto last = w.surfaces.take("c");
  last({200, "c"});
  b({200, "b"});
  a({200, "a"});
  CHECK(c.receive().body == "a");
  CHECK(c.receive().body == "b");
  CHECK(c.receive().body == "c");
}

TEST_CASE("more pipelined requests than may wait are all answered", "[http][server]") {
  world w;
  client c{w.address()};
  std::string many;
  for (int each = 0; each < 200; ++each)
    many += post(std::to_string(each));
  c.send(many);
  c.end_sending();
  for (int each = 0; each < 200; ++each)
    REQUIRE(c.receive().body == std::to_string(each));
  CHECK(c.is_closed());
}

TEST_CASE("an answer may come late and from another thread, and only the first counts",
          "[http][server]") {
  world w;
  client c{w.address()};
  c.send(get("/hold/a"));
  std::thread{[reply = w.surfaces.take("a")] {
    reply({200, "first"});
    reply({200, "second"});
  }}.join();
  CHECK(c.receive().body == "first");
  c.send(get("/hello"));
  CHECK(c.receive().body == "\"hello\"");
}

TEST_CASE("a dropped responder is a 503", "[http][server]") {
  world w;
  client c{w.address()};
  c.send(get("/drop"));
  const auto answer = c.receive();
  CHECK(answer.status == 503);
  CHECK(answer.header("retry-after") == "1");
  CHECK(answer.header("content-type") == "application/problem+json");
}

TEST_CASE("a problem names the request it belongs to", "[http][server]") {
  world w;
  client c{w.address()};
  c.send(get("/fail/a%20b?x=1", "X-Request-Id: abc\r\n"));
  const auto answer = c.receive();
  CHECK(answer.status == 409);
  CHECK(answer.body
        == R"({"type":"about:blank","title":"Conflict","status":409,)"
           R"("detail":"the task has ended","instance":"/fail/a%20b","request_id":"abc"})");
}

TEST_CASE("a handler that throws is a 500 without the reason", "[http][server]") {
  world w;
  client c{w.address()};
  c.send(get("/throws"));
  const auto answer = c.receive();
  CHECK(answer.status == 500);
  CHECK(answer.body.find("a bug") == std::string::npos);
}

TEST_CASE("HEAD has the head of GET and no body", "[http][server]") {
  world w;
  client c{w.address()};
  c.send("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/hello"));
  const auto head = c.receive(true);
  CHECK(head.status == 200);
  CHECK(head.header("content-length") == "7");
  CHECK(c.receive().body == "\"hello\"");
}

TEST_CASE("OPTIONS and wrong methods tell what is allowed", "[http][server]") {
  world w;
  client c{w.address()};
  c.send("OPTIONS /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto options = c.receive();
  CHECK(options.status == 204);
  CHECK(options.header("allow") == "GET, HEAD, OPTIONS");
  c.send("DELETE /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto refused = c.receive();
  CHECK(refused.status == 405);
  CHECK(refused.header("allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a refused request does not take its body for the next request", "[http][server]") {
  world w;
  client c{w.address()};
  c.send("POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\nGET / HTTP/1.1"
         + get("/hello"));
  CHECK(c.receive().status == 404);
  CHECK(c.receive().body == "\"hello\"");
}

TEST_CASE("only JSON bodies are taken, and what is empty has any type", "[http][server]") {
  world w;
  client c{w.address()};
  const auto with_type = [&](const std::string& body, const std::string& type) {
    c.send(post(body, "Content-Type: " + type + "\r\n"));
    return c.receive().status;
  };
  CHECK(with_type("{}", "application/json; charset=utf-8") == 201);
  CHECK(with_type("{}", "application/x-www-form-urlencoded") == 415);
  CHECK(with_type("", "application/x-www-form-urlencoded") == 201);
  c.send(post("{}"));
  CHECK(c.receive().status == 201);
  c.send(post("{}", "Content-Encoding: gzip\r\n"));
  CHECK(c.receive().status == 415);
}

TEST_CASE("a route that needs a token is closed without one", "[http][server]") {
  world w;
  client c{w.address()};
  c.send(get("/secret"));
  const auto missing = c.receive();
  CHECK(missing.status == 401);
  CHECK(missing.header("www-authenticate") == "Bearer");
  c.send(get("/secret", "Authorization: Bearer guess\r\n"));
  CHECK(c.receive().status == 401);
  c.send("HEAD /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(c.receive(true).status == 401);
  c.send(get("/secret", "Authorization: Bearer sesame\r\n"));
  CHECK(c.receive().status == 200);
}

TEST_CASE("the body is asked for when the client waits for that", "[http][server]") {
  world w;
  client c{w.address()};
  c.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n");
  CHECK(c.receive_some() == "HTTP/1.1 100 Continue\r\n\r\n");
  c.send("{}");
  CHECK(c.receive().body == "{}");
  c.send(
      "POST /nothing HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n");
  CHECK(c.receive().status == 404);
  CHECK(c.is_closed());
}

TEST_CASE("a large answer arrives whole", "[http][server]") {
  world w;
  client c{w.address()};
  c.send(get("/large"));
  CHECK(c.receive().body == std::string(8 * 1024 * 1024, 'x'));
}

TEST_CASE("a client that is gone does not hurt the others", "[http][server]") {
  world w;
  client other{w.address()};
  {
    client gone{w.address()};
    gone.send(get("/hold/a"));
    const auto reply = w.surfaces.take("a");
    gone.vanish();
    reply({200, std::string(1024 * 1024, 'x')});
  }
  other.send(get("/hello"));
  CHECK(other.receive().status == 200);
}

TEST_CASE("a server that ends drops what comes after", "[http][server]") {
  std::optional<responder> late;
  std::shared_ptr<stream> left;
  {
    world w;
    client held{w.address()};
    held.send(get("/hold/a"));
    late = w.surfaces.take("a");
    client streaming{w.address()};
    streaming.send(ndjson_head);
    left = w.surfaces.take_stream();
  }
  (*late)({200, "too late"});
  left->finish();
}

TEST_CASE("a drained server finishes what is under way and nothing else", "[http][server]") {
  world w;
  client busy{w.address()};
  client idle{w.address()};
  idle.send(get("/hello"));
  CHECK(idle.receive().status == 200);
  busy.send(get("/hold/a"));
  const auto reply = w.surfaces.take("a");
  const auto address = w.address();
  w.running.stop_accepting();
  std::thread drainer{[&w] { w.running.drain(10s); }};
  CHECK(idle.is_closed());
  reply({200, "done"});
  const auto answer = busy.receive();
  CHECK(answer.body == "done");
  CHECK(answer.header("connection") == "close");
  busy.end_sending();
  drainer.join();
}

TEST_CASE("a client of HTTP/1.0 is answered without keep-alive", "[http][server]") {
  world w;
  client plain{w.address()};
  plain.send("GET /hello HTTP/1.0\r\n\r\n");
  CHECK(plain.receive().header("connection") == "close");
  CHECK(plain.is_closed());

  client asks{w.address()};
  asks.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(asks.receive().header("connection") == "keep-alive");
}

TEST_CASE("settings and addresses that cannot work are told", "[http][server]") {
  api surfaces;
  const auto start = [&](server_settings settings) {
    server made{std::move(settings), test_routes(), surfaces, nullptr};
    return made.start();
  };
  auto settings = quick_settings();
  settings.io_threads = 0;
  CHECK(start(settings).error().kind == problem_kind::invalid);
  settings = quick_settings();
  settings.listen = {"nowhere"};
  CHECK(start(settings).error().kind == problem_kind::invalid);
  world taken;
  settings.listen = taken.running.addresses();
  CHECK(start(settings).error().kind == problem_kind::unavailable);
}

}  // namespace carillon::http
