#pragma once

#include <string>
#include <vector>

#include "model/instant.hpp"

namespace carillon {

/// Addresses that a task with the target "group:NAME" is delivered to.
struct url_group {
  std::string name;
  std::vector<std::string> urls;  ///< None of them twice.
  instant created_at;
  instant updated_at;

  bool operator==(const url_group&) const = default;
};

inline constexpr std::size_t group_urls_max = 1'000;

}  // namespace carillon
