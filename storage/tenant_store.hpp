#pragma once

#include <string_view>
#include <vector>

#include "model/tenant.hpp"
#include "storage/key_value.hpp"

// Which tenants there are: rows of the operator's own store. What is theirs is in stores of their
// own.

namespace carillon::storage {

void encode_tenant(const tenant& subject, change_set& out);
void encode_tenant_removal(std::string_view name, change_set& out);

/// All of them, by name.
expected<std::vector<tenant>> load_tenants(const engine& disk);

}  // namespace carillon::storage
