#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/webhook_secret.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

/// A secret with the bytes that sign.
struct kept_secret {
  webhook_secret what;
  std::string key;  ///< Empty: it cannot be read, for it was sealed with another key.
};

// On disk the bytes are sealed, and bound to the id and all else that is known of the secret.

void encode_secret(const kept_secret& secret, std::string_view seal_key, change_set& out);
void encode_secret_removal(const task_id& id, change_set& out);

/// Every secret of the store, oldest first.
expected<std::vector<kept_secret>> load_secrets(const engine& disk, std::string_view seal_key);

}  // namespace carillon::storage
