#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "http/login_limits.hpp"
#include "model/problem.hpp"

namespace carillon::http {

/// Bearer tokens (RFC 6750) by the SHA-256 of each: the tokens themselves are not kept.
class bearer final : public authenticator {
public:
  /// Null when nobody has that token.
  using look_up = std::function<std::shared_ptr<const principal>(const token_digest&)>;

  /// `who_has` is called on any thread and must not wait.
  explicit bearer(look_up who_has) : who_has_{std::move(who_has)} {}

  /// The text of a token is compared with nothing: what is looked up is its digest.
  identity check(std::string_view authorization, std::string_view address,
                 steady_time now) override;

  static token_digest hash(std::string_view token);

private:
  look_up who_has_;
  login_limits limits_;
};

/// "carillon_" and 32 random bytes in base64url.
expected<std::string> new_token();

/// The token in `file`. At the first start there is none: it is made then, for the owner only, so
/// that the file is there whole or not at all.
expected<std::string> load_or_create_token(const std::filesystem::path& file);

}  // namespace carillon::http
