#include "http/preference.hpp"

#include <catch2/catch.hpp>

#include "http/request_meter.hpp"
#include "http/trace_input.hpp"

using namespace carillon;
using namespace carillon::http;
using namespace std::chrono_literals;

namespace {

request with(header_list headers) {
  request asked;
  asked.headers = std::move(headers);
  return asked;
}

std::optional<std::chrono::seconds> wait_of(std::string text) {
  return preferred_wait(with({{"prefer", std::move(text)}}), 60s);
}

}  // namespace

TEST_CASE("a wait is read from any place in the preferences", "[preference]") {
  CHECK(wait_of("wait=15") == 15s);
  CHECK(wait_of("respond-async, WAIT = 15 ; a=b") == 15s);
  CHECK(wait_of("wait=\"15\"") == 15s);
  CHECK(wait_of("wait=0") == 0s);
  CHECK(preferred_wait(with({{"prefer", "respond-async"}, {"prefer", "wait=3"}}), 60s) == 3s);
}

TEST_CASE("the first wait counts, and none is longer than the limit", "[preference]") {
  CHECK(wait_of("wait=15, wait=20") == 15s);
  CHECK(wait_of("wait=61") == 60s);
  CHECK(wait_of("wait=99999999999999999999") == 60s);
}

TEST_CASE("what is no number of seconds is no preference", "[preference]") {
  for (const auto* text :
       {"", "wait", "wait=", "wait=x", "wait=-1", "wait=1.5", "wait=1s", "waiting=5", "x;wait=5"}) {
    CAPTURE(text);
    CHECK_FALSE(wait_of(text));
  }
  CHECK_FALSE(preferred_wait(with({}), 60s));
}

TEST_CASE("several tracestate headers are one list, several traceparent headers none", "[trace]") {
  const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto one =
      trace_of(with({{"tracestate", "a=1"}, {"traceparent", parent}, {"tracestate", "b=2"}}));
  CHECK(one == trace_link{parent, "a=1,b=2"});
  CHECK(trace_of(with({{"traceparent", parent}, {"traceparent", parent}})) == trace_link{});
}

TEST_CASE("answers are counted by route and class", "[request_meter]") {
  static constexpr route rows[] = {
      {"GET", "/v1/tasks/{id}", [](const api&, const request&, responder) {}, access::anyone},
      {"GET", "/runs", [](const api&, const request&, responder) {}, access::anyone}};
  const std::span<const route> tables[] = {rows};
  request_meter meter{tables};
  meter.add(&rows[0], 200, 1ms);
  meter.add(&rows[0], 404, 3ms);
  meter.add(nullptr, 404, 1ms);
  const auto found = meter.read();
  REQUIRE(found.size() == 2);
  CHECK(found[0].pattern.empty());
  CHECK(found[1].surface == "native");
  CHECK(found[1].pattern == "/v1/tasks/{id}");
  CHECK(found[1].answers == std::array<std::uint64_t, status_class_count>{0, 1, 0, 1, 0});
  CHECK(found[1].took.sum == Approx(0.004));
}
