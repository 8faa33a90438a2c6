#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/api.hpp"

namespace carillon::http {

/// The id of an agent: a UUID in any case of letters, lower case then.
std::optional<std::string> parse_agent_id(std::string_view text);

/// Calls `then` with whether there is such an agent, or with why that cannot be told. True without
/// a question when there is no id: what is wrong with the field is told by whoever reads it. To an
/// agent there is none but itself, unless it may do everything. `asker` may be null.
void ask_for_agent(const scheduler& core, const principal* asker,
                   const std::optional<std::string>& id, std::function<void(expected<bool>)> then);

/// The agent that a field of a body names; empty when it names none or cannot be read.
std::optional<std::string> agent_named_in(std::string_view body, std::string_view field);

inline constexpr std::string_view unknown_agent =
    "must be the id of a known agent, see /agents; a token of an agent can name that one only";

}  // namespace carillon::http
