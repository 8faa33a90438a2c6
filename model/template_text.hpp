#pragma once

#include <string>
#include <string_view>

#include "model/jmespath.hpp"
#include "model/json.hpp"

namespace carillon {

// A template is `${expression}` in any string of a JSON value; the expression is JMESPath. A string
// that is one whole template becomes the expression's value with its type; in other strings it
// becomes text, and null no text. `$${` stands for `${`.

/// Whether the text may hold a template. False: filling it in changes nothing.
bool has_templates(std::string_view json_text);

/// Whether a text that is no JSON holds something that would be read as a template.
bool is_templated(std::string_view text);

/// Fills in the templates of a checked JSON value from `names`, an object. The problem is of kind
/// invalid and quotes the template; one is that all templates together take more than a million
/// steps. What they take is added to `steps`.
expected<std::string> fill_templates(const json::value& source, const jmespath_value& names,
                                     std::size_t& steps);

/// Adds each template that cannot be parsed to `faults`, with its place below `location`.
void check_templates(const json::value& source, const std::string& location, fault_list& faults);

}  // namespace carillon
