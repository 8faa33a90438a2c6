#include "tools/cli/common_rows.hpp"

namespace carillon::cli {
namespace {

constexpr parameter only_token[] = {id_of("The token's id, not the token.")};
constexpr parameter only_secret[] = {id_of("The secret's id.")};
constexpr parameter only_agent[] = {id_of("The agent.")};

constexpr parameter to_make_token[] = {
    {"--name", "name", place::body, form::text, "NAME", "What it is for.", true},
    {"--scope", "scopes", place::body, form::list, "SCOPE", "What it may do, such as tasks:read.",
     true},
    text("--expires-after", "expires_after", "WHEN",
         "Good until then; for ever unless said else.")};
constexpr parameter to_make_secret[] = {
    text("--name", "name", "NAME", "What targets name; default unless said else."),
    text("--expires-after", "expires_after", "WHEN", "Signs until then.")};
constexpr parameter to_update_secret[] = {
    id_of("The secret's id."),
    text("--expires-after", "expires_after", "WHEN", "Signs until then."),
    {"--clear", "", place::body, form::list, "FIELD", "expires_after: it never ends."}};

constexpr parameter to_make_agent[] = {
    {"--name", "name", place::body, form::text, "NAME", "What people call it.", true},
    texts("--scope", "scopes", "SCOPE", "What its credentials may do at most."),
    text("--id", "id", "UUID", "Its id; made unless given.")};
constexpr parameter to_update_agent[] = {id_of("The agent."),
                                         text("--name", "name", "NAME", "What people call it."),
                                         texts("--scope", "scopes", "SCOPE", "All are replaced.")};
constexpr parameter to_grant[] = {
    id_of("The agent."), text("--name", "name", "NAME", "What it is for."),
    texts("--scope", "scopes", "SCOPE", "Some of the agent's; all that it has unless said."),
    text("--expires-after", "expires_after", "WHEN", "Good until then.")};
constexpr parameter to_revoke[] = {id_of("The agent."),
                                   name_in_path("TOKEN_ID", "key", "The credential's id.")};

constexpr column token_columns[] = {
    {"ID", "id"},         {"NAME", "name"},          {"PREFIX", "prefix"},
    {"SCOPES", "scopes"}, {"EXPIRES", "expires_at"}, {"LAST USED", "last_used_at"}};
constexpr column secret_columns[] = {
    {"ID", "id"}, {"NAME", "name"}, {"CREATED", "created_at"}, {"EXPIRES", "expires_at"}};
constexpr column agent_columns[] = {
    {"ID", "id"}, {"NAME", "name"}, {"SCOPES", "scopes"}, {"CREATED", "created_at"}};
constexpr view shows_tokens = {"tokens", token_columns};
constexpr view shows_new_token = {{}, {}, "token"};
constexpr view shows_secrets = {"secrets", secret_columns};
constexpr view shows_agents = {"items", agent_columns};
constexpr view shows_credentials = {"items", token_columns};

// clang-format off
constexpr verb rows[] = {
  {"tokens", "list",   "GET",    "/v1/tokens",      "List tokens, newest first.", {}, shows_tokens},
  {"tokens", "get",    "GET",    "/v1/tokens/{id}", "Show a token, but not its text.", only_token},
  {"tokens", "create", "POST",   "/v1/tokens",      "Make a token; its text is shown once.", to_make_token, shows_new_token},
  {"tokens", "revoke", "DELETE", "/v1/tokens/{id}", "End a token at once.", only_token},
  {"secrets", "list",   "GET",    "/v1/secrets",      "List what deliveries are signed with.", {}, shows_secrets},
  {"secrets", "create", "POST",   "/v1/secrets",      "Make a secret; it is shown once.", to_make_secret},
  {"secrets", "update", "PATCH",  "/v1/secrets/{id}", "Say when a secret ends.", to_update_secret},
  {"secrets", "delete", "DELETE", "/v1/secrets/{id}", "Sign with it no more.", only_secret},
  {"agents", "list",        "GET",    "/agents",                        "List agents.", {}, shows_agents},
  {"agents", "get",         "GET",    "/agents/{id}",                   "Show an agent.", only_agent},
  {"agents", "create",      "POST",   "/agents",                        "Make an agent.", to_make_agent},
  {"agents", "update",      "PUT",    "/agents/{id}",                   "Change an agent.", to_update_agent},
  {"agents", "delete",      "DELETE", "/agents/{id}",                   "Remove an agent and its credentials.", only_agent},
  {"agents", "credentials", "GET",    "/agents/{id}/credentials",       "List the tokens that act for it.", only_agent, shows_credentials},
  {"agents", "grant",       "POST",   "/agents/{id}/credentials",       "Make a token that acts for it.", to_grant, shows_new_token},
  {"agents", "revoke",      "DELETE", "/agents/{id}/credentials/{key}", "End a token that acts for it.", to_revoke},
};
// clang-format on

}  // namespace

std::span<const verb> access_verbs() {
  return rows;
}

}  // namespace carillon::cli
