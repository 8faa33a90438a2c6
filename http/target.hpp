#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "http/strictness.hpp"

namespace carillon::http {

/// The decoded segments of a path. A segment that came with an encoded slash holds a slash.
using path_segments = std::vector<std::string>;

/// Reads a request target into `path` and `query` of the request and into `segments`. An absolute
/// target ("http://host/path") is read as its path, and its host into `authority`; "*" is taken for
/// OPTIONS and leaves the path "*". Segments are cut before they are decoded; a trailing slash and
/// a fragment are dropped.
std::optional<refusal> read_target(std::string_view target, request& into, path_segments& segments);

}  // namespace carillon::http
