#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/jwt.hpp"
#include "model/problem.hpp"

namespace carillon::http {

/// The public keys of an issuer. They never change; any thread.
class jwt_keys {
public:
  enum class verdict {
    signed_by_one,
    not_signed,
    unknown_key,  ///< The token names a key that is not among these.
  };

  /// A JSON Web Key Set (RFC 7517). Keys of other kinds than the three algorithms need, too short
  /// ones and those that are not for signatures are left out; a set without any left is refused.
  static expected<std::shared_ptr<const jwt_keys>> read(std::string_view jwks);

  ~jwt_keys();
  jwt_keys(const jwt_keys&) = delete;
  jwt_keys& operator=(const jwt_keys&) = delete;

  /// `head`: that of the token. Which key it may be is said by its name; a token that names none is
  /// tried with the only key that its algorithm has.
  [[nodiscard]] verdict check(const std::string& token, const jwt_head& head) const;

  /// Whether they were read from the same text.
  [[nodiscard]] bool is_same_as(const jwt_keys& other) const { return text_ == other.text_; }

private:
  struct key;
  jwt_keys();

  std::string text_;
  std::vector<key> keys_;
};

}  // namespace carillon::http
