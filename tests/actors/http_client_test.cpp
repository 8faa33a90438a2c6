#include "actors/http_client.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/calling.hpp"
#include "tests/support/tiny_receiver.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

// -- what is sent -------------------------------------------------------------------

TEST_CASE("a call arrives as it was given", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  auto call = a_call(receiver.url("/job?x=1"), R"({"a":1})");
  call.headers = {{"Content-Type", "application/json"}, {"webhook-id", "msg_1"}, {"X-Empty", ""}};

  CHECK(make(client, std::move(call)).status == 200);

  const auto requests = receiver.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].target == "/job?x=1");
  CHECK(requests[0].body == R"({"a":1})");
  CHECK(requests[0].header("content-type") == "application/json");
  CHECK(requests[0].header("webhook-id") == "msg_1");
  CHECK(requests[0].header("user-agent") == "Carillon/0.1");
  const auto has = [&](const std::string& name) {
    return std::any_of(requests[0].headers.begin(), requests[0].headers.end(),
                       [&](const auto& each) { return each.first == name; });
  };
  CHECK(has("x-empty"));
  CHECK_FALSE(has("expect"));
  CHECK_FALSE(has("accept-encoding"));
}

TEST_CASE("nothing is invented for a call without headers", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  make(client, a_call(receiver.url()));
  CHECK(receiver.requests().at(0).header("content-type").empty());
}

TEST_CASE("a large body is sent without asking first", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  const std::string body(3'000'000, 'x');
  CHECK(make(client, a_call(receiver.url(), body)).status == 200);
  CHECK(receiver.requests().at(0).body == body);
  CHECK(receiver.requests().at(0).header("expect").empty());
}

TEST_CASE("methods with and without a body follow each other", "[http_client]") {
  tiny_receiver receiver;
  receiver.answer_with({200, {}, "answer"});
  http_client client{allowing()};
  const auto [method, body, length] = GENERATE(table<std::string, std::string, std::string>({
      {"GET", "", ""},
      {"GET", "x", "1"},
      {"HEAD", "", ""},
      {"POST", "", "0"},
      {"PUT", "xy", "2"},
      {"PATCH", "", "0"},
      {"DELETE", "", ""},
      {"DELETE", "x", "1"},
      {"OPTIONS", "", ""},
      {"PURGE", "", ""},
  }));
  CAPTURE(method, body);
  auto call = a_call(receiver.url(), body);
  call.method = method;
  for (auto& each : {a_call(receiver.url()), call, a_call(receiver.url())}) {
    const auto outcome = make(client, each);
    CHECK(outcome.status == 200);
    CHECK(outcome.body == (each.method == "HEAD" ? "" : "answer"));
  }
  const auto requests = receiver.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[1].method == method);
  CHECK(requests[1].body == body);
  CHECK(requests[1].header("content-length") == length);
  CHECK(requests[2].method == "POST");
  CHECK(requests[2].body == "payload");
  CHECK(receiver.connections() == 1);
}

TEST_CASE("a call that cannot be a message is not made", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  auto call = a_call(receiver.url());
  SECTION("a line break in a header") {
    call.headers = {{"X", "a\r\nY: b"}};
  }
  SECTION("a line break in a header's name") {
    call.headers = {{"X: a\r\nY", "b"}};
  }
  SECTION("a zero byte in a header") {
    call.headers = {{"X", std::string("a\0b", 3)}};
  }
  SECTION("a length of its own") {
    call.headers = {{"content-length", "3"}};
  }
  SECTION("a framing of its own") {
    call.headers = {{"Transfer-Encoding", "chunked"}};
  }
  SECTION("another host") {
    call.headers = {{"Host", "example.com"}};
  }
  SECTION("a line break in the method") {
    call.method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET";
  }
  SECTION("a user in the URL") {
    call.url.insert(7, "user@");
  }
  SECTION("another scheme") {
    call.url.replace(0, 4, "ftp");
  }
  const auto outcome = make(client, std::move(call));
  CHECK(outcome.status == 0);
  CHECK_FALSE(outcome.error.empty());
  CHECK(receiver.connections() == 0);
}

// -- answers ------------------------------------------------------------------------

TEST_CASE("an answer comes back with its status and body", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  const int status = GENERATE(200, 202, 204, 400, 404, 410, 429, 500, 503, 599);
  const std::string body = status == 204 ? "" : "the body";
  receiver.answer_with({status, {{"Retry-After", " 120 "}}, body});
  const auto outcome = make(client, a_call(receiver.url()));
  CHECK(outcome.status == status);
  CHECK(outcome.body == body);
  CHECK(outcome.error.empty());
  CHECK(outcome.retry_after == "120");
  CHECK_FALSE(outcome.timed_out);
}

