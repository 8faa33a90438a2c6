#include "model/address_guard.hpp"

#include <catch2/catch.hpp>

using namespace carillon;

namespace {

address_guard guard_allowing(const std::vector<std::string>& entries) {
  auto guard = make_address_guard(entries);
  REQUIRE(guard.has_value());
  return *guard;
}

ip_address address(const std::string& text) {
  const auto parsed = parse_ip_address(text);
  REQUIRE(parsed);
  return *parsed;
}

bool allows(const address_guard& guard, const std::string& text, std::uint16_t port = 80) {
  return guard.allows(address(text), port);
}

}  // namespace

TEST_CASE("addresses of the public internet are allowed", "[address_guard]") {
  // Among them the neighbours of each special network.
  const auto* const text =
      GENERATE("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
               "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
               "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255",
               "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
               "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
               "2001:200::", "2001:db7:ffff::1", "2001:db9::", "2001:4860:4860::8888", "2003::1",
               "2606:4700::1111", "3ffe::1", "3fff:1000::", "::ffff:8.8.8.8", "::8.8.8.8");
  CAPTURE(text);
  CHECK(allows(address_guard{}, text));
}

TEST_CASE("addresses of special use are denied", "[address_guard]") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"0.0.0.0", "this network"},
      {"0.255.255.255", "this network"},
      {"10.0.0.0", "private network"},
      {"10.255.255.255", "private network"},
      {"100.64.0.0", "shared address space"},
      {"100.127.255.255", "shared address space"},
      {"127.0.0.1", "loopback"},
      {"127.255.255.255", "loopback"},
      {"169.254.0.0", "link-local"},
      {"169.254.169.254", "link-local"},
      {"172.16.0.0", "private network"},
      {"172.31.255.255", "private network"},
      {"192.0.0.0", "protocol assignments"},
      {"192.0.0.255", "protocol assignments"},
      {"192.0.2.1", "documentation"},
      {"192.88.99.1", "6to4 relay"},
      {"192.168.0.0", "private network"},
      {"192.168.255.255", "private network"},
      {"198.18.0.0", "benchmarking"},
      {"198.19.255.255", "benchmarking"},
      {"198.51.100.1", "documentation"},
      {"203.0.113.1", "documentation"},
      {"224.0.0.1", "multicast"},
      {"239.255.255.255", "multicast"},
      {"240.0.0.0", "reserved"},
      {"255.255.255.254", "reserved"},
      {"255.255.255.255", "broadcast"},
      {"::", "unspecified"},
      {"::1", "loopback"},
      {"fc00::", "private network"},
      {"fdff:ffff::1", "private network"},
      {"fe80::1", "link-local"},
      {"febf::1", "link-local"},
      {"fec0::1", "site-local"},
      {"ff02::1", "multicast"},
      {"2001:db8::1", "documentation"},
      {"3fff::1", "documentation"},
      {"3fff:fff:ffff::1", "documentation"},
      {"100::1", "discard only"},
      {"2002::1", "6to4"},
      {"2002:7f00:1::", "6to4"},
      {"64:ff9b::808:808", "NAT64"},
      {"64:ff9b:1::1", "NAT64"},
      {"5f00::1", "segment routing"},
      {"2001::1", "protocol assignments"},
      {"2001:1ff:ffff::1", "protocol assignments"},
      {"::ffff:0:7f00:1", "not a public address"},
      {"4000::1", "not a public address"},
      {"1fff::1", "not a public address"},
  }));
  CAPTURE(text);
  CHECK(address_guard{}.refusal(address(text), 80).value_or("allowed")
        == "address " + text + " is not allowed (" + reason + ")");
}

TEST_CASE("an IPv4 address inside an IPv6 one is what is judged", "[address_guard]") {
  const auto* const text =
      GENERATE("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:10.1.2.3",
               "::ffff:0.0.0.0", "::127.0.0.1", "::a00:1", "::0.0.0.2");
  CAPTURE(text);
  CHECK_FALSE(allows(address_guard{}, text));
}

TEST_CASE("the operator's IPv4 networks hold for the IPv6 forms of their addresses",
          "[address_guard]") {
  const auto guard = guard_allowing({"127.0.0.0/8"});
  CHECK(allows(guard, "127.0.0.1"));
  CHECK(allows(guard, "127.255.0.1"));
  CHECK(allows(guard, "::ffff:127.0.0.1"));
  CHECK(allows(guard, "::127.0.0.1"));
  CHECK_FALSE(allows(guard, "::1"));
  CHECK_FALSE(allows(guard, "10.0.0.1"));
  CHECK_FALSE(allows(guard, "2002:7f00:1::"));
}

