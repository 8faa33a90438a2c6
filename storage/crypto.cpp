#include "storage/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "model/log.hpp"

namespace carillon::storage {
namespace {

// sealed := nonce (12 bytes) ciphertext tag (16 bytes). Nonces are random: a key seals thousands of
// texts at most.
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t digest_bytes = 32;

/// Without its cryptography the server must do nothing more. It fails for want of memory alone.
void need(bool done) {
  if (done)
    return;
  log(log_level::error, "the cryptographic library failed: ending");
  std::abort();
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
int size_of(std::string_view text) {
  return static_cast<int>(text.size());
}

struct free_mac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
struct free_cipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, free_cipher>;

/// Fetched once: looking an algorithm up by name costs more than a short digest.
EVP_MAC* hmac() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return algorithm;
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> pieces) {
  char sha256[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
      OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_MAC_CTX, free_mac> context{EVP_MAC_CTX_new(hmac())};
  need(context && EVP_MAC_init(context.get(), bytes_of(key), key.size(), parameters) == 1);
  for (const auto piece : pieces)
    need(EVP_MAC_update(context.get(), bytes_of(piece), piece.size()) == 1);
  std::string digest(digest_bytes, '\0');
  std::size_t size = 0;
  need(EVP_MAC_final(context.get(), bytes_of(digest), &size, digest.size()) == 1);
  return digest;
}

std::string seal(std::string_view key, std::string_view text, std::string_view bound_to) {
  const auto nonce = random_bytes(nonce_bytes);
  std::string hidden(text.size(), '\0');
  std::string tag(tag_bytes, '\0');
  int size = 0;
  const cipher_context context{EVP_CIPHER_CTX_new()};
  auto* const with = context.get();
  need(context && key.size() == key_bytes
       && EVP_EncryptInit_ex(with, EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1
       && EVP_EncryptUpdate(with, nullptr, &size, bytes_of(bound_to), size_of(bound_to)) == 1
       && EVP_EncryptUpdate(with, bytes_of(hidden), &size, bytes_of(text), size_of(text)) == 1
       && EVP_EncryptFinal_ex(with, bytes_of(hidden) + size, &size) == 1
       && EVP_CIPHER_CTX_ctrl(with, EVP_CTRL_GCM_GET_TAG, tag_bytes, tag.data()) == 1);
  return nonce + hidden + tag;
}

std::optional<std::string> open_sealed(std::string_view key, std::string_view sealed,
                                       std::string_view bound_to) {
  if (sealed.size() < nonce_bytes + tag_bytes)
    return std::nullopt;
  const auto nonce = sealed.substr(0, nonce_bytes);
  const auto hidden = sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag{sealed.substr(sealed.size() - tag_bytes)};
  std::string text(hidden.size(), '\0');
  int size = 0;
  const cipher_context context{EVP_CIPHER_CTX_new()};
  auto* const with = context.get();
  need(context && key.size() == key_bytes
       && EVP_DecryptInit_ex(with, EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1
       && EVP_DecryptUpdate(with, nullptr, &size, bytes_of(bound_to), size_of(bound_to)) == 1
       && EVP_DecryptUpdate(with, bytes_of(text), &size, bytes_of(hidden), size_of(hidden)) == 1
       && EVP_CIPHER_CTX_ctrl(with, EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(with, bytes_of(text) + size, &size) != 1)
    return std::nullopt;
  return text;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const auto got = ::getrandom(bytes.data() + filled, count - filled, 0);
    need(got > 0 || errno == EINTR);
    filled += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  return bytes;
}

bool is_same_secret(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace carillon::storage
