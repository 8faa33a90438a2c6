#include "model/webhook_secret.hpp"

#include <catch2/catch.hpp>

#include "model/base64.hpp"
#include "model/http_header.hpp"

using namespace carillon;
using namespace std::chrono_literals;

TEST_CASE("base64 as RFC 4648 has it", "[base64]") {
  const auto [bytes, text] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff\xfe", "+//+"},
  }));
  CHECK(to_base64(bytes) == text);
  CHECK(from_base64(text) == bytes);
}

TEST_CASE("base64 for addresses needs no escape", "[base64]") {
  CHECK(to_base64url("\xfb\xff\xfe") == "-__-");
  CHECK(to_base64url("f") == "Zg");
}

TEST_CASE("another spelling of the same bytes is no base64", "[base64]") {
  const std::string text =
      GENERATE("Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n",
               " Zg==", "Z===", "====", "Zg==Zg==", "Zm9v====", "-__-", "Zm9*", "=");
  CAPTURE(text);
  CHECK_FALSE(from_base64(text));
}

TEST_CASE("bytes in hexadecimal", "[base64]") {
  CHECK(to_hex(std::string{"\0\x7f\xff", 3}) == "007fff");
}

TEST_CASE("a secret comes back as it was written", "[webhook_secret]") {
  const auto size = GENERATE(secret_bytes_min, secret_bytes_made, secret_bytes_max);
  const std::string key(size, '\xfe');
  const auto text = format_webhook_secret(key);
  CHECK(text.starts_with("whsec_"));
  CHECK(*parse_webhook_secret(text) == key);
}

TEST_CASE("a secret that is too short, too long or no secret is refused, and not repeated",
          "[webhook_secret]") {
  const auto of = [](std::size_t size) { return format_webhook_secret(std::string(size, 'x')); };
  const std::string text =
      GENERATE_COPY(of(0), of(secret_bytes_min - 1), of(secret_bytes_max + 1), of(32).substr(6),
                    "WHSEC_" + of(32).substr(6), "whsec" + of(32).substr(6), of(32) + "\n",
                    of(32).substr(0, of(32).size() - 1), std::string{"whsec_"}, std::string{});
  CAPTURE(text);
  const auto parsed = parse_webhook_secret(text);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().detail == "must be whsec_ and the base64 of 24 to 64 bytes");
}

TEST_CASE("a secret ends at its moment", "[webhook_secret]") {
  const instant noon{12h};
  const webhook_secret secret{{}, "default", noon, noon + 1h};
  CHECK_FALSE(has_expired(secret, noon + 1h - 1ms));
  CHECK(has_expired(secret, noon + 1h));
  CHECK_FALSE(has_expired(webhook_secret{{}, "default", noon}, noon + 24h * 3650));
}

TEST_CASE("the id of a secret is read with its prefix and without", "[webhook_secret]") {
  const auto id = *parse_task_id("01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(to_secret_text(id) == "secret_01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(parse_secret_id(to_secret_text(id)) == id);
  CHECK(parse_secret_id("01890a5d-ac96-774b-bcce-b302099a8057") == id);
  CHECK_FALSE(parse_secret_id("task_01890a5d-ac96-774b-bcce-b302099a8057"));
  CHECK_FALSE(parse_secret_id("secret_task_01890a5d-ac96-774b-bcce-b302099a8057"));
  CHECK_FALSE(parse_secret_id(""));
}

TEST_CASE("headers by which a delivery is known are nobody else's", "[http_header]") {
  for (const auto* const name :
       {"webhook-id", "Webhook-Timestamp", "WEBHOOK-SIGNATURE", "webhook-anything",
        "carillon-callback", "Carillon-Attempt", "idempotency-key", "X-Carillon-Signature"})
    CHECK(is_delivery_header(name));
  for (const auto* const name :
       {"X-Hook", "webhook", "webhooks-id", "traceparent", "X-Signature", "Idempotency-Keys"})
    CHECK_FALSE(is_delivery_header(name));
}
