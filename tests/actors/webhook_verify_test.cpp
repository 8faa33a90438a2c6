#include "actors/webhook_verify.hpp"

#include <catch2/catch.hpp>

#include "model/webhook_secret.hpp"

using namespace carillon;
using namespace std::chrono_literals;

namespace {

// The example of the Standard Webhooks libraries.
const std::string key = parse_webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
constexpr std::string_view body = R"({"test": 2432232314})";
constexpr std::string_view signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr signed_message signed_one{"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body};
const instant signed_at{1614265330s};

bool is_taken(std::string_view signatures, const signed_message& message = signed_one) {
  return verify(key, message, signatures, signed_at);
}

}  // namespace

TEST_CASE("what the sender signed is taken, for five minutes before and after", "[webhook]") {
  CHECK(verify(key, signed_one, signature, signed_at));
  CHECK(verify(key, signed_one, signature, signed_at + 5min));
  CHECK(verify(key, signed_one, signature, signed_at - 5min));
  CHECK_FALSE(verify(key, signed_one, signature, signed_at + 5min + 1ms));
  CHECK_FALSE(verify(key, signed_one, signature, signed_at - 5min - 1ms));
}

TEST_CASE("one good signature among several is enough", "[webhook]") {
  const auto several = "v1a,AAAA v1,Y2F0 " + std::string{signature};
  CHECK(is_taken(several));
  std::string hidden;
  for (int count = 0; count < 16; ++count)
    hidden += "v1,Y2F0 ";
  hidden += signature;
  CHECK_FALSE(is_taken(hidden));
}

TEST_CASE("what is not exactly what was signed is refused", "[webhook]") {
  CHECK_FALSE(verify(key + "x", signed_one, signature, signed_at));
  CHECK_FALSE(is_taken(signature, {signed_one.id, signed_one.timestamp, R"({"test": 1})"}));
  CHECK_FALSE(is_taken(signature, {"msg_other", signed_one.timestamp, body}));
  CHECK_FALSE(is_taken(signature, {signed_one.id, "1614265331", body}));
}

TEST_CASE("headers that are missing or no such thing are a plain no", "[webhook]") {
  for (const std::string_view text :
       {"", " ", "v1,", "v1", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,g0hM9SsE", "v1,====", "v1,    "}) {
    CAPTURE(text);
    CHECK_FALSE(is_taken(text));
  }
  for (const std::string_view text : {"", "-1614265330", "1614265330.0", " 1614265330",
                                      "16142653300", "999999999999999999999", "0x6037be72"}) {
    CAPTURE(text);
    // Signed, so that it is the time that is refused.
    const signed_message message{signed_one.id, text, body};
    CHECK_FALSE(is_taken(standard_signature({key}, message), message));
  }
  CHECK_FALSE(is_taken("", {}));
  CHECK_FALSE(verify("", signed_one, standard_signature({""}, signed_one), signed_at));
}
