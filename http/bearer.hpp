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

  /// Whoever comes with a token that was not made here. Null `who`: the token is not good, though
  /// perhaps `soon`, and then it is no failure of whoever sent it.
  struct stranger {
    std::shared_ptr<const principal> who = {};
    bool soon = false;
  };
  using stranger_look_up = std::function<stranger(std::string_view token, const token_digest&)>;

  /// Both are called on any thread and must not wait. Without the second there are no strangers.
  explicit bearer(look_up who_has, stranger_look_up who_comes = {})
      : who_has_{std::move(who_has)}, who_comes_{std::move(who_comes)} {}

  /// The text of a token is compared with nothing: what is looked up is its digest.
  identity check(std::string_view authorization, std::string_view address,
                 steady_time now) override;

  static token_digest hash(std::string_view token);

private:
  look_up who_has_;
  stranger_look_up who_comes_;
  login_limits limits_;
};

/// "carillon_" and 32 random bytes in base64url.
expected<std::string> new_token();

/// The token in `file`. At the first start there is none: it is made then, for the owner only, so
/// that the file is there whole or not at all.
expected<std::string> load_or_create_token(const std::filesystem::path& file);

}  // namespace carillon::http
