#include "http/agent_lookup.hpp"

#include "model/json.hpp"
#include "model/task_id.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t uuid_size = 36;

}  // namespace

std::optional<std::string> parse_agent_id(std::string_view text) {
  const auto id = text.size() == uuid_size ? parse_task_id(text) : std::nullopt;
  if (!id)
    return std::nullopt;
  return to_uuid(*id);
}

void ask_for_agent(const scheduler& core, const principal* asker,
                   const std::optional<std::string>& id, std::function<void(expected<bool>)> then) {
  if (!id)
    return then(true);
  const bool is_agent =
      asker != nullptr && asker->kind == principal_kind::agent && !asker->may_do.has(right::admin);
  if (is_agent && asker->id != *id)
    return then(false);
  core.find_agent(*id, answer<agent>{[then = std::move(then)](expected<agent> found) {
    if (!found && found.error().kind != problem_kind::not_found)
      return then(std::move(found).error());
    then(found.has_value());
  }});
}

std::optional<std::string> agent_named_in(std::string_view body, std::string_view field) {
  const auto root = json::read(body);
  if (!root)
    return std::nullopt;
  for (const auto& [key, value] : json::members(*root))
    if (key == field)
      return parse_agent_id(json::as_string(value).value_or(""));
  return std::nullopt;
}

}  // namespace carillon::http
