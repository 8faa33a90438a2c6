#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/key_value.hpp"

namespace carillon::storage {

inline std::int64_t read_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The number that stands under a key, 0 when there is none.
inline std::int64_t read_counter(const engine& disk, const std::string& key) {
  const auto stored = disk.get(space::index, key);
  return stored && *stored ? read_number(**stored) : 0;
}

}  // namespace carillon::storage
