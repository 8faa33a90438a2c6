#include "http/server.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "tests/http/client.hpp"
#include "tests/http/server_world.hpp"

namespace carillon::http {

namespace {

using namespace std::chrono_literals;
using namespace test;

}  // namespace

TEST_CASE("a handler that takes too long is a 503, and its late answer is dropped",
          "[http][server]") {
  auto settings = quick_settings();
  settings.answer_timeout = 50ms;
  world w{settings};
  client c{w.address()};
  c.send(get("/hold/a"));
  const auto late = w.surfaces.take("a");
  CHECK(c.receive().status == 503);
  late({200, "late"});
  c.send(get("/hello"));
  CHECK(c.receive().body == "\"hello\"");
}

TEST_CASE("a declared body over the limit is refused before it comes", "[http][server]") {
  world w;
  client c{w.address()};
  c.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10737418240\r\n\r\n");
  const auto answer = c.receive();
  CHECK(answer.status == 413);
  CHECK(answer.header("connection") == "close");
  CHECK(c.is_closed());
}

TEST_CASE("a chunked body is refused at the limit", "[http][server]") {
  auto settings = quick_settings();
  settings.body_bytes_max = 100;
  world w{settings};
  client c{w.address()};
  c.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "28\r\n" + std::string(40, 'x') + "\r\n";
  c.send(chunk + chunk + chunk);
  CHECK(c.receive().status == 413);
  CHECK(c.is_closed());
}

TEST_CASE("a head over the limits is refused", "[http][server]") {
  world w;
  {
    client c{w.address()};
    c.send(get("/hello", "X: " + std::string(17 * 1024, 'x') + "\r\n"));
    CHECK(c.receive().status == 431);
  }
  {
    client c{w.address()};
    std::string headers;
    for (int each = 0; each < 100; ++each)
      headers += "X-" + std::to_string(each) + ": y\r\n";
    c.send(get("/hello", headers));
    CHECK(c.receive().status == 431);
  }
  client c{w.address()};
  c.send("GET /" + std::string(9000, 'x'));
  CHECK(c.receive().status == 414);
}

TEST_CASE("whoever sends a head slowly is cut off in all, not only when idle", "[http][server]") {
  auto settings = quick_settings();
  settings.header_timeout = 100ms;
  world w{settings};
  client c{w.address()};
  c.send("GET /hello HTTP/1.1\r\n");
  // Byte after byte keeps the connection busy; the deadline is for all of them together. A deadline
  // that each byte renews would let all of these pass.
  constexpr int bytes_max = 2000;
  int sent = 0;
  while (sent < bytes_max && c.send("X")) {
    ++sent;
    std::this_thread::sleep_for(5ms);
  }
  CHECK(sent < bytes_max);
}

TEST_CASE("a slow head and a slow body are told so", "[http][server]") {
  auto settings = quick_settings();
  settings.header_timeout = 50ms;
  settings.body_timeout = 50ms;
  world w{settings};
  client head{w.address()};
  head.send("GET /hello HTTP/1.1\r\n");
  CHECK(head.receive().status == 408);
  client body{w.address()};
  body.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab");
  CHECK(body.receive().status == 408);
}

TEST_CASE("an idle connection is closed", "[http][server]") {
  auto settings = quick_settings();
  settings.idle_timeout = 50ms;
  world w{settings};
  client c{w.address()};
  c.send(get("/hello"));
  CHECK(c.receive().status == 200);
  CHECK(c.is_closed());
}

TEST_CASE("a client that takes nothing is cut off", "[http][server]") {
  auto settings = quick_settings();
  settings.write_timeout = 100ms;
  world w{settings};
  client c{w.address()};
  for (int each = 0; each < 4; ++each)
    c.send(get("/large"));
  std::this_thread::sleep_for(1s);  // reads nothing meanwhile; the wait only has to be long enough
  CHECK(c.receive_all().size() < std::size_t{4} * 8 * 1024 * 1024);
}

TEST_CASE("connections over the limit are told to come later", "[http][server]") {
  auto settings = quick_settings();
  settings.connections_max = 1;
  world w{settings};
  auto first = std::make_unique<client>(w.address());
  first->send(get("/hello"));
  CHECK(first->receive().status == 200);
  client second{w.address()};
  const auto answer = second.receive();
  CHECK(answer.status == 503);
  CHECK(!answer.header("retry-after").empty());
  CHECK(second.is_closed());
  first->send(get("/hello"));
  CHECK(first->receive().status == 200);
}

}  // namespace carillon::http
