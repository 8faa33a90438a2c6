#include "http/login_limits.hpp"

#include <catch2/catch.hpp>

namespace carillon::http {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{std::chrono::hours{9}};

token_digest digest(unsigned char first) {
  token_digest made{};
  made[0] = first;
  return made;
}

void fail_often(login_limits& limits, std::string_view address, steady_time now,
                std::size_t count = login_limits::failures_max) {
  for (; count > 0; --count)
    limits.failed(address, now);
}

}  // namespace

TEST_CASE("the eleventh try of a minute waits until the first is a minute old", "[login_limits]") {
  login_limits limits;
  for (int second = 0; second < 10; ++second) {
    CHECK_FALSE(limits.must_wait("a", digest(1), start + std::chrono::seconds{second}));
    limits.failed("a", start + std::chrono::seconds{second});
  }
  CHECK(limits.must_wait("a", digest(1), start + 10s) == 50s);
  CHECK(limits.must_wait("a", digest(1), start + 59'500ms) == 1s);
  CHECK_FALSE(limits.must_wait("a", digest(1), start + 60s));
  limits.failed("a", start + 60s);
  CHECK(limits.must_wait("a", digest(1), start + 60s) == 1s);
  CHECK_FALSE(limits.must_wait("a", digest(1), start + 61s));
}

TEST_CASE("an address that guesses holds up no other", "[login_limits]") {
  login_limits limits;
  fail_often(limits, "a", start);
  CHECK(limits.must_wait("a", digest(1), start));
  CHECK_FALSE(limits.must_wait("b", digest(1), start));
}

TEST_CASE("a token that was good from there goes on, one that was good elsewhere does not",
          "[login_limits]") {
  login_limits limits;
  limits.succeeded("a", digest(1));
  limits.succeeded("b", digest(2));
  fail_often(limits, "a", start);
  CHECK_FALSE(limits.must_wait("a", digest(1), start));
  CHECK(limits.must_wait("a", digest(2), start));
}

TEST_CASE("of an address so many tokens are remembered, the latest", "[login_limits]") {
  login_limits limits;
  limits.succeeded("a", digest(0));
  for (unsigned char number = 1; number < login_limits::known_max; ++number)
    limits.succeeded("a", digest(number));
  limits.succeeded("a", digest(0));  // used again, so that it is not the oldest
  limits.succeeded("a", digest(200));
  fail_often(limits, "a", start);
  CHECK_FALSE(limits.must_wait("a", digest(0), start));
  CHECK_FALSE(limits.must_wait("a", digest(200), start));
  CHECK(limits.must_wait("a", digest(1), start));
}

TEST_CASE("addresses are forgotten when there are too many, the longest silent first",
          "[login_limits]") {
  login_limits limits;
  fail_often(limits, "first", start);
  fail_often(limits, "second", start);
  for (std::size_t number = 0; number < login_limits::addresses_max - 2; ++number)
    limits.failed(std::to_string(number), start);
  limits.failed("first", start);
  limits.failed("one more", start);
  CHECK(limits.addresses() == login_limits::addresses_max);
  CHECK(limits.must_wait("first", digest(1), start));
  CHECK_FALSE(limits.must_wait("second", digest(1), start));
}

}  // namespace carillon::http