TEST_CASE("a network is allowed as far as its prefix goes", "[address_guard]") {
  const auto guard = guard_allowing({"10.1.2.0/23", "fd00:1::/33", "192.168.1.7", "fe80::1"});
  CHECK(allows(guard, "10.1.2.0"));
  CHECK(allows(guard, "10.1.3.255"));
  CHECK_FALSE(allows(guard, "10.1.4.0"));
  CHECK_FALSE(allows(guard, "10.1.1.255"));
  CHECK(allows(guard, "fd00:1:7fff::1"));
  CHECK_FALSE(allows(guard, "fd00:1:8000::1"));
  CHECK(allows(guard, "192.168.1.7"));
  CHECK_FALSE(allows(guard, "192.168.1.6"));
  CHECK(allows(guard, "fe80::1"));
  CHECK_FALSE(allows(guard, "fe80::2"));
}

TEST_CASE("bits behind the prefix are ignored", "[address_guard]") {
  CHECK(allows(guard_allowing({"10.1.2.3/8"}), "10.200.0.1"));
}

TEST_CASE("an entry with a port allows that port only", "[address_guard]") {
  const auto guard = guard_allowing({"127.0.0.0/8:9000", "[::1]:9001", "[fd00::]/8:9002"});
  CHECK(allows(guard, "127.0.0.1", 9000));
  CHECK(allows(guard, "::ffff:127.0.0.1", 9000));
  CHECK_FALSE(allows(guard, "127.0.0.1", 9001));
  CHECK(allows(guard, "::1", 9001));
  CHECK_FALSE(allows(guard, "::1", 9000));
  CHECK(allows(guard, "fd12::1", 9002));
  CHECK_FALSE(allows(guard, "fd12::1", 80));
}

TEST_CASE("all of IPv6 does not take in IPv4", "[address_guard]") {
  const auto guard = guard_allowing({"::/0"});
  CHECK(allows(guard, "::1"));
  CHECK(allows(guard, "fe80::1"));
  CHECK_FALSE(allows(guard, "127.0.0.1"));
  CHECK_FALSE(allows(guard, "::ffff:127.0.0.1"));
  CHECK(allows(guard_allowing({"0.0.0.0/0"}), "127.0.0.1"));
  CHECK(allows(guard_allowing({"::ffff:127.0.0.0/104"}), "127.0.0.1"));
}

TEST_CASE("a bad entry is named", "[address_guard]") {
  const std::string entry =
      GENERATE("", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/",
               "10.0.0/8", "010.0.0.0/8", "10.0.0.0/8:0", "10.0.0.0/8:65536",
               "10.0.0.0/8:", "10.0.0.0/8:x", "::1/129", "[::1", "[::1]x", "[127.0.0.1]:80",
               "fe80::1%eth0", "10.0.0.0/8 ", " 10.0.0.0/8", "[::1/128]:80");
  CAPTURE(entry);
  const auto guard = make_address_guard(std::vector<std::string>{"10.0.0.0/8", entry});
  REQUIRE(guard.has_error());
  CHECK(guard.error().kind == problem_kind::invalid);
  CHECK(guard.error().detail.find("'" + entry + "'") != std::string::npos);
}

TEST_CASE("addresses are read strictly", "[address_guard]") {
  CHECK(address("127.0.0.1") == make_ipv4({127, 0, 0, 1}));
  CHECK(address("::1").family == ip_family::v6);
  const std::string text =
      GENERATE("", "1.2.3", "1.2.3.4.5", "01.2.3.4", "0x1.2.3.4", "256.1.1.1", "1.2.3.4 ", "::1%1",
               "[::1]", "1::2::3", "12345::", ":1", "1:2:3:4:5:6:7:8:9");
  CAPTURE(text);
  CHECK_FALSE(parse_ip_address(text));
  CHECK_FALSE(parse_ip_address(std::string_view{"127.0.0.1\0x", 11}));
}

TEST_CASE("addresses are written in their usual form", "[address_guard]") {
  const std::string text = GENERATE("10.0.0.1", "2001:db8::1", "::", "::ffff:10.0.0.1");
  CHECK(to_string(address(text)) == text);
}
