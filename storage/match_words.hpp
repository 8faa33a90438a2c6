#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::storage {

/// What must stand at a place in a payload.
struct payload_match {
  std::string path;                 ///< Names and places in lists with dots: "items.0.sku".
  std::vector<std::string> values;  ///< Any of these, each JSON: a string, number, flag or null.

  bool operator==(const payload_match&) const = default;
};

/// Whether all that is wanted stands in the payload, which is JSON.
bool payload_matches(const std::vector<payload_match>& wanted, std::string_view payload);

/// Whether the text stands somewhere in it: letters of ASCII in any case.
bool contains(std::string_view where, std::string_view text);

}  // namespace carillon::storage
