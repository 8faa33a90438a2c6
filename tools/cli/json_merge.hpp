#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::cli {

/// A member that is to be set: "a.b" is the member b of the object a.
struct json_change {
  std::string path;
  std::string raw;  ///< Its value, as JSON.
};

/// The object `base`, which is JSON, with the changes; what they do not touch keeps its bytes.
std::string merge_json(std::string_view base, const std::vector<json_change>& changes);

}  // namespace carillon::cli
