#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "model/jmespath_syntax.hpp"

namespace carillon::jmes {

class evaluator;

/// The types that an argument may have, one bit each.
using type_set = unsigned;

namespace type {
inline constexpr type_set null = 1;
inline constexpr type_set boolean = 2;
inline constexpr type_set number = 4;
inline constexpr type_set string = 8;
inline constexpr type_set array = 16;
inline constexpr type_set object = 32;
inline constexpr type_set numbers = 64;     ///< An array of them.
inline constexpr type_set strings = 128;    ///< An array of them.
inline constexpr type_set reference = 256;  ///< &expression
inline constexpr type_set any = null | boolean | number | string | array | object;
}  // namespace type

/// A call under way.
struct call_site {
  evaluator& run;
  std::size_t at;
  const op::call& source;
  /// Of the types that the function asks for; null in the place of a reference.
  const std::vector<jmespath_value>& arguments;
};

struct function {
  std::string_view name;
  std::size_t arguments_min;
  std::size_t arguments_max;
  /// The last one stands for all further arguments too.
  std::array<type_set, 2> parameters;
  expected<jmespath_value> (*body)(const call_site&);

  [[nodiscard]] type_set parameter(std::size_t index) const {
    return parameters[index == 0 ? 0 : 1];
  }
};

/// Null when there is none of this name.
const function* find_function(std::string_view name);

/// Whether the value is of one of the types.
bool is_of(const jmespath_value& value, type_set types);

/// "a number or a string"
std::string describe_types(type_set types);

/// "wrong type: ..."
problem wrong_type(std::size_t at, std::string_view name, std::size_t argument, type_set types,
                   std::string_view found);

// -- bodies, by what they work on ---------------------------------------------

namespace body {

using result = expected<jmespath_value>;

result abs(const call_site& call);
result avg(const call_site& call);
result ceil(const call_site& call);
result floor(const call_site& call);
result sum(const call_site& call);
result to_number(const call_site& call);

result ends_with(const call_site& call);
result join(const call_site& call);
result starts_with(const call_site& call);
result to_string(const call_site& call);

result contains(const call_site& call);
result length(const call_site& call);
result keys(const call_site& call);
result merge(const call_site& call);
result not_null(const call_site& call);
result reverse(const call_site& call);
result to_array(const call_site& call);
result type(const call_site& call);
result values(const call_site& call);

result map(const call_site& call);
result max(const call_site& call);
result max_by(const call_site& call);
result min(const call_site& call);
result min_by(const call_site& call);
result sort(const call_site& call);
result sort_by(const call_site& call);

}  // namespace body

}  // namespace carillon::jmes
