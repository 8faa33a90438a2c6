#include "http/origin_rules.hpp"

#include <catch2/catch.hpp>

namespace carillon::http {
namespace {

const std::string names[] = {"jobs.example.com"};
const std::string origins[] = {"https://app.example.com"};

}  // namespace

TEST_CASE("addresses, localhost and the names that are set are served", "[origin_rules]") {
  for (const auto* host :
       {"127.0.0.1", "127.0.0.1:8080", "10.1.2.3:80", "[::1]", "[::1]:8080", "localhost",
        "LOCALHOST:8080", "localhost.", "jobs.example.com", "Jobs.Example.Com:443"}) {
    CAPTURE(host);
    CHECK(serves_host(host, names));
  }
}

TEST_CASE("any other name is not served", "[origin_rules]") {
  for (const auto* host :
       {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "jobs.example.com.evil",
        "xjobs.example.com", "example.com", "127.1", "0x7f.1", "[fe80::1%25eth0]", "[evil]"}) {
    CAPTURE(host);
    CHECK_FALSE(serves_host(host, names));
  }
}

TEST_CASE("an origin is the server's own when it has the host that was asked", "[origin_rules]") {
  CHECK(is_own_origin("http://127.0.0.1:8080", "127.0.0.1:8080"));
  CHECK(is_own_origin("https://Jobs.example.com", "jobs.example.com"));
  CHECK_FALSE(is_own_origin("http://127.0.0.1:9090", "127.0.0.1:8080"));
  CHECK_FALSE(is_own_origin("null", "null"));
  CHECK_FALSE(is_own_origin("http://evil.example", "127.0.0.1:8080"));
  CHECK_FALSE(is_own_origin("", ""));
}

TEST_CASE("a listed origin is one of the list, wholly", "[origin_rules]") {
  CHECK(is_listed_origin("https://app.example.com", origins));
  CHECK(is_listed_origin("https://APP.example.com", origins));
  CHECK_FALSE(is_listed_origin("http://app.example.com", origins));
  CHECK_FALSE(is_listed_origin("https://app.example.com:8443", origins));
  CHECK_FALSE(is_listed_origin("", origins));
}

TEST_CASE("host and origin are taken from a URL", "[origin_rules]") {
  CHECK(host_of_url("https://Jobs.example.com:8443/x?y") == "jobs.example.com");
  CHECK(host_of_url("http://[::1]:80/") == "[::1]");
  CHECK(origin_of_url("HTTPS://Jobs.example.com:8443/x") == "https://jobs.example.com:8443");
}

}  // namespace carillon::http
