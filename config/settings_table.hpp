#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace carillon {

/// Reaches a row's value inside the settings. The type decides how it is written and read.
template <class Value>
using field_of = Value& (*)(settings&);

using setting_field =
    std::variant<field_of<std::string>, field_of<int>, field_of<std::size_t>, field_of<duration>,
                 field_of<std::optional<instant>>, field_of<std::vector<endpoint>>,
                 field_of<std::vector<std::string>>, field_of<clock_mode>, field_of<log_level>,
                 field_of<log_format>, field_of<bool>, field_of<public_url>,
                 field_of<std::vector<host_name>>, field_of<std::vector<web_origin>>,
                 field_of<std::vector<jwt_algorithm>>>;

/// Smallest and largest value: of a number, in bytes, in milliseconds; of a text its length, of a
/// list its number of elements.
struct setting_bounds {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// A command-line flag with the word that stands for its value in the help. Empty: there is none.
struct setting_flag {
  std::string_view name = {};
  std::string_view placeholder = {};
};

/// One setting. Its default is what a fresh `settings` holds.
struct setting_row {
  std::string_view key;  ///< In the file, as "section.name".
  setting_field field;
  setting_bounds bounds;
  std::string_view description;  ///< One line, with a full stop.
  setting_flag flag = {};
};

/// All settings, grouped by section. Files, environment, flags, `config show` and the tests of the
/// documentation read this and nothing else.
std::span<const setting_row> settings_table();

/// Null when there is no such key.
const setting_row* find_setting(std::string_view key);

/// "http.listen" -> "CARILLON_HTTP_LISTEN"
std::string environment_name(const setting_row& row);

/// Two settings of one type of which the first must not be greater.
struct setting_relation {
  std::string_view smaller;
  std::string_view larger;
};
std::span<const setting_relation> settings_relations();

}  // namespace carillon
