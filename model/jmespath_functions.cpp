#include "model/jmespath_functions.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "model/jmespath_lexer.hpp"

namespace carillon::jmes {

namespace {

constexpr auto no_end = std::numeric_limits<std::size_t>::max();

/// By their names.
constexpr std::array<function, 26> functions{{
    {"abs", 1, 1, {type::number}, body::abs},
    {"avg", 1, 1, {type::numbers}, body::avg},
    {"ceil", 1, 1, {type::number}, body::ceil},
    {"contains", 2, 2, {type::array | type::string, type::any}, body::contains},
    {"ends_with", 2, 2, {type::string, type::string}, body::ends_with},
    {"floor", 1, 1, {type::number}, body::floor},
    {"join", 2, 2, {type::string, type::strings}, body::join},
    {"keys", 1, 1, {type::object}, body::keys},
    {"length", 1, 1, {type::string | type::array | type::object}, body::length},
    {"map", 2, 2, {type::reference, type::array}, body::map},
    {"max", 1, 1, {type::numbers | type::strings}, body::max},
    {"max_by", 2, 2, {type::array, type::reference}, body::max_by},
    {"merge", 0, no_end, {type::object, type::object}, body::merge},
    {"min", 1, 1, {type::numbers | type::strings}, body::min},
    {"min_by", 2, 2, {type::array, type::reference}, body::min_by},
    {"not_null", 1, no_end, {type::any, type::any}, body::not_null},
    {"reverse", 1, 1, {type::string | type::array}, body::reverse},
    {"sort", 1, 1, {type::numbers | type::strings}, body::sort},
    {"sort_by", 2, 2, {type::array, type::reference}, body::sort_by},
    {"starts_with", 2, 2, {type::string, type::string}, body::starts_with},
    {"sum", 1, 1, {type::numbers}, body::sum},
    {"to_array", 1, 1, {type::any}, body::to_array},
    {"to_number", 1, 1, {type::any}, body::to_number},
    {"to_string", 1, 1, {type::any}, body::to_string},
    {"type", 1, 1, {type::any}, body::type},
    {"values", 1, 1, {type::object}, body::values},
}};

struct type_name {
  type_set type;
  std::string_view name;
};

constexpr std::array<type_name, 9> type_names{{
    {type::null, "null"},
    {type::boolean, "a boolean"},
    {type::number, "a number"},
    {type::string, "a string"},
    {type::array, "an array"},
    {type::object, "an object"},
    {type::numbers, "an array of numbers"},
    {type::strings, "an array of strings"},
    {type::reference, "an expression with &"},
}};

type_set type_of(json::kind kind) {
  switch (kind) {
    case json::kind::null:
      return type::null;
    case json::kind::boolean:
      return type::boolean;
    case json::kind::number:
      return type::number;
    case json::kind::string:
      return type::string;
    case json::kind::array:
      return type::array;
    case json::kind::object:
      return type::object;
  }
  return 0;
}

bool all_are(const jmespath_value::array_type& elements, json::kind kind) {
  return std::all_of(elements.begin(), elements.end(),
                     [&](const auto& element) { return element.kind() == kind; });
}

}  // namespace

const function* find_function(std::string_view name) {
  const auto* const found = std::lower_bound(
      functions.begin(), functions.end(), name,
      [](const function& known, std::string_view wanted) { return known.name < wanted; });
  return found != functions.end() && found->name == name ? found : nullptr;
}

bool is_of(const jmespath_value& value, type_set types) {
  if ((type_of(value.kind()) & types) != 0)
    return true;
  if (value.kind() != json::kind::array)
    return false;
  return ((types & type::numbers) != 0 && all_are(value.elements(), json::kind::number))
         || ((types & type::strings) != 0 && all_are(value.elements(), json::kind::string));
}

std::string describe_types(type_set types) {
  std::string described;
  for (const auto& [type, name] : type_names) {
    if ((types & type) == 0)
      continue;
    if (!described.empty())
      described += " or ";
    described += name;
  }
  return described;
}

problem wrong_type(std::size_t at, std::string_view name, std::size_t argument, type_set types,
                   std::string_view found) {
  return fault_at(at, "wrong type: argument " + std::to_string(argument) + " of "
                          + std::string{name} + " must be " + describe_types(types) + ", not "
                          + std::string{found});
}

}  // namespace carillon::jmes
