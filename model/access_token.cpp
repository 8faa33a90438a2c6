#include "model/access_token.hpp"

namespace carillon {
namespace {

constexpr std::string_view id_prefix = "token_";
constexpr std::size_t uuid_size = 36;

}  // namespace

principal principal_of(const access_token& token) {
  return {principal_kind::token, to_token_text(token.id), token.name, rights_of(token.scopes),
          token.expires_at};
}

principal principal_of(const access_token& token, const agent& acts_for) {
  auto may_do = rights_of(acts_for.scopes);
  if (!token.scopes.empty())
    may_do = common(may_do, rights_of(token.scopes));
  return {principal_kind::agent, acts_for.id, acts_for.name, std::move(may_do), token.expires_at};
}

std::string to_token_text(const task_id& id) {
  return std::string{id_prefix} + to_uuid(id);
}

std::optional<task_id> parse_token_id(std::string_view text) {
  if (text.starts_with(id_prefix))
    text.remove_prefix(id_prefix.size());
  return text.size() == uuid_size ? parse_task_id(text) : std::nullopt;
}

}  // namespace carillon
