#pragma once

#include <vector>

#include "model/access_token.hpp"
#include "storage/key_value.hpp"

namespace carillon::storage {

void encode_token(const access_token& token, change_set& out);
void encode_token_removal(const task_id& id, change_set& out);

/// Every token of the store, oldest first.
expected<std::vector<access_token>> load_tokens(const engine& disk);

}  // namespace carillon::storage
