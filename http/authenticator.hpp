#pragma once

#include <string_view>

namespace carillon::http {

enum class verdict {
  granted,
  missing,  ///< No token was given.
  wrong,    ///< What was given is no token or not a known one.
};

/// Decides on the Authorization header of a request to a route that needs a token. Called on the
/// connections' threads, before the body is read: must be quick and must not wait.
class authenticator {
public:
  virtual ~authenticator() = default;
  virtual verdict check(std::string_view authorization) const = 0;
};

}  // namespace carillon::http