TEST_CASE("one answer leaves nothing behind for the next", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  receiver.answer_with({503, {{"Retry-After", "1"}}, "busy"});
  make(client, a_call(receiver.url()));
  receiver.answer_with({200});
  const auto outcome = make(client, a_call(receiver.url()));
  CHECK(outcome.status == 200);
  CHECK(outcome.retry_after.empty());
  CHECK(outcome.body.empty());
}

TEST_CASE("a redirect is an answer and is not followed", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  const int status = GENERATE(301, 302, 303, 307, 308);
  receiver.answer_with({status, {{"Location", receiver.url("/elsewhere")}}});
  CHECK(make(client, a_call(receiver.url())).status == status);
  CHECK(receiver.requests().size() == 1);
}

TEST_CASE("an answer after interim ones is the one that counts", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  canned_answer answer;
  answer.raw =
      "HTTP/1.1 102 Processing\r\nRetry-After: 9\r\nCarillon-Async: true\r\n\r\nHTTP/1.1 200 OK\r\n"
      "Content-Length: 2\r\n\r\nhi";
  receiver.answer_with(answer);
  const auto outcome = make(client, a_call(receiver.url()));
  CHECK(outcome.status == 200);
  CHECK(outcome.body == "hi");
  CHECK(outcome.retry_after.empty());
  CHECK_FALSE(outcome.is_async);
}

TEST_CASE("a target says that it will call back", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  const auto [name, value, is_async] = GENERATE(table<std::string, std::string, bool>({
      {"carillon-async", "true", true},
      {"Carillon-Async", " TRUE ", true},
      {"carillon-async", "false", false},
      {"carillon-async", "", false},
      {"carillon-async", "true, true", false},
      {"x-carillon-async", "true", false},
  }));
  CAPTURE(name, value);
  receiver.answer_with({202, {{name, value}}, ""});
  CHECK(make(client, a_call(receiver.url())).is_async == is_async);
}

TEST_CASE("of a long body only the beginning is kept", "[http_client]") {
  tiny_receiver receiver;
  auto settings = allowing();
  settings.answer_bytes_max = 1000;
  http_client client{settings};

  SECTION("up to the limit, all") {
    receiver.answer_with({200, {}, std::string(1000, 'x')});
    CHECK(make(client, a_call(receiver.url())).body.size() == 1000);
  }
  SECTION("beyond it, the rest is not read") {
    receiver.answer_with({201, {}, std::string(10'000'000, 'x')});
    const auto outcome = make(client, a_call(receiver.url()));
    CHECK(outcome.status == 201);
    CHECK(outcome.error.empty());
    CHECK(outcome.body == std::string(1000, 'x'));
  }
  SECTION("even when there is no end") {
    canned_answer answer{200, {}, std::string(100, 'x')};
    answer.endless = true;
    receiver.answer_with(answer);
    const auto outcome = make(client, a_call(receiver.url()));
    CHECK(outcome.status == 200);
    CHECK(outcome.body.size() == 1000);
  }
  receiver.answer_with({204});
  CHECK(make(client, a_call(receiver.url())).status == 204);
}

TEST_CASE("an answer is taken as it is, not unpacked", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  receiver.answer_with({200, {{"Content-Encoding", "gzip"}}, "\x1f\x8b not really"});
  CHECK(make(client, a_call(receiver.url())).body == "\x1f\x8b not really");
}

// -- failures -----------------------------------------------------------------------

TEST_CASE("an answer that is not whole is a failure", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  const auto [raw, error] = GENERATE(table<std::string, std::string>({
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
       "connection closed before the answer was complete"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
       "connection closed before the answer was complete"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n",
       "the header of the answer is too long"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(300'000, 'x'),
       "the header of the answer is too long"},
  }));
  canned_answer answer;
  answer.raw = raw;
  receiver.answer_with(answer);
  const auto outcome = make(client, a_call(receiver.url()));
  CHECK(outcome.status == 0);
  CHECK(outcome.error == error);
  CHECK_FALSE(outcome.timed_out);
}

TEST_CASE("floods of headers and of interim answers end", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  const std::string flood = GENERATE("X: y\r\n", "\r\nHTTP/1.1 102 Processing\r\n");
  canned_answer answer;
  answer.raw = "HTTP/1.1 100 Continue\r\n";
  while (answer.raw.size() < 1'000'000)
    answer.raw += flood;
  receiver.answer_with(answer);
  CHECK(make(client, a_call(receiver.url())).error == "the header of the answer is too long");
}

