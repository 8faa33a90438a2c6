#include "actors/webhook_keys.hpp"

#include <catch2/catch.hpp>

#include "actors/delivery_rules.hpp"
#include "actors/webhook_signature.hpp"
#include "tests/support/task_samples.hpp"

using namespace carillon;
using namespace carillon::test;
using namespace std::chrono_literals;

namespace {

std::string all_bytes() {
  std::string bytes;
  for (int each = 0; each < 256; ++each)
    bytes.push_back(static_cast<char>(each));
  return bytes;
}

constexpr auto one_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr auto other_secret =
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
    "";

storage::kept_secret a_secret(std::uint64_t number, const char* text, std::string name = "default",
                              std::optional<instant> expires_at = {}) {
  return {{an_id(number), std::move(name), noon, expires_at}, *parse_webhook_secret(text)};
}

/// A task whose first attempt is under way.
task under_way(http_target target) {
  auto spec = a_spec();
  spec.target = std::move(target);
  spec.payload = R"({"n":1})";
  return life{spec}.deliver().subject();
}

http_target a_target(std::string secret = {}, signature_form form = signature_form::standard) {
  http_target target;
  target.url = "http://127.0.0.1/hook";
  target.secret = std::move(secret);
  target.signature = form;
  return target;
}

constexpr std::uint64_t token = 7;

/// The value of a header of the call that is made, empty when it has none.
std::string header_of(const webhook_keys& keys, const http_target& target, std::string_view name,
                      instant now = noon) {
  const auto subject = under_way(target);
  auto call = delivery_call(subject);
  REQUIRE(keys.stamp(subject, token, now, call).has_value());
  for (const auto& [known, value] : call.headers)
    if (known == name)
      return value;
  return {};
}

}  // namespace

// The first is the vector that Standard Webhooks publishes; all were computed with Python's hmac.
TEST_CASE("signatures are what others compute", "[webhook_signature]") {
  struct vector {
    std::string secret, id, timestamp, body, base64, hex;
  };
  const auto given = GENERATE(values<vector>({
      {one_secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})",
       "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
       "e96203c6de850e7dc1fde7489ef6140b402d3a5a64fe250cd2eef9830fac1cef"},
      {one_secret, "task_1", "0", "", "7RX8EkDtUf0Fza6HrG9Cllqp+Qp9lT3nos9p6bzbDVo=",
       "4bc5cb6cdda4276ec50452e974ec8c0fdf2f8d44bac1273938a40e041ac43199"},
      {other_secret, "task_01a201db-a3a5-71c8-8ab5-bab6d9d20028", "1893456000",
       "{\"s\":\"\xc3\xa5 \xf0\x9f\x98\x80\"}", "1gjiEepq7zO1zb4oB1E0NBsRfXDQNdu/2xpBiEbMwj4=",
       "d21efe5a561a69ebda29e7b30430176b6131ca22e9c60fd81165954ea5318f71"},
      {other_secret, "x", "253402300799", all_bytes(),
       "+GeLMUGwiSkk6BJFAdUKlvGrJjYZIca/EUNlm4iHjrw=",
       "462b09d7b1b38abe694a0f2605f4ad93409a1ceea0e4cd8ac0e0f828127a2681"},
  }));
  const std::vector<std::string> keys{*parse_webhook_secret(given.secret)};
  const signed_message message{given.id, given.timestamp, given.body};
  CHECK(standard_signature(keys, message) == "v1," + given.base64);
  CHECK(timestamped_signature(keys, message) == "t=" + given.timestamp + ",v1=" + given.hex);
}

TEST_CASE("each secret of the name signs, the newest first", "[webhook_keys]") {
  webhook_keys keys{"store"};
  keys.put(a_secret(1, one_secret));
  const auto old_one = header_of(keys, a_target(), "webhook-signature");
  keys.put(a_secret(2, other_secret));
  const auto both = header_of(keys, a_target(), "webhook-signature");

  CHECK(both.ends_with(" " + old_one));
  CHECK(both.size() == 2 * old_one.size() + 1);
  keys.take(an_id(1));
  CHECK(header_of(keys, a_target(), "webhook-signature") + " " + old_one == both);
}

