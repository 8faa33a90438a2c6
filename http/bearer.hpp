#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "http/authenticator.hpp"
#include "model/problem.hpp"

namespace carillon::http {

/// Bearer tokens (RFC 6750) by the SHA-256 of each: the tokens themselves are not kept.
class bearer final : public authenticator {
public:
  using digest = std::array<unsigned char, 32>;

  explicit bearer(std::vector<digest> known) : known_{std::move(known)} {}

  /// Takes the same time for every wrong token.
  verdict check(std::string_view authorization) const override;

  static digest hash(std::string_view token);

private:
  std::vector<digest> known_;
};

/// "carillon_" and 32 random bytes in base64url.
expected<std::string> new_token();

/// The token in `file`. At the first start there is none: it is made then, for the owner only, so
/// that the file is there whole or not at all.
expected<std::string> load_or_create_token(const std::filesystem::path& file);

}  // namespace carillon::http
