#pragma once

#include "config/settings.hpp"

#include <string_view>
#include <vector>

namespace carillon {

/// A setting that is good by itself and wrong beside others.
struct contradiction {
  std::string_view key;
  const char* message;
};

/// Of how clients reach the server, and of whom it lets in.
std::vector<contradiction> contradictions(const settings& all);

}  // namespace carillon
