#include "actors/webhook_signature.hpp"

#include "model/base64.hpp"
#include "storage/crypto.hpp"

namespace carillon {

std::string standard_signature(const std::vector<std::string>& keys,
                               const signed_message& message) {
  std::string value;
  for (const auto& key : keys) {
    if (!value.empty())
      value += ' ';
    value += "v1,"
             + to_base64(storage::hmac_sha256(
                 key, {message.id, ".", message.timestamp, ".", message.body}));
  }
  return value;
}

std::string timestamped_signature(const std::vector<std::string>& keys,
                                  const signed_message& message) {
  auto value = "t=" + std::string{message.timestamp};
  for (const auto& key : keys)
    value += ",v1=" + to_hex(storage::hmac_sha256(key, {message.timestamp, ".", message.body}));
  return value;
}

}  // namespace carillon
