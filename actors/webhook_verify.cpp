#include "actors/webhook_verify.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <cstdlib>

namespace carillon {
namespace {

constexpr std::size_t key_bytes_min = 24;
constexpr std::size_t key_bytes_max = 64;
constexpr std::size_t signature_bytes = 32;
constexpr std::size_t signatures_max = 16;
constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view scheme = "v1,";

/// Padded base64, strictly: empty when it is none.
std::optional<webhook_bytes> decode_base64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const auto letters = text.substr(0, text.size() - padding);
  if (letters.empty() || text.size() % 4 != 0 || text.size() > 1'024
      || letters.find_first_not_of(base64_letters) != std::string_view::npos)
    return std::nullopt;
  webhook_bytes bytes(text.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (size < 0)
    return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

std::string encode_base64(std::string_view bytes) {
  std::vector<unsigned char> text((bytes.size() + 2) / 3 * 4 + 1);
  const int size =
      EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

std::optional<instant> read_timestamp(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t seconds_max = 253'402'300'799;  // 9999-12-31T23:59:59Z
  if (fault != std::errc{} || end != text.data() + text.size() || seconds < 0
      || seconds > seconds_max)
    return std::nullopt;
  return instant{std::chrono::seconds{seconds}};
}

/// HMAC-SHA-256 of "id.timestamp.body".
std::array<unsigned char, signature_bytes> sign(const webhook_bytes& key,
                                                const webhook_headers& headers,
                                                std::string_view body) {
  std::string content;
  content.reserve(headers.id.size() + headers.timestamp.size() + body.size() + 2);
  content.append(headers.id).append(".").append(headers.timestamp).append(".").append(body);
  std::array<unsigned char, signature_bytes> signature{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(content.data()), content.size(), signature.data(),
       &size);
  return signature;
}

bool is_among(const std::array<unsigned char, signature_bytes>& good, std::string_view header) {
  bool found = false;
  for (std::size_t count = 0; !header.empty() && count < signatures_max; ++count) {
    const auto end = std::min(header.find(' '), header.size());
    const auto one = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    if (!one.starts_with(scheme))
      continue;
    const auto bytes = decode_base64(one.substr(scheme.size()));
    found |= bytes && bytes->size() == good.size()
             && CRYPTO_memcmp(bytes->data(), good.data(), good.size()) == 0;
  }
  return found;
}

}  // namespace

std::optional<webhook_bytes> webhook_key(std::string_view secret) {
  if (secret.starts_with(webhook_secret_prefix))
    secret.remove_prefix(webhook_secret_prefix.size());
  auto key = decode_base64(secret);
  if (!key || key->size() < key_bytes_min || key->size() > key_bytes_max)
    return std::nullopt;
  return key;
}

std::string new_webhook_secret() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    std::abort();  // a machine without randomness must not go on
  return std::string{webhook_secret_prefix}
         + encode_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool verify(std::string_view secret, const webhook_headers& headers, std::string_view body,
            instant now) {
  const auto key = webhook_key(secret);
  // Computed in any case, so that time does not tell what was wrong.
  const auto good = sign(key.value_or(webhook_bytes{}), headers, body);
  const bool is_signed = is_among(good, headers.signature);
  const auto at = read_timestamp(headers.timestamp);
  const bool is_recent = at && *at >= now - webhook_tolerance && *at <= now + webhook_tolerance;
  return key && !headers.id.empty() && is_recent && is_signed;
}

}  // namespace carillon
