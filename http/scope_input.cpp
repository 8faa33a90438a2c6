#include "http/scope_input.hpp"

#include "http/problem_response.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t scopes_max = 64;

}  // namespace

std::vector<std::string> read_scopes(body_reader& in) {
  auto scopes = in.texts("scopes", {1, scope_bytes_max}, scopes_max);
  for (std::size_t at = 0; at < scopes.size(); ++at)
    if (!is_scope(scopes[at]))
      in.refuse("scopes[" + std::to_string(at) + "]", scopes_wanted(), scopes[at]);
  return scopes;
}

bool may_give(const std::vector<std::string>& scopes, const request& asked,
              const responder& reply) {
  if (asked.asker && covers(asked.asker->may_do, rights_of(scopes)))
    return true;
  reply(refuse(403, "a token can give no right that it does not have itself", asked,
               {{"WWW-Authenticate", R"(Bearer error="insufficient_scope")"}}));
  return false;
}

}  // namespace carillon::http
