#include "http/server.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "tests/http/client.hpp"
#include "tests/http/server_world.hpp"

namespace carillon::http {

namespace {

using namespace std::chrono_literals;
using namespace test;

std::string piece_of(stream& both) {
  std::promise<std::string> got;
  both.read([&](expected<std::string> piece) {
    got.set_value(piece ? *std::move(piece) : "problem: " + piece.error().detail);
  });
  return got.get_future().get();
}

bool write_to(stream& both, std::string piece) {
  std::promise<bool> sent;
  both.write(std::move(piece), [&](bool done) { sent.set_value(done); });
  return sent.get_future().get();
}

}  // namespace

TEST_CASE("a stream passes pieces in both directions", "[http][server][stream]") {
  world w;
  client c{w.address()};
  c.send(ndjson_head);
  c.send("2\r\na\n\r\n");
  const auto both = w.surfaces.take_stream();
  CHECK(piece_of(*both) == "a\n");
  both->begin(200, {{"X-Test", "1"}}, "application/x-ndjson");
  CHECK(write_to(*both, "1\n"));
  c.send("2\r\nb\n\r\n0\r\n\r\n");
  auto rest = piece_of(*both);
  for (auto piece = rest; !piece.empty(); rest += piece)
    piece = piece_of(*both);
  CHECK(rest == "b\n");
  CHECK(write_to(*both, "2\n"));
  both->finish();
  const auto answer = c.receive();
  CHECK(answer.complete);
  CHECK(answer.body == "1\n2\n");
  CHECK(answer.header("x-test") == "1");
  c.send(get("/hello"));
  CHECK(c.receive().status == 200);
}

TEST_CASE("a stream does what it is told in that order, whoever tells it",
          "[http][server][stream]") {
  world w;
  client c{w.address()};
  c.send(get("/watch"));
  const auto both = w.surfaces.take_stream();
  std::promise<bool> sent;
  // The connection's own thread begins, and another one writes before it goes on.
  both->read([&](const expected<std::string>&) {
    both->begin(200, {}, "text/plain");
    std::thread{[&] { both->write("1", [&](bool done) { sent.set_value(done); }); }}.join();
  });
  CHECK(sent.get_future().get());
  both->finish();
  CHECK(c.receive().body == "1");
}

TEST_CASE("a stream that is not read holds its client back", "[http][server][stream]") {
  world w;
  client c{w.address()};
  c.send(ndjson_head);
  const auto both = w.surfaces.take_stream();
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  std::size_t sent = 0;
  // Sockets' buffers take some megabytes; 64 would mean that the server reads on.
  for (int quiet = 0; quiet < 20 && sent < 64U * 1024 * 1024;) {
    const auto size = c.send_some(std::string_view{chunk}.substr(sent % chunk.size()));
    sent += size;
    quiet = size == 0 ? quiet + 1 : 0;
    if (size == 0)
      std::this_thread::sleep_for(5ms);
  }
  CHECK(sent < 64U * 1024 * 1024);
  CHECK(!piece_of(*both).empty());
}

TEST_CASE("a streaming handler hears that its client is gone", "[http][server][stream]") {
  world w;
  auto c = std::make_unique<client>(w.address());
  c->send(get("/watch"));
  const auto both = w.surfaces.take_stream();
  CHECK(piece_of(*both).empty());
  both->begin(200, {}, "text/event-stream");
  REQUIRE(write_to(*both, "data: 1\n\n"));
  c->vanish();
  while (write_to(*both, "data: 2\n\n")) {
  }
  CHECK(piece_of(*both).starts_with("problem"));
}

TEST_CASE("a dropped stream is a 503 before its head and a cut after", "[http][server][stream]") {
  world w;
  client before{w.address()};
  before.send(get("/watch"));
  w.surfaces.take_stream().reset();
  CHECK(before.receive().status == 503);

  client after{w.address()};
  after.send(get("/watch"));
  {
    const auto both = w.surfaces.take_stream();
    both->begin(200, {}, "text/event-stream");
    CHECK(write_to(*both, "data: 1\n\n"));
  }
  const auto answer = after.receive();
  CHECK(answer.status == 200);
  CHECK_FALSE(answer.complete);
}

TEST_CASE("a streamed body over its limit is told to the handler", "[http][server][stream]") {
  auto settings = quick_settings();
  settings.stream_bytes_max = 10;
  world w{settings};
  client c{w.address()};
  c.send(ndjson_head);
  c.send("14\r\n" + std::string(20, 'x') + "\r\n");
  auto both = w.surfaces.take_stream();
  CHECK(piece_of(*both).starts_with("problem"));
  both.reset();
  CHECK(c.receive().status == 413);
}

TEST_CASE("a streamed body must come at a minimal rate", "[http][server][stream]") {
  auto settings = quick_settings();
  settings.body_timeout = 100ms;
  world w{settings};
  client c{w.address()};
  c.send(ndjson_head);
  auto both = w.surfaces.take_stream();
  CHECK(piece_of(*both).starts_with("problem"));
  both.reset();
  CHECK(c.receive().status == 408);
}

TEST_CASE("a stream to a client of HTTP/1.0 ends with the connection", "[http][server][stream]") {
  world w;
  client streaming{w.address()};
  streaming.send("GET /watch HTTP/1.0\r\n\r\n");
  const auto both = w.surfaces.take_stream();
  both->begin(200, {}, "text/plain");
  CHECK(write_to(*both, "piece"));
  both->finish();
  const auto all = streaming.receive_all();
  CHECK(all.ends_with("\r\n\r\npiece"));
}

}  // namespace carillon::http
