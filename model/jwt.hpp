#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/principal.hpp"

// What a JSON Web Token (RFC 7519) says, once its text is in hand. Signatures are looked at
// elsewhere.

namespace carillon {

/// How a token may be signed. There are no others: what is not here cannot be asked for.
enum class jwt_algorithm : std::uint8_t { rs256, es256, ps256 };

/// "RS256", "ES256", "PS256"
std::string_view to_string(jwt_algorithm way);
std::optional<jwt_algorithm> parse_jwt_algorithm(std::string_view text);

/// Longer ones are looked at no further.
inline constexpr std::size_t jwt_bytes_max = 8 * 1024;

/// Which tokens are taken, and where it says what they may do.
struct jwt_rules {
  std::string issuer;
  std::string audience;
  std::vector<jwt_algorithm> algorithms;
  duration leeway{0};
  std::string scope_claim;
  std::string tenant_claim;
};

/// The three parts, still encoded.
struct jwt_parts {
  std::string_view head;
  std::string_view claims;
  std::string_view signature;
};

/// Empty when it has not the form of a token of three parts, none of which is empty.
std::optional<jwt_parts> split_jwt(std::string_view token);

struct jwt_head {
  jwt_algorithm algorithm;
  std::optional<std::string> key;  ///< "kid"
};

/// The decoded head of a token that may be verified: well-formed, with an algorithm of the rules,
/// and with nothing that would have to be understood. Keys that it brings along, or names by an
/// address, are not looked at.
std::optional<jwt_head> read_jwt_head(std::string_view json, const jwt_rules& rules);

/// For whom the decoded claims stand, if they are in force.
std::optional<principal> principal_of_claims(std::string_view json, const jwt_rules& rules,
                                             instant now);

}  // namespace carillon
