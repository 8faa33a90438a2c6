#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/url_group.hpp"
#include "storage/key_value.hpp"

// Where groups of addresses are kept.

namespace carillon::storage {

void encode_group(const url_group& subject, change_set& out);
void encode_group_removal(const url_group& subject, change_set& out);

expected<std::optional<url_group>> find_group(const engine& disk, std::string_view name);
/// All of them, by name.
expected<std::vector<url_group>> all_groups(const engine& disk);

}  // namespace carillon::storage
