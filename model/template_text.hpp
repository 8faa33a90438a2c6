#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/json.hpp"

namespace carillon {

/// What a template may name: "event", "params", "steps", "now". Gives JSON text, or empty for a
/// name that there is not.
using template_names = std::function<std::optional<std::string>(std::string_view name)>;

/// Fills in the templates of a checked JSON value. `${event.order.items[0].id}` in any string names
/// a value by its path; a string that is one whole template becomes that value with its type, in
/// other strings it becomes text. A path that leads nowhere is null, or no text. `$${` stands for
/// `${`. The problem is of kind invalid.
expected<std::string> fill_templates(const json::value& source, const template_names& names);

}  // namespace carillon
