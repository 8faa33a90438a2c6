#pragma once

#include <string>
#include <string_view>

namespace carillon {

/// `text` fit for a terminal and for one line: control characters (also those of C1, which
/// terminals obey in UTF-8) and bytes that are not UTF-8 become \n, \r, \t or \xNN.
std::string printable(std::string_view text);

}  // namespace carillon
