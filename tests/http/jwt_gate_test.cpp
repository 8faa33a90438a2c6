#include "http/jwt_gate.hpp"

#include <cjose/cjose.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "model/base64.hpp"
#include "tests/support/seeds.hpp"

namespace carillon::http {
namespace {

using namespace std::chrono_literals;

const instant noon{1'800'000'000s};
constexpr auto rsa_bits = 2048;

/// A key pair that signs.
class signer {
public:
  explicit signer(const std::string& name) {
    key_ = cjose_jwk_create_RSA_random(rsa_bits, nullptr, 0, nullptr);
    cjose_jwk_set_kid(key_, name.data(), name.size(), nullptr);
  }
  ~signer() { cjose_jwk_release(key_); }
  signer(const signer&) = delete;
  signer& operator=(const signer&) = delete;

  std::string published() const {
    char* const text = cjose_jwk_to_json(key_, false, nullptr);
    const std::string out = R"({"keys":[)" + std::string{text} + "]}";
    std::free(text);
    return out;
  }

  std::string token(const std::string& subject = "ann") const {
    const auto claims = R"({"iss":"i","aud":"a","exp":1800000600,"sub":")" + subject + R"("})";
    cjose_header_t* const head = cjose_header_new(nullptr);
    cjose_header_set(head, CJOSE_HDR_ALG, CJOSE_HDR_ALG_RS256, nullptr);
    cjose_header_set(head, CJOSE_HDR_KID, cjose_jwk_get_kid(key_, nullptr), nullptr);
    cjose_jws_t* const made = cjose_jws_sign(
        key_, head, reinterpret_cast<const std::uint8_t*>(claims.data()), claims.size(), nullptr);
    const char* text = nullptr;
    cjose_jws_export(made, &text, nullptr);
    std::string out{text};
    cjose_jws_release(made);
    cjose_header_release(head);
    return out;
  }

private:
  cjose_jwk_t* key_ = nullptr;
};

struct gate_world {
  void publish(const std::string& keys) { gate.set_keys(*jwt_keys::read(keys)); }
  bearer::stranger ask(const std::string& token) {
    return gate.who_has(token, bearer::hash(token));
  }

  instant now = noon;
  jwt_gate gate{{"i", "a", {jwt_algorithm::rs256}, 0s, "scope", "tenant"}, [this] { return now; }};
};

const signer& ours() {
  static const signer key{"ours"};
  return key;
}

}  // namespace

TEST_CASE("a good token is the same principal until it ends", "[jwt]") {
  gate_world world;
  world.publish(ours().published());
  const auto token = ours().token();
  const auto first = world.ask(token).who;
  REQUIRE(first);
  CHECK(first->id == "jwt:ann");
  CHECK(world.ask(token).who == first);
  world.now += 10min;
  CHECK_FALSE(world.ask(token).who);
  CHECK_FALSE(world.ask(token).soon);
}

TEST_CASE("whoever waits with a token hears that its key has gone, and no sooner", "[jwt]") {
  gate_world world;
  world.publish(ours().published());
  const auto token = ours().token();
  const auto who = world.ask(token).who;
  REQUIRE(who);
  world.publish(ours().published());
  CHECK_FALSE(is_withdrawn(*who));
  CHECK(world.ask(token).who == who);
  world.publish(signer{"other"}.published());
  CHECK(is_withdrawn(*who));
  CHECK_FALSE(world.ask(token).who);
}

TEST_CASE("a token with an unknown key asks for newer ones, and others do not", "[jwt]") {
  gate_world world;
  int calls = 0;
  bool is_coming = true;
  world.gate.set_key_call([&] {
    ++calls;
    return is_coming;
  });
  CHECK(world.ask(ours().token()).soon);  // there are none at all
  world.publish(ours().published());
  const auto stranger = signer{"stranger"}.token();
  CHECK(world.ask(stranger).soon);
  is_coming = false;
  CHECK_FALSE(world.ask(stranger).soon);
  CHECK(calls == 3);
  for (const auto& text :
       {std::string{"a.b.c"}, std::string{"carillon_x"}, signer{"ours"}.token(), std::string{}})
    CHECK_FALSE(world.ask(text).who);
  CHECK(calls == 3);
}

TEST_CASE("no change of a token makes another good one", "[jwt]") {
  gate_world world;
  world.publish(ours().published());
  const auto good = ours().token();
  const auto seed = test::seeds(1).front();
  CAPTURE(seed);
  std::mt19937 dice{static_cast<unsigned>(seed)};
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  for (int round = 0; round < 2000; ++round) {
    auto token = good;
    for (auto changes = 1 + dice() % 4; changes > 0; --changes) {
      const auto at = dice() % token.size();
      switch (dice() % 3) {
        case 0:
          token[at] = letters[dice() % letters.size()];
          break;
        case 1:
          token.erase(at, 1 + dice() % 8);
          break;
        default:
          token.insert(at, 1, letters[dice() % letters.size()]);
      }
    }
    const auto found = world.ask(token).who;
    // The last letter of a part may have bits that stand for nothing.
    if (found)
      CHECK(from_base64url(split_jwt(token)->claims) == from_base64url(split_jwt(good)->claims));
  }
}

}  // namespace carillon::http
