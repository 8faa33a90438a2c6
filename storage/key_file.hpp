#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/problem.hpp"

namespace carillon::storage {

/// The key from which all keys of a store are derived: 32 random bytes in a file of its own, for
/// its owner only. Made when there is none; one that others may read is refused.
expected<std::string> load_or_make_key(const std::string& path);

/// What secrets on disk are sealed with: derived from the key of the store.
std::string seal_key_of(std::string_view store_key);

/// Empty when there is none.
expected<std::optional<std::string>> load_key(const std::string& path);

}  // namespace carillon::storage
