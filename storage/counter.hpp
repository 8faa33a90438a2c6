#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "storage/key_value.hpp"

namespace carillon::storage {

/// The number that stands under a key, 0 when there is none.
inline std::int64_t read_counter(const engine& disk, const std::string& key) {
  const auto stored = disk.get(space::index, key);
  std::int64_t number = 0;
  if (stored && *stored)
    std::from_chars((*stored)->data(), (*stored)->data() + (*stored)->size(), number);
  return number;
}

}  // namespace carillon::storage
