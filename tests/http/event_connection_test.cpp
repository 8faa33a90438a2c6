#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "http/event_stream.hpp"
#include "tests/http/client.hpp"
#include "tests/http/server_world.hpp"

// What the connection does for streams of events.

namespace carillon::http {

namespace {

using namespace std::chrono_literals;
using namespace test;

/// A client of /watch, and its handler's end, which has begun to answer.
struct watching {
  explicit watching(server_settings settings = quick_settings(), const std::string& more = {})
      : server{std::move(settings)}, reader{server.address()} {
    reader.send(more.empty() ? get("/watch") : more);
    line = server.surfaces.take_stream();
    line->begin(200, {}, std::string{event_stream_type});
  }

  world server;
  client reader;
  std::shared_ptr<stream> line;
};

std::future<void> end_of(stream& line) {
  auto told = std::make_shared<std::promise<void>>();
  auto end = told->get_future();
  line.when_over([told] { told->set_value(); });
  return end;
}

}  // namespace

TEST_CASE("a silent stream of events is pinged", "[http][server][events]") {
  auto settings = quick_settings();
  settings.event_ping = 20ms;
  watching w{settings};
  std::string seen;
  while (seen.find("event: ping\ndata: {}\n\n") == std::string::npos) {
    const auto more = w.reader.receive_some();
    REQUIRE_FALSE(more.empty());
    seen += more;
  }
}

TEST_CASE("silence does not end a stream of events", "[http][server][events]") {
  auto settings = quick_settings();
  settings.header_timeout = settings.body_timeout = settings.idle_timeout = 20ms;
  settings.write_timeout = settings.answer_timeout = settings.event_ping = 20ms;
  watching w{settings};
  for (int pings = 0; pings < 10; ++pings) {
    const auto more = w.reader.receive_some();
    REQUIRE_FALSE(more.empty());
  }
  w.line->finish();
  CHECK(w.reader.receive_all().find("0\r\n\r\n") != std::string::npos);
}

TEST_CASE("HEAD of a stream of events has a head and no end to wait for",
          "[http][server][events]") {
  watching w{quick_settings(), "HEAD /watch HTTP/1.1\r\nHost: localhost\r\n\r\n"};
  const auto answer = w.reader.receive(true);
  CHECK(answer.status == 200);
  CHECK(answer.header("content-type") == "text/event-stream");
  w.reader.send(get("/hello"));
  CHECK(w.reader.receive().status == 200);
}

TEST_CASE("a handler that waits hears that its client has gone", "[http][server][events]") {
  watching resets;
  auto end = end_of(*resets.line);
  resets.reader.vanish();
  CHECK(end.wait_for(10s) == std::future_status::ready);

  watching closes;
  end = end_of(*closes.line);
  closes.reader.end_sending();
  CHECK(end.wait_for(10s) == std::future_status::ready);
}

TEST_CASE("a stop of the server ends streams of events", "[http][server][events]") {
  watching w;
  auto end = end_of(*w.line);
  w.server.running.stop_accepting();
  std::thread stopping{[&] { w.server.running.drain(10s); }};
  CHECK(w.reader.receive().complete);
  CHECK(end.wait_for(10s) == std::future_status::ready);
  CHECK(w.reader.is_closed());
  stopping.join();
}

TEST_CASE("who listens after the end is told at once", "[http][server][events]") {
  watching w;
  w.line->finish();
  CHECK(w.reader.receive().complete);
  CHECK(end_of(*w.line).wait_for(10s) == std::future_status::ready);
}

}  // namespace carillon::http