TEST_CASE("a secret whose time is over signs no more", "[webhook_keys]") {
  webhook_keys keys{"store"};
  keys.put(a_secret(1, one_secret, "default", noon + 1h));
  CHECK_FALSE(header_of(keys, a_target(), "webhook-signature", noon + 1h - 1ms).empty());
  CHECK(header_of(keys, a_target(), "webhook-signature", noon + 1h).empty());
  CHECK(keys.count("default", noon) == 1);
  CHECK(keys.count("default", noon + 1h) == 0);
}

TEST_CASE("a target's own secret signs instead of the default", "[webhook_keys]") {
  webhook_keys keys{"store"};
  keys.put(a_secret(1, one_secret, "billing"));
  CHECK(header_of(keys, a_target(), "webhook-signature").empty());
  const auto named = header_of(keys, a_target("billing"), "webhook-signature");
  CHECK(named.starts_with("v1,"));
  keys.put(a_secret(2, other_secret));
  CHECK(header_of(keys, a_target("billing"), "webhook-signature") == named);
}

TEST_CASE("the timestamped form stands instead of the standard one", "[webhook_keys]") {
  webhook_keys keys{"store"};
  keys.put(a_secret(1, one_secret));
  keys.put(a_secret(2, other_secret));
  const auto target = a_target("", signature_form::timestamped);
  CHECK(header_of(keys, target, "webhook-signature").empty());
  const auto value = header_of(keys, target, "X-Carillon-Signature");
  CHECK(value.starts_with("t=" + header_of(keys, target, "webhook-timestamp") + ",v1="));
  CHECK(value.find(",v1=") != value.rfind(",v1="));
}

TEST_CASE("what must be signed is not sent unsigned", "[webhook_keys]") {
  webhook_keys keys{"store"};
  const auto is_sent = [&keys](const http_target& target) {
    const auto subject = under_way(target);
    auto call = delivery_call(subject);
    return keys.stamp(subject, token, noon, call).has_value();
  };
  CHECK(is_sent(a_target()));
  CHECK_FALSE(is_sent(a_target("billing")));
  CHECK_FALSE(is_sent(a_target("", signature_form::timestamped)));
  // A secret that cannot be read is one that there is.
  auto unreadable = a_secret(1, one_secret);
  unreadable.key.clear();
  keys.put(unreadable);
  CHECK_FALSE(is_sent(a_target()));
  keys.put(a_secret(2, other_secret));
  CHECK(is_sent(a_target()));
}

TEST_CASE("a removed secret is not brought back by a change to it", "[webhook_keys]") {
  webhook_keys keys{"store"};
  keys.put(a_secret(1, one_secret));
  CHECK(keys.take(an_id(1)));
  keys.replace(a_secret(1, one_secret));
  CHECK(keys.all().empty());
  CHECK_FALSE(keys.take(an_id(1)));
}

TEST_CASE("a callback address is of one attempt of one task and of one store", "[webhook_keys]") {
  webhook_keys keys{"store"};
  keys.set_public_url("https://carillon.example/x");
  const auto url = header_of(keys, a_target(), "carillon-callback");
  const auto beginning = "https://carillon.example/x/v1/callbacks/" + to_text(an_id(1)) + "/7/";
  REQUIRE(url.starts_with(beginning));
  auto signature = url.substr(beginning.size());

  CHECK(keys.is_callback(an_id(1), 7, signature));
  CHECK(webhook_keys{"store"}.is_callback(an_id(1), 7, signature));
  CHECK_FALSE(webhook_keys{"shop"}.is_callback(an_id(1), 7, signature));
  CHECK_FALSE(keys.is_callback(an_id(1), 8, signature));
  CHECK_FALSE(keys.is_callback(an_id(2), 7, signature));
  CHECK_FALSE(keys.is_callback(an_id(1), 7, signature.substr(1)));
  CHECK_FALSE(keys.is_callback(an_id(1), 7, ""));
  signature.front() = signature.front() == 'A' ? 'B' : 'A';
  CHECK_FALSE(keys.is_callback(an_id(1), 7, signature));
}
