#pragma once

#include <string>
#include <string_view>

#include "model/problem.hpp"

namespace carillon::cli {

/// A page of the manual in mdoc(7): "1" is carillon(1), "5" is carillon.toml(5).
expected<std::string> manual_page(std::string_view section);

}  // namespace carillon::cli
