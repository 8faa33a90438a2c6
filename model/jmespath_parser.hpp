#pragma once

#include <string_view>

#include "model/jmespath_syntax.hpp"

namespace carillon::jmes {

/// Reads an expression. All that can be wrong with it before there is a value to search is found
/// here: syntax, unknown functions, numbers of arguments, and references where a value is expected
/// or the other way round.
expected<expression> parse(std::string_view text);

}  // namespace carillon::jmes
