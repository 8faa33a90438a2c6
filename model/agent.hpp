#pragma once

#include <string>
#include <vector>

#include "model/instant.hpp"

namespace carillon {

/// Somebody, mostly a program, who creates schedules and is named in them.
struct agent {
  std::string id;  ///< UUID, lower case.
  std::string name;
  std::vector<std::string> scopes;
  instant created_at;
  instant updated_at;

  bool operator==(const agent&) const = default;
};

}  // namespace carillon
