#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// What is asked of OpenSSL, in strings of bytes. Any thread.

namespace carillon::storage {

inline constexpr std::size_t key_bytes = 32;

/// HMAC-SHA256 of the pieces, one after the other.
std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> pieces);

/// AES-256-GCM under a key of key_bytes. What comes out opens only with the same key and the same
/// `bound_to`, which is not part of it.
std::string seal(std::string_view key, std::string_view text, std::string_view bound_to);
std::optional<std::string> open_sealed(std::string_view key, std::string_view sealed,
                                       std::string_view bound_to);

/// From the kernel.
std::string random_bytes(std::size_t count);

/// Takes the same time wherever two texts of one length differ.
bool is_same_secret(std::string_view one, std::string_view other);

}  // namespace carillon::storage
