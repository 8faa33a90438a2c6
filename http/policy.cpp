#include "http/policy.hpp"

#include <algorithm>

#include "http/exchange.hpp"
#include "http/problem_response.hpp"

namespace carillon::http {
namespace {

/// Whether it may stand in a challenge (RFC 6750 3: scope-token).
bool is_scope_token(std::string_view text) {
  return std::ranges::all_of(
      text, [](char each) { return each > ' ' && each < '\x7F' && each != '"' && each != '\\'; });
}

}  // namespace

requirement policy::of(const std::vector<std::string>& parameters) const {
  switch (kind_) {
    case kind::anyone:
    case kind::any_token:
      return {requirement::kind::any_token};
    case kind::one_right:
      return {requirement::kind::one_right, right_, or_tss_admin_};
    case kind::queue_of_path:
      return {.what = requirement::kind::queue, .queue = parameters.front()};
    case kind::queue_of_task:
      return {requirement::kind::some_queue};
    case kind::operators:
      return {.what = requirement::kind::one_right, .needed = right_, .of_operator = true};
    case kind::operators_any:
      return {.what = requirement::kind::any_token, .of_operator = true};
  }
  return {};
}

std::string policy::text() const {
  switch (kind_) {
    case kind::anyone:
      return "anyone";
    case kind::any_token:
      return "any token";
    case kind::one_right:
      return std::string{to_string(right_)} + (or_tss_admin_ ? " or tss.admin" : "");
    case kind::queue_of_path:
      return "worker:{queue}";
    case kind::queue_of_task:
      return "worker: the queue of each task";
    case kind::operators:
      return std::string{to_string(right_)} + " of the operator";
    case kind::operators_any:
      return "any token of the operator";
  }
  return {};
}

response refuse_scope(const requirement& needed, const request& asked) {
  const auto scope = scope_for(needed);
  auto challenge = std::string{R"(Bearer error="insufficient_scope")"};
  if (needed.of_operator && asked.asker && !asked.asker->tenant.empty())
    return refuse(403, "this is for the operator of the server alone", asked,
                  {{"WWW-Authenticate", challenge}});
  if (is_scope_token(scope))
    challenge += ", scope=\"" + scope + '"';
  return refuse(403, "the token may not do this: it needs the scope " + scope, asked,
                {{"WWW-Authenticate", challenge}});
}

bool demand(const requirement& needed, const request& asked, const responder& reply) {
  if (asked.asker && may(*asked.asker, needed))
    return true;
  reply(refuse_scope(needed, asked));
  return false;
}

}  // namespace carillon::http
