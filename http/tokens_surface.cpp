#include "http/agent_lookup.hpp"
#include "http/bearer.hpp"
#include "http/scope_input.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/text.hpp"
#include "http/work_output.hpp"

#include <algorithm>
#include <functional>

// Tokens: /v1/tokens for themselves, /agents/{id}/credentials for agents. The text of a token is in
// one answer, that to its making, and nowhere else.

namespace carillon::http {
namespace {

constexpr std::size_t name_bytes_max = 100;

const problem no_such_token{problem_kind::not_found, "no such token"};

// -- output -----------------------------------------------------------------------

void write_token(json::writer& out, const access_token& token,
                 const std::optional<instant>& last_used_at, std::string_view text = {}) {
  out.begin_object();
  out.field("id", to_token_text(token.id));
  out.field("name", token.name);
  if (!text.empty())
    out.field("token", text);
  out.field("prefix", token.prefix);
  if (token.scopes.empty())
    out.key("scopes").null();  // whatever its agent may
  else
    add_texts(out, "scopes", token.scopes);
  add_text(out, "agent_id", token.agent);
  out.field("created_by", token.created_by);
  add(out, "created_at", token.created_at);
  add(out, "expires_at", token.expires_at);
  add(out, "last_used_at", last_used_at);
  out.end_object();
}

void write_tokens(json::writer& out, std::string_view list_name,
                  const std::vector<token_book::entry>& found) {
  out.begin_object().field("total", found.size()).key(list_name).begin_array();
  for (const auto& each : found)
    write_token(out, each.token, each.last_used_at);
  out.end_array().end_object();
}

// -- making ------------------------------------------------------------------------

/// The fields that all tokens have. A name is required when there is none.
void read_token(const api& with, body_reader& in, access_token& token) {
  if (token.name.empty())
    in.require("name");
  token.name = in.text("name", {1, name_bytes_max}).value_or(token.name);
  if (has_control(token.name))
    in.refuse("name", "must not hold control characters");
  token.scopes = read_scopes(in);
  token.expires_at = in.moment_or_length("expires_after", with.core.now());
  if (has_expired(token.expires_at, with.core.now()))
    in.refuse("expires_after", "must be later than now");
}

void make_token(const api& with, access_token wanted, const request& asked, responder reply) {
  auto text = new_token();
  if (!text)
    return reply(std::move(text).error());
  wanted.prefix = text->substr(0, token_prefix_bytes);
  wanted.digest = bearer::hash(*text);
  wanted.created_by = asked.asker->id;
  auto mark = reply.mark();
  auto made = [text = *std::move(text), path = asked.path,
               reply = std::move(reply)](expected<access_token> token) {
    if (!token)
      return reply(std::move(token).error());
    json::writer out;
    write_token(out, *token, {}, text);
    reply(response{
        201,
        out.take(),
        {{"Location", path + "/" + to_token_text(token->id)}, {"Cache-Control", "no-store"}}});
  };
  with.core.add_token(std::move(wanted),
                      carillon::answer<access_token>{std::move(made), std::move(mark)});
}

void post_token(const api& with, const request& asked, responder reply) {
  const auto root = read_object(asked.body);
  if (!root)
    return reply(root.error());
  fault_list faults;
  body_reader in{*root, "body", faults};
  access_token wanted;
  read_token(with, in, wanted);
  if (wanted.scopes.empty() && faults.empty())
    in.refuse("scopes", "is required: at least one; " + scopes_wanted());
  in.finish();
  if (!faults.empty())
    return reply(std::move(faults).to_problem());
  if (may_give(wanted.scopes, asked, reply) && admit(with, reply))
    make_token(with, std::move(wanted), asked, std::move(reply));
}

/// What an agent's token may do must be what the agent may do.
expected<access_token> read_credential(const api& with, std::string_view body,
                                       const agent& acts_for) {
  const auto root = read_object(body, true);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  access_token wanted;
  wanted.agent = acts_for.id;
  wanted.name = acts_for.name;
  read_token(with, in, wanted);
  if (in.has("scopes") && wanted.scopes.empty() && faults.empty())
    in.refuse("scopes",
              "must have at least one; without the field the token may do what its "
              "agent may");
  const auto allowed = rights_of(acts_for.scopes);
  for (std::size_t at = 0; at < wanted.scopes.size(); ++at)
    if (!covers(allowed, rights_of({&wanted.scopes[at], 1})))
      in.refuse("scopes[" + std::to_string(at) + "]", "must be one that the agent has",
                wanted.scopes[at]);
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return wanted;
}

void with_agent(const api& with, const request& asked, const responder& reply,
                std::function<void(const agent&)> then) {
  const auto id = parse_agent_id(asked.parameters.front());
  if (!id)
    return reply(problem{problem_kind::not_found, "no such agent"});
  with.core.find_agent(*id, carillon::answer<agent>{[reply, then](expected<agent> found) {
    if (!found)
      return reply(std::move(found).error());
    then(*found);
  }});
}

void post_credential(const api& with, const request& asked, responder reply) {
  if (!admit(with, reply))
    return;
  with_agent(with, asked, reply, [&with, asked, reply](const agent& acts_for) {
    auto wanted = read_credential(with, asked.body, acts_for);
    if (!wanted)
      return reply(std::move(wanted).error());
    const auto& scopes = wanted->scopes.empty() ? acts_for.scopes : wanted->scopes;
    if (may_give(scopes, asked, reply))
      make_token(with, *std::move(wanted), asked, reply);
  });
}

// -- look and revoke ---------------------------------------------------------------

void list_tokens(const api& with, const request&, responder reply) {
  json::writer out;
  write_tokens(out, "tokens", with.core.tokens());
  reply(response{200, out.take()});
}

void list_credentials(const api& with, const request& asked, responder reply) {
  with_agent(with, asked, reply, [&with, reply](const agent& acts_for) {
    auto found = with.core.tokens();
    std::erase_if(found, [&](const auto& each) { return each.token.agent != acts_for.id; });
    json::writer out;
    write_tokens(out, "items", found);
    reply(response{200, out.take()});
  });
}

void get_token(const api& with, const request& asked, responder reply) {
  const auto id = parse_token_id(asked.parameters.front());
  const auto found = id ? with.core.find_token(*id) : std::nullopt;
  if (!found)
    return reply(no_such_token);
  json::writer out;
  write_token(out, found->token, found->last_used_at);
  reply(response{200, out.take()});
}

void delete_token(const api& with, const request& asked, responder reply) {
  const auto id = parse_token_id(asked.parameters.front());
  const auto known = id ? with.core.find_token(*id) : std::nullopt;
  if (!known)
    return reply(no_such_token);
  if (!admit(with, reply))
    return;
  with.core.remove_token(*id, known->token.agent,
                         carillon::answer<access_token>{[reply](expected<access_token> gone) {
                                                          if (!gone)
                                                            return reply(std::move(gone).error());
                                                          reply(response{204, {}});
                                                        },
                                                        reply.mark()});
}

void delete_credential(const api& with, const request& asked, responder reply) {
  const auto acts_for = parse_agent_id(asked.parameters.front());
  const auto id = parse_token_id(asked.parameters.back());
  if (!acts_for || !id)
    return reply(no_such_token);
  if (!admit(with, reply))
    return;
  with.core.remove_token(
      *id, *acts_for,
      carillon::answer<access_token>{
          [reply](expected<access_token> gone) {
            if (!gone)
              return reply(std::move(gone).error());
            json::writer out;
            out.begin_object().field("id", to_token_text(gone->id)).field("status", "deleted");
            reply(response{200, out.end_object().take()});
          },
          reply.mark()});
}

// clang-format off
constexpr route routes[] = {
  {"POST",   "/v1/tokens",                     post_token,        access::admin},
  {"GET",    "/v1/tokens",                     list_tokens,       access::admin},
  {"GET",    "/v1/tokens/{id}",                get_token,         access::admin},
  {"DELETE", "/v1/tokens/{id}",                delete_token,      access::admin},
  {"POST",   "/agents/{id}/credentials",       post_credential,   access::admin},
  {"GET",    "/agents/{id}/credentials",       list_credentials,  access::admin},
  {"DELETE", "/agents/{id}/credentials/{key}", delete_credential, access::admin},
};
// clang-format on

}  // namespace

std::span<const route> tokens_surface() {
  return routes;
}

}  // namespace carillon::http
