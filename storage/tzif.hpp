#pragma once

#include <string>
#include <string_view>

#include "model/zone.hpp"

namespace carillon::storage {

/// Reads the bytes of a zone file (TZif of RFC 9636, version 2 and later). Null: they are none, or
/// they are damaged, or count leap seconds, which our time has not.
///
/// date/tz is not used for it: a damaged file ends the process there (an assertion in load_header),
/// a file once read is never read again, its folder is fixed, and the rule in the last line is not
/// looked at, so that summer time ends in 2037.
zone_ptr read_tzif(std::string name, std::string_view bytes);

}  // namespace carillon::storage
