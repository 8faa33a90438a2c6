#include "http/jwt_keys.hpp"

#include <cjose/cjose.h>

#include <algorithm>
#include <optional>

#include "model/json.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t keys_max = 100;
constexpr std::size_t rsa_bits_min = 2048;
constexpr std::size_t rsa_bits_max = 8192;  ///< Longer ones only cost time.

struct key_release {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
using native_key = std::unique_ptr<cjose_jwk_t, key_release>;

struct token_release {
  void operator()(cjose_jws_t* token) const { cjose_jws_release(token); }
};
using native_token = std::unique_ptr<cjose_jws_t, token_release>;

std::optional<std::string> text_of(json::value object, std::string_view name) {
  for (const auto& [key, value] : json::members(object))
    if (key == name)
      return json::as_string(value);
  return std::nullopt;
}

bool has(json::value object, std::string_view name) {
  return std::ranges::any_of(json::members(object),
                             [&](const auto& each) { return each.key == name; });
}

/// Keys say what they are for, or nothing.
bool is_for_signatures(json::value object) {
  if (has(object, "use") && text_of(object, "use") != "sig")
    return false;
  for (const auto& [name, value] : json::members(object))
    if (name == "key_ops")
      return std::ranges::any_of(json::elements(value), [](const auto& each) {
        return json::as_string(each) == "verify";
      });
  return true;
}

bool is_strong(const cjose_jwk_t* key) {
  cjose_err ignored{};
  switch (cjose_jwk_get_kty(key, &ignored)) {
    case CJOSE_JWK_KTY_RSA: {
      const auto bits = cjose_jwk_get_keysize(key, &ignored);
      return bits >= rsa_bits_min && bits <= rsa_bits_max;
    }
    case CJOSE_JWK_KTY_EC:
      return cjose_jwk_EC_get_curve(key, &ignored) == CJOSE_JWK_EC_P_256;
    case CJOSE_JWK_KTY_OCT:
      break;
  }
  return false;
}

bool is_signed_by(const std::string& token, const jwt_head& head, const cjose_jwk_t* key) {
  cjose_err ignored{};
  const native_token read{cjose_jws_import(token.data(), token.size(), &ignored)};
  if (!read)
    return false;
  // The library reads the head by itself: what it goes by must be what was allowed.
  const auto* const way =
      cjose_header_get(cjose_jws_get_protected(read.get()), CJOSE_HDR_ALG, &ignored);
  return way != nullptr && way == to_string(head.algorithm)
         && cjose_jws_verify(read.get(), key, &ignored);
}

}  // namespace

struct jwt_keys::key {
  std::optional<std::string> name;
  std::optional<jwt_algorithm> only;
  native_key native;

  /// A key is good for what its kind is for, and for nothing else.
  [[nodiscard]] bool fits(jwt_algorithm way) const {
    cjose_err ignored{};
    const auto kind = cjose_jwk_get_kty(native.get(), &ignored);
    const auto needed = way == jwt_algorithm::es256 ? CJOSE_JWK_KTY_EC : CJOSE_JWK_KTY_RSA;
    return kind == needed && (!only || only == way);
  }

  static std::optional<key> read(json::value object) {
    if (object.kind != json::kind::object || !is_for_signatures(object))
      return std::nullopt;
    key made;
    made.name = text_of(object, "kid");
    if (has(object, "alg")) {
      made.only = parse_jwt_algorithm(text_of(object, "alg").value_or(""));
      if (!made.only)
        return std::nullopt;
    }
    cjose_err ignored{};
    made.native.reset(cjose_jwk_import(object.raw.data(), object.raw.size(), &ignored));
    if (!made.native || !is_strong(made.native.get()))
      return std::nullopt;
    return made;
  }
};

jwt_keys::jwt_keys() = default;
jwt_keys::~jwt_keys() = default;

expected<std::shared_ptr<const jwt_keys>> jwt_keys::read(std::string_view jwks) {
  const auto root = json::read(jwks);
  if (!root)
    return root.error();
  std::shared_ptr<jwt_keys> made{new jwt_keys};
  made->text_ = jwks;
  for (const auto& [name, value] : json::members(*root))
    if (name == "keys")
      for (const auto& each : json::elements(value))
        if (auto one = key::read(each); one && made->keys_.size() < keys_max)
          made->keys_.push_back(*std::move(one));
  if (made->keys_.empty())
    return problem{problem_kind::invalid,
                   "there is no key for RS256, PS256 (RSA of 2048 bits or more) or ES256 in it"};
  return std::shared_ptr<const jwt_keys>{std::move(made)};
}

jwt_keys::verdict jwt_keys::check(const std::string& token, const jwt_head& head) const {
  if (head.key && std::ranges::find(keys_, head.key, &key::name) == keys_.end())
    return verdict::unknown_key;
  std::vector<const key*> candidates;
  for (const auto& each : keys_)
    if (each.fits(head.algorithm) && (!head.key || each.name == head.key))
      candidates.push_back(&each);
  if (!head.key && candidates.size() != 1)
    return verdict::not_signed;
  const bool is_good = std::ranges::any_of(
      candidates, [&](const auto* each) { return is_signed_by(token, head, each->native.get()); });
  return is_good ? verdict::signed_by_one : verdict::not_signed;
}

}  // namespace carillon::http
