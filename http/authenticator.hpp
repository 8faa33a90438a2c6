#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "model/principal.hpp"

namespace carillon::http {

using steady_time = std::chrono::steady_clock::time_point;

enum class verdict {
  granted,
  missing,   ///< No token was given.
  wrong,     ///< What was given is no token or not a good one.
  too_many,  ///< Not looked at: too many wrong ones came from that address.
};

struct identity {
  verdict outcome = verdict::missing;
  std::shared_ptr<const principal> who = {};  ///< When granted.
  std::chrono::seconds retry_after{0};        ///< When too many.
};

/// Decides on the Authorization header of a request to a route that needs a token. Called on the
/// connections' threads, before the body is read: must be quick and must not wait.
class authenticator {
public:
  virtual ~authenticator() = default;
  /// `address`: that of the client, as a text or bytes that only equal addresses share.
  virtual identity check(std::string_view authorization, std::string_view address,
                         steady_time now) = 0;
};

}  // namespace carillon::http
