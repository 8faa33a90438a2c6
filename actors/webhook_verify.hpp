#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/instant.hpp"

// Standard Webhooks (https://www.standardwebhooks.com), the receiving side.

namespace carillon {

/// The headers that a signed request has, as they came; empty: absent.
struct webhook_headers {
  std::string_view id;
  std::string_view timestamp;  ///< Seconds since 1970.
  std::string_view signature;  ///< "v1," and base64; several with blanks between them.
};

/// A signature is good for so long before and after its timestamp.
inline constexpr duration webhook_tolerance = std::chrono::minutes{5};

/// Secrets are "whsec_" and the base64 of 24 to 64 bytes.
inline constexpr std::string_view webhook_secret_prefix = "whsec_";

/// The bytes of a secret; empty when it is none. The prefix may be missing.
using webhook_bytes = std::vector<unsigned char>;
std::optional<webhook_bytes> webhook_key(std::string_view secret);

/// 32 random bytes as a secret.
std::string new_webhook_secret();

/// Whether somebody who has the secret signed this body under this id, lately. A header that is
/// missing, a secret that is none and a time too far off are a plain no. Takes the same time for
/// every wrong signature.
bool verify(std::string_view secret, const webhook_headers& headers, std::string_view body,
            instant now);

}  // namespace carillon