TEST_CASE("a target that hangs up without an answer is asked once", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  // The second request goes over a connection of the pool, where libcurl would try again by itself.
  make(client, a_call(receiver.url()));
  canned_answer answer;
  answer.hang_up = true;
  receiver.answer_with(answer);
  const auto outcome = make(client, a_call(receiver.url()));
  CHECK(outcome.status == 0);
  CHECK(outcome.error == "connection closed without an answer");
  CHECK(receiver.requests().size() == 2);
}

TEST_CASE("a target that never answers times out", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  canned_answer answer;
  answer.silent = true;
  receiver.answer_with(answer);
  auto call = a_call(receiver.url());
  call.timeout = 50ms;
  const auto outcome = make(client, call);
  CHECK(outcome.status == 0);
  CHECK(outcome.timed_out);
  CHECK(outcome.error == "timed out after 50ms");
}

TEST_CASE("a call that waits for a connection times out too", "[http_client]") {
  tiny_receiver receiver;
  auto settings = allowing();
  settings.connections_per_host_max = 1;
  http_client client{settings};
  canned_answer answer;
  answer.silent = true;
  receiver.answer_with(answer);
  auto first = start(client, a_call(receiver.url()));
  auto call = a_call(receiver.url());
  call.timeout = 50ms;
  CHECK(make(client, call).error == "timed out after 50ms");
  CHECK(receiver.connections() <= 1);
}

TEST_CASE("a port where nobody listens refuses the connection", "[http_client]") {
  std::string url;
  {
    const tiny_receiver gone;
    url = gone.url();
  }
  http_client client{allowing()};
  const auto outcome = make(client, a_call(url));
  CHECK(outcome.status == 0);
  CHECK(outcome.error == "connection refused");
}

TEST_CASE("a name that nobody has cannot be resolved", "[http_client]") {
  http_client client{allowing()};
  CHECK(make(client, a_call("http://nobody.invalid/")).error
        == "could not resolve host nobody.invalid");
}

// -- many calls, and their end ------------------------------------------------------

TEST_CASE("connections are used again", "[http_client]") {
  tiny_receiver receiver;
  auto settings = allowing();
  settings.connections_per_host_max = 8;
  http_client client{settings};
  std::vector<std::future<http_outcome>> outcomes;
  for (int i = 0; i < 1000; ++i)
    outcomes.push_back(start(client, a_call(receiver.url())));
  for (auto& each : outcomes)
    CHECK(each.get().status == 200);
  CHECK(receiver.requests().size() == 1000);
  CHECK(receiver.connections() <= 8);
}

TEST_CASE("a call can be canceled", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  canned_answer answer;
  answer.silent = true;
  receiver.answer_with(answer);
  http_client::ticket ticket = 0;
  auto outcome = start(client, a_call(receiver.url()), &ticket);

  client.cancel(ticket + 1000);  // unknown: ignored
  client.cancel(ticket);
  CHECK(outcome.get().error == "canceled");
  client.cancel(ticket);  // ended: ignored

  receiver.answer_with({200});
  CHECK(make(client, a_call(receiver.url())).status == 200);
}

TEST_CASE("the end of the client cancels what is left", "[http_client]") {
  tiny_receiver receiver;
  canned_answer answer;
  answer.silent = true;
  receiver.answer_with(answer);
  std::vector<std::future<http_outcome>> outcomes;
  std::string error_of_late_call;
  {
    http_client client{allowing()};
    for (int i = 0; i < 10; ++i)
      outcomes.push_back(start(client, a_call(receiver.url())));
    client.start(a_call(receiver.url()), [&](const http_outcome&) {
      client.start(a_call(receiver.url()),
                   [&](http_outcome ended) { error_of_late_call = ended.error; });
    });
  }
  for (auto& each : outcomes)
    CHECK(each.get().error == "canceled");
  CHECK(error_of_late_call == "canceled");
}

TEST_CASE("a callback can start the next call", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  std::promise<http_outcome> last;
  client.start(a_call(receiver.url("/1")), [&](const http_outcome&) {
    client.start(a_call(receiver.url("/2")),
                 [&](http_outcome ended) { last.set_value(std::move(ended)); });
  });
  CHECK(last.get_future().get().status == 200);
  CHECK(receiver.requests().back().target == "/2");
}
