// The guard at work: what counts is that no connection reaches a denied listener.

#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <string_view>

#include "actors/http_client.hpp"
#include "tests/support/calling.hpp"
#include "tests/support/tiny_receiver.hpp"
#include "tests/support/tls_receiver.hpp"

using namespace carillon;
using namespace carillon::test;

namespace {

constexpr std::string_view rebinding_name = "rebinding.example";
std::atomic<const char*> rebinding_address = "127.0.0.1";

/// A name whose look-up takes until the test lets it end (or 20 s).
constexpr std::string_view slow_name = "slow.example";
std::promise<void> slow_may_end;
std::promise<void> slow_has_ended;

void wait_for_permission() {
  slow_may_end.get_future().wait_for(std::chrono::seconds{20});
  slow_has_ended.set_value();
}

}  // namespace

/// Stands before the C library's own, for libcurl too, so that a name can change its address
/// between two calls, as the name server of an attacker does it. All other names are looked up as
/// ever.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  static auto* const original =
      reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name != nullptr && name == rebinding_name)
    name = rebinding_address;
  if (name != nullptr && name == slow_name) {
    wait_for_permission();
    name = "127.0.0.1";
  }
  return original(name, service, hints, found);
}

TEST_CASE("no connection reaches a listener that is not allowed", "[http_client][guard]") {
  tiny_receiver receiver;
  http_client client{allowing({})};
  const auto port = std::to_string(receiver.port());
  const auto [host, named] = GENERATE(table<std::string, std::string>({
      {"127.0.0.1", "127.0.0.1"},
      {"2130706433", "127.0.0.1"},
      {"0x7f.1", "127.0.0.1"},
      {"0177.0.0.1", "127.0.0.1"},
      {"[::ffff:127.0.0.1]", "::ffff:127.0.0.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"localhost", ""},
      {"rebinding.example", "127.0.0.1"},
  }));
  CAPTURE(host);
  const auto outcome = make(client, a_call("http://" + host + ":" + port + "/"));
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.error, Catch::Matchers::StartsWith("address " + named));
  CHECK_THAT(outcome.error, Catch::Matchers::Contains(" is not allowed ("));
  CHECK(receiver.connections() == 0);
}

TEST_CASE("the same names work when the operator allows their addresses", "[http_client][guard]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  const std::string host =
      GENERATE("127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "rebinding.example");
  CAPTURE(host);
  CHECK(make(client, a_call("http://" + host + ":" + std::to_string(receiver.port()) + "/")).status
        == 200);
}

TEST_CASE("each address of a name is judged for itself", "[http_client][guard]") {
  tiny_receiver receiver;  // on 127.0.0.1; localhost is ::1 as well
  http_client client{allowing({"::1"})};
  const auto outcome =
      make(client, a_call("http://localhost:" + std::to_string(receiver.port()) + "/"));
  CHECK(outcome.error == "address 127.0.0.1 is not allowed (loopback)");
  CHECK(receiver.connections() == 0);
}

TEST_CASE("an allowed port allows no other", "[http_client][guard]") {
  tiny_receiver allowed;
  tiny_receiver denied;
  http_client client{allowing({"127.0.0.1:" + std::to_string(allowed.port())})};
  CHECK(make(client, a_call(allowed.url())).status == 200);
  CHECK(make(client, a_call(denied.url())).error == "address 127.0.0.1 is not allowed (loopback)");
  CHECK(denied.connections() == 0);
}

TEST_CASE("a name that changes its address is judged again", "[http_client][guard]") {
  tiny_receiver allowed;
  canned_answer answer;
  answer.close = true;  // so that the next call must connect, and look up the name
  allowed.answer_with(answer);
  tiny_receiver denied{"127.0.0.2", allowed.port()};
  http_client client{allowing({"127.0.0.1"})};
  const auto url = "http://rebinding.example:" + std::to_string(allowed.port()) + "/";

  CHECK(make(client, a_call(url)).status == 200);
  rebinding_address = "127.0.0.2";
  CHECK(make(client, a_call(url)).error == "address 127.0.0.2 is not allowed (loopback)");
  CHECK(denied.connections() == 0);
  rebinding_address = "127.0.0.1";
  CHECK(make(client, a_call(url)).status == 200);
  CHECK(allowed.connections() == 2);
}

TEST_CASE("a proxy of the environment is not used", "[http_client][guard]") {
  tiny_receiver proxy;
  tiny_receiver receiver;
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("all_proxy", proxy.url().c_str(), 1);
  http_client client{allowing()};
  CHECK(make(client, a_call(receiver.url())).status == 200);
  CHECK(proxy.connections() == 0);
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
}

TEST_CASE("a name server that does not answer holds up only its own call", "[http_client]") {
  tiny_receiver receiver;
  http_client client{allowing()};
  auto slow = a_call("http://slow.example:" + std::to_string(receiver.port()) + "/");
  slow.timeout = std::chrono::milliseconds{50};
  auto looked_up = slow_has_ended.get_future();

  CHECK(make(client, slow).error == "timed out after 50ms");
  CHECK(make(client, a_call(receiver.url())).status == 200);
  CHECK(looked_up.wait_for(std::chrono::seconds{0}) == std::future_status::timeout);

  slow_may_end.set_value();
  looked_up.wait();
  CHECK(receiver.connections() == 1);
}

// -- TLS ----------------------------------------------------------------------------

TEST_CASE("a certificate that nobody signed is refused", "[http_client][tls]") {
  tls_receiver receiver;
  http_client client{allowing()};
  const auto outcome = make(client, a_call(receiver.url()));
  CHECK(outcome.status == 0);
  CHECK(outcome.error == "TLS: SSL certificate problem: self-signed certificate");
  CHECK(receiver.requests() == 0);
}

TEST_CASE("a certificate of the operator's file is accepted", "[http_client][tls]") {
  tls_receiver receiver;
  auto settings = allowing();
  settings.ca_file = receiver.certificate_file();
  http_client client{settings};
  const auto outcome = make(client, a_call(receiver.url()));
  CHECK(outcome.status == 200);
  CHECK(outcome.body == "secret");
}

TEST_CASE("a certificate for another host is refused", "[http_client][tls]") {
  tls_receiver receiver;
  auto settings = allowing();
  settings.ca_file = receiver.certificate_file();
  http_client client{settings};
  CHECK_THAT(make(client, a_call(receiver.url("rebinding.example"))).error,
             Catch::Matchers::StartsWith("TLS: "));
  CHECK_THAT(make(client, a_call(receiver.url("127.0.0.1"))).error,
             Catch::Matchers::StartsWith("TLS: "));
  CHECK(receiver.requests() == 0);
}
