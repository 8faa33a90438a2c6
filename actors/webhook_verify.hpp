#pragma once

#include <string_view>

#include "actors/webhook_signature.hpp"
#include "model/instant.hpp"

// Standard Webhooks (https://www.standardwebhooks.com), the receiving side.

namespace carillon {

/// A signature is good for so long before and after its timestamp.
inline constexpr duration webhook_tolerance = std::chrono::minutes{5};

/// Whether somebody who has the key signed the message, lately, by `signatures`: the header as it
/// came. What is missing, an empty key and a time too far off are a plain no. Takes the same time
/// for every wrong signature.
bool verify(std::string_view key, const signed_message& message, std::string_view signatures,
            instant now);

}  // namespace carillon
