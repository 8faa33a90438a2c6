#include "model/target_url.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

TEST_CASE("a URL is brought into one spelling", "[target_url]") {
  const auto [text, spelling] = GENERATE(table<std::string, std::string>({
      {"http://example.com", "http://example.com/"},
      {"https://example.com/a/b?c=d&e[]=f", "https://example.com/a/b?c=d&e[]=f"},
      {"HTTP://Example.COM/Path", "http://example.com/Path"},
      {"http://example.com?q=1", "http://example.com/?q=1"},
      {"http://example.com/a#part", "http://example.com/a"},
      {"http://example.com#part", "http://example.com/"},
      {"http://example.com:80/", "http://example.com/"},
      {"http://example.com:/", "http://example.com/"},
      {"https://example.com:443/", "https://example.com/"},
      {"https://example.com:80/", "https://example.com:80/"},
      {"http://example.com:0080/", "http://example.com/"},
      {"http://example.com:65535/", "http://example.com:65535/"},
      {"http://example.com./", "http://example.com./"},
      {"http://my_host-1/", "http://my_host-1/"},
      {"http://localhost:9000/x", "http://localhost:9000/x"},
      {"http://1.2.3.4.example/", "http://1.2.3.4.example/"},
      {"http://example.com/?u=http://user@10.0.0.1/",
       "http://example.com/?u=http://user@10.0.0.1/"},
      {"http://[2001:DB8:0::1]:8080/", "http://[2001:db8::1]:8080/"},
      {"http://[::ffff:7f00:1]/", "http://[::ffff:127.0.0.1]/"},
  }));
  CAPTURE(text);
  const auto url = parse_target_url(text);
  REQUIRE(url.has_value());
  CHECK(url->text == spelling);
}

TEST_CASE("the parts of a URL", "[target_url]") {
  const auto named = parse_target_url("https://Example.com/x");
  REQUIRE(named.has_value());
  CHECK(named->host == "example.com");
  CHECK(named->port == 443);
  CHECK(named->tls);
  CHECK_FALSE(named->address);

  const auto literal = parse_target_url("http://[::1]:9000/");
  REQUIRE(literal.has_value());
  CHECK(literal->host == "::1");
  CHECK(literal->port == 9000);
  CHECK_FALSE(literal->tls);
  CHECK(literal->address == parse_ip_address("::1"));
}

TEST_CASE("every spelling of an IPv4 address is seen", "[target_url]") {
  const auto [host, address] = GENERATE(table<std::string, std::string>({
      {"127.0.0.1", "127.0.0.1"},
      {"127.0.0.1.", "127.0.0.1"},
      {"127.1", "127.0.0.1"},
      {"127.0.1", "127.0.0.1"},
      {"127.65535", "127.0.255.255"},
      {"2130706433", "127.0.0.1"},
      {"4294967295", "255.255.255.255"},
      {"0177.0.0.1", "127.0.0.1"},
      {"0177.1", "127.0.0.1"},
      {"00000177.1", "127.0.0.1"},
      {"017700000001", "127.0.0.1"},
      {"0x7f.1", "127.0.0.1"},
      {"0X7F.0x0.0x0.0x1", "127.0.0.1"},
      {"0x7f000001", "127.0.0.1"},
      {"0", "0.0.0.0"},
      {"10.0x10.010", "10.16.0.8"},
  }));
  CAPTURE(host);
  const auto url = parse_target_url("http://" + host + ":81/");
  REQUIRE(url.has_value());
  CHECK(url->address == parse_ip_address(address));
  CHECK(url->text == "http://" + address + ":81/");
}

TEST_CASE("what is not a target is refused", "[target_url]") {
  const std::string text = GENERATE(
      "", "example.com", "//example.com/", "/path", "ftp://example.com/", "file:///etc/passwd",
      "gopher://example.com/", "javascript:alert(1)", "http:", "http:/example.com",
      "http:example.com", "http://", "http:///path", "http://?q", "http://:80/",
      "http://user@example.com/", "http://user:secret@example.com/", "http://@example.com/",
      "http://example.com:0/", "http://example.com:65536/", "http://example.com:4294967376/",
      "http://example.com:-1/", "http://example.com:8o/", "http://example.com:80:80/",
      "http://exam ple.com/", " http://example.com/", "http://example.com/ ",
      "http://example.com/a b", "http://example.com/\n", "http://example.com/\r\nX: y",
      "http://example.com/\t", "http://example.com/\x7f", "http://example.com\\@10.0.0.1/",
      "http://example.com/\\", "http://ex\xc3\xa4mple.com/", "http://example.com/\xc3\xa4",
      "http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/", "http://%31%32%37.0.0.1/",
      "http://example.com%00.org/", "http://[::1/", "http://[::1]x/", "http://[::1]80/",
      "http://[fe80::1%eth0]/", "http://[fe80::1%25eth0]/", "http://[127.0.0.1]/", "http://[]/",
      "http://[v1.x]/", "http://::1/", "http://256.1.1.1/", "http://1.2.3.256/",
      "http://1.2.3.4.5/", "http://127.0.0.08/", "http://0x/", "http://4294967296/",
      "http://127.0.0.1../", "http://foo.1/", "http://foo.0x7f/", "http://a..b/",
      "http://.example.com/", "http://./", "http://exa*mple/", "http://exa,mple/", "http://a=b/");
  CAPTURE(text);
  const auto url = parse_target_url(text);
  REQUIRE(url.has_error());
  CHECK(url.error().kind == problem_kind::invalid);
}

TEST_CASE("a zero byte does not end a URL", "[target_url]") {
  CHECK(parse_target_url(std::string_view{"http://example.com/\0", 20}).has_error());
  CHECK(parse_target_url(std::string_view{"http://example.com\0.org/", 24}).has_error());
}

TEST_CASE("lengths have limits", "[target_url]") {
  const std::string start = "http://example.com/";
  CHECK(parse_target_url(start + std::string(2048 - start.size(), 'x')).has_value());
  CHECK(parse_target_url(start + std::string(2049 - start.size(), 'x')).has_error());
  CHECK(parse_target_url("http://" + std::string(63, 'a') + "/").has_value());
  CHECK(parse_target_url("http://" + std::string(64, 'a') + "/").has_error());
  std::string long_name = "a";
  while (long_name.size() < 254)
    long_name += ".a";
  CHECK(parse_target_url("http://" + long_name + "/").has_error());
}

TEST_CASE("the reason of a refusal can be understood", "[target_url]") {
  CHECK(parse_target_url("ftp://a/").error().detail
        == "the URL must begin with http:// or https://");
  CHECK(parse_target_url("http://u:p@a/").error().detail
        == "the URL must not hold a user name or a password");
  CHECK(parse_target_url("http://a:0/").error().detail
        == "the port must be a number from 1 to 65535");
}
