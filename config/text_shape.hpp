#pragma once

#include "config/settings_table.hpp"

#include <string>
#include <string_view>

namespace carillon {

/// What a text holds. Prose is bounded in characters, everything else in bytes.
enum class text_shape {
  prose,
  bytes,
  zone,     ///< The name of a time zone. Whether there is one is found out elsewhere.
  account,  ///< "user" or "user:group". Whether there is one is found out elsewhere.
};

/// Of UTF-8. No shape holds a zero byte, which would cut an argument or a file name short.
bool has_shape(std::string_view text, text_shape shape, setting_bounds bounds);

/// What is allowed, for a person: "a text of 1 to 4096 bytes".
std::string describe_shape(text_shape shape, setting_bounds bounds);

/// Of the letters and digits of ASCII and `signs`.
bool is_made_of(std::string_view text, std::string_view signs);

}  // namespace carillon
