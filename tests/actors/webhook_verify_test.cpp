#include "actors/webhook_verify.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;

namespace {

// The example of the Standard Webhooks libraries.
constexpr std::string_view secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view body = R"({"test": 2432232314})";
constexpr std::string_view signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr webhook_headers signed_headers{"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", signature};
const instant signed_at{1614265330s};

webhook_headers with_signature(std::string_view text) {
  auto headers = signed_headers;
  headers.signature = text;
  return headers;
}

}  // namespace

TEST_CASE("what the sender signed is taken, for five minutes before and after", "[webhook]") {
  CHECK(verify(secret, signed_headers, body, signed_at));
  CHECK(verify(secret, signed_headers, body, signed_at + 5min));
  CHECK(verify(secret, signed_headers, body, signed_at - 5min));
  CHECK_FALSE(verify(secret, signed_headers, body, signed_at + 5min + 1ms));
  CHECK_FALSE(verify(secret, signed_headers, body, signed_at - 5min - 1ms));
}

TEST_CASE("one good signature among several is enough", "[webhook]") {
  const auto several = "v1a,AAAA v1,Y2F0 " + std::string{signature};
  CHECK(verify(secret, with_signature(several), body, signed_at));
  std::string hidden;
  for (int count = 0; count < 16; ++count)
    hidden += "v1,Y2F0 ";
  hidden += signature;
  CHECK_FALSE(verify(secret, with_signature(hidden), body, signed_at));
}

TEST_CASE("what is not exactly what was signed is refused", "[webhook]") {
  CHECK_FALSE(verify(secret, signed_headers, R"({"test": 2432232315})", signed_at));
  CHECK_FALSE(verify("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", signed_headers, body, signed_at));
  auto other = signed_headers;
  other.id = "msg_other";
  CHECK_FALSE(verify(secret, other, body, signed_at));
  other = signed_headers;
  other.timestamp = "1614265331";
  CHECK_FALSE(verify(secret, other, body, signed_at));
}

TEST_CASE("headers that are missing or no such thing are a plain no", "[webhook]") {
  for (const std::string_view text :
       {"", " ", "v1,", "v1", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,g0hM9SsE", "v1,====", "v1,    "}) {
    CAPTURE(text);
    CHECK_FALSE(verify(secret, with_signature(text), body, signed_at));
  }
  for (const std::string_view text : {"", "-1614265330", "1614265330.0", " 1614265330",
                                      "16142653300", "999999999999999999999", "0x6037be72"}) {
    CAPTURE(text);
    auto headers = signed_headers;
    headers.timestamp = text;
    CHECK_FALSE(verify(secret, headers, body, signed_at));
  }
  CHECK_FALSE(verify(secret, {}, body, signed_at));
}

TEST_CASE("a secret has 24 to 64 bytes in base64", "[webhook]") {
  CHECK(webhook_key(secret)->size() == 24);
  CHECK(webhook_key("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  CHECK(webhook_key("whsec_" + std::string(84, 'A') + "AA==")->size() == 64);
  for (const std::string& none :
       {std::string{}, std::string{"whsec_"}, std::string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ=="},
        "whsec_" + std::string(88, 'A'), std::string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La=aSw"},
        std::string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"},
        std::string{"whsec_MfKQ9r8GKYqrTwjU_D8ILPZIo2LaLaSw"}}) {
    CAPTURE(none);
    CHECK_FALSE(webhook_key(none));
    CHECK_FALSE(verify(none, signed_headers, body, signed_at));
  }
}

TEST_CASE("a new secret is one, and another one each time", "[webhook]") {
  const auto one = new_webhook_secret();
  CHECK(one.starts_with(webhook_secret_prefix));
  CHECK(webhook_key(one)->size() == 32);
  CHECK(one != new_webhook_secret());
}
