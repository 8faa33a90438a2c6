#pragma once

#include <string>
#include <string_view>
#include <vector>

// How a delivery is signed. Pure.

namespace carillon {

struct signed_message {
  std::string_view id;         ///< The same in every attempt. Holds no dot.
  std::string_view timestamp;  ///< Of the attempt, in seconds since 1970.
  std::string_view body;
};

/// The value of webhook-signature (Standard Webhooks): "v1,BASE64", one for each key, with a space
/// between.
std::string standard_signature(const std::vector<std::string>& keys, const signed_message& message);

/// The value of X-Carillon-Signature: "t=SECONDS,v1=HEX", with one v1 for each key. The id is not
/// signed.
std::string timestamped_signature(const std::vector<std::string>& keys,
                                  const signed_message& message);

}  // namespace carillon
