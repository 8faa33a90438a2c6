#include "actors/event_digest.hpp"

#include <openssl/sha.h>

#include <array>

namespace carillon {

/// Each part behind its length, so that no two events make the same bytes.
std::string digest_of(const new_event& what) {
  std::string all;
  all.reserve(what.topic.size() + what.source.size() + what.payload.size() + 32);
  for (const auto* part : {&what.topic, &what.source, &what.payload})
    all.append(std::to_string(part->size())).append(":").append(*part);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest.data());
  return {digest.begin(), digest.end()};
}

}  // namespace carillon
