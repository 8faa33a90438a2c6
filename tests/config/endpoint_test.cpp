#include "config/endpoint.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

TEST_CASE("an address to listen on reads back as it was written") {
  const auto [text, host, port] = GENERATE(table<std::string, std::string, int>({
      {"127.0.0.1:8080", "127.0.0.1", 8080},
      {"0.0.0.0:0", "0.0.0.0", 0},
      {"[::1]:65535", "::1", 65535},
      {"localhost:80", "localhost", 80},
      {"scheduler-1.example.com:443", "scheduler-1.example.com", 443},
  }));
  CAPTURE(text);
  const auto place = parse_endpoint(text);
  REQUIRE(place);
  CHECK(place->host == host);
  CHECK(place->port == port);
  CHECK(format_endpoint(*place) == text);
}

TEST_CASE("a text that is no address to listen on is refused") {
  const std::string text = GENERATE(
      "", ":", "8080", ":8080", "localhost", "localhost:", "localhost:http", "localhost:65536",
      "localhost:-1", "localhost:80 ", " localhost:80", "::1:8080", "[::1]", "[::1:80", "[]:80",
      "[127.0.0.1]:80", "[nonsense]:80", "-a:80", ".a:80", "http://a:80", "a/b:80", "a\n:80");
  CAPTURE(text);
  CHECK_FALSE(parse_endpoint(text));
}

TEST_CASE("a host with a zero byte is refused") {
  CHECK_FALSE(parse_endpoint(std::string_view{"a\0:80", 5}));
}
