#include "http/api.hpp"
#include "http/body_reader.hpp"
#include "http/query.hpp"
#include "http/tables.hpp"
#include "http/tenant_registry.hpp"
#include "http/text.hpp"
#include "http/work_output.hpp"

// The native surface: /v1/tenants, for the operator alone.

namespace carillon::http {
namespace {

constexpr std::size_t title_bytes_max = 200;
constexpr std::int64_t quota_max = 1'000'000'000;
constexpr std::int64_t requests_per_second_max = 1'000'000;

// -- output -----------------------------------------------------------------------

void write_tenant(json::writer& out, const tenant_view& shown) {
  const auto& [facts, quotas, usage, requests, trouble] = shown;
  out.begin_object();
  out.field("name", facts.name);
  add_text(out, "title", facts.title);
  out.field("status", trouble.empty() ? to_string(facts.stage) : "in_trouble");
  add_text(out, "trouble", trouble);
  add(out, "created_at", facts.created_at);
  out.field("path_prefix", "/t/" + facts.name);
  out.key("quotas").begin_object();
  out.field("requests_per_second", quotas.requests_per_second);
  out.field("burst", rate_limit{quotas.requests_per_second, quotas.burst}.bucket());
  out.field("requests_at_once", quotas.requests_at_once);
  out.field("open_tasks", quotas.open_tasks);
  out.field("schedules", quotas.schedules);
  out.end_object();
  out.key("usage").begin_object();
  out.field("open_tasks", usage.open_tasks);
  out.field("schedules", usage.schedules);
  out.field("requests_at_once", requests.at_once);
  out.field("requests_served", requests.served);
  out.field("requests_refused", requests.refused);
  out.end_object().end_object();
}

response show(int status, const tenant_view& shown) {
  json::writer out;
  write_tenant(out, shown);
  return {status, out.take()};
}

carillon::answer<tenant_view> showing(int status, responder reply) {
  return carillon::answer<tenant_view>{
      [status, reply = std::move(reply)](expected<tenant_view> found) {
        if (!found)
          return reply(std::move(found).error());
        reply(show(status, *found));
      }};
}

void write_token(json::writer& out, const tenant_token& made) {
  out.begin_object();
  out.field("id", to_token_text(made.token.id));
  out.field("token", made.text);
  out.field("prefix", made.token.prefix);
  out.end_object();
}

// -- input ------------------------------------------------------------------------

/// Null is as for all.
tenant_limits read_limits(body_reader& in, const tenant_limits& before) {
  auto limits = before;
  const auto read = [&in](std::string_view name, std::int64_t max, auto& limit) {
    if (in.is_null(name))
      limit = std::nullopt;
    else if (const auto number = in.integer(name, {0, max}))
      limit = number;
  };
  read("requests_per_second", requests_per_second_max, limits.requests_per_second);
  read("burst", requests_per_second_max, limits.burst);
  read("requests_at_once", quota_max, limits.requests_at_once);
  read("open_tasks", quota_max, limits.open_tasks);
  read("schedules", quota_max, limits.schedules);
  return limits;
}

/// The title and the quotas, which a new one may have and which may change.
tenant_change read_change(body_reader& in, const tenant_limits& before, fault_list& faults) {
  tenant_change change;
  if (in.is_null("title"))
    change.title = "";
  else
    change.title = in.text("title", {0, title_bytes_max});
  if (change.title && has_control(*change.title))
    in.refuse("title", "must not hold control characters");
  if (const auto quotas = in.object("quotas")) {
    body_reader inner{*quotas, in.location_of("quotas"), faults};
    change.limits = read_limits(inner, before);
    inner.finish();
  }
  return change;
}

expected<tenant> read_new(const api& with, std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  tenant wanted;
  in.require("name");
  wanted.name = in.text("name", {1, tenant_name_bytes_max}).value_or("");
  if (!wanted.name.empty() && !is_tenant_name(wanted.name))
    in.refuse("name",
              "must be lower-case letters, digits, '-' and '_', and begin with a letter or "
              "a digit",
              wanted.name);
  const auto asked = read_change(in, {}, faults);
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  wanted.title = asked.title.value_or("");
  wanted.limits = asked.limits.value_or(tenant_limits{});
  wanted.created_at = with.core.now();
  return wanted;
}

/// Answers 404 when there is none.
std::optional<tenant_view> find(const api& with, const request& asked, const responder& reply) {
  auto found = with.tenants->look_at(asked.parameters.front());
  if (!found)
    reply(problem{problem_kind::not_found, "no such tenant"});
  return found;
}

// -- handlers ---------------------------------------------------------------------

void post_tenant(const api& with, const request& asked, responder reply) {
  auto wanted = read_new(with, asked.body);
  if (!wanted)
    return reply(std::move(wanted).error());
  with.tenants->make(*std::move(wanted),
                     carillon::answer<tenant_token>{[reply](expected<tenant_token> made) {
                       if (!made)
                         return reply(std::move(made).error());
                       json::writer out;
                       out.begin_object().key("tenant");
                       write_tenant(out, made->subject);
                       out.key("admin_token");
                       write_token(out, *made);
                       out.end_object();
                       reply(response{201,
                                      out.take(),
                                      {{"Location", "/v1/tenants/" + made->subject.facts.name},
                                       {"Cache-Control", "no-store"}}});
                     }});
}

void list_tenants(const api& with, const request& asked, responder reply) {
  if (auto wrong = query_reader{asked}.finish(); !wrong)
    return reply(std::move(wrong).error());
  const auto all = with.tenants->all();
  json::writer out;
  out.begin_object().field("total", all.size()).key("tenants").begin_array();
  for (const auto& each : all)
    write_tenant(out, each);
  out.end_array().end_object();
  reply(response{200, out.take()});
}

void get_tenant(const api& with, const request& asked, responder reply) {
  if (const auto found = find(with, asked, reply))
    reply(show(200, *found));
}

void patch_tenant(const api& with, const request& asked, responder reply) {
  const auto known = find(with, asked, reply);
  if (!known)
    return;
  const auto root = read_object(asked.body);
  if (!root)
    return reply(root.error());
  fault_list faults;
  body_reader in{*root, "body", faults};
  auto change = read_change(in, known->facts.limits, faults);
  in.finish();
  if (!faults.empty())
    return reply(std::move(faults).to_problem());
  with.tenants->change(known->facts.name, std::move(change), showing(200, std::move(reply)));
}

/// What is removed cannot be had back: its name is to be said twice.
void delete_tenant(const api& with, const request& asked, responder reply) {
  const auto known = find(with, asked, reply);
  if (!known)
    return;
  query_reader query{asked};
  const auto confirmed = query.text("confirm", tenant_name_bytes_max);
  if (confirmed != known->facts.name)
    query.refuse("confirm", "must be the name of the tenant: all that it has will be removed");
  if (auto wrong = std::move(query).finish(); !wrong)
    return reply(std::move(wrong).error());
  with.tenants->remove(known->facts.name, showing(202, std::move(reply)));
}

void post_token(const api& with, const request& asked, responder reply) {
  const auto known = find(with, asked, reply);
  if (!known)
    return;
  const auto root = read_object(asked.body, true);
  if (!root)
    return reply(root.error());
  fault_list faults;
  body_reader{*root, "body", faults}.finish();
  if (!faults.empty())
    return reply(std::move(faults).to_problem());
  with.tenants->give_token(known->facts.name,
                           carillon::answer<tenant_token>{[reply](expected<tenant_token> made) {
                             if (!made)
                               return reply(std::move(made).error());
                             json::writer out;
                             write_token(out, *made);
                             reply(response{201, out.take(), {{"Cache-Control", "no-store"}}});
                           }});
}

// clang-format off
constexpr route routes[] = {
  {"POST",   "/v1/tenants",               post_tenant,   access::operator_admin},
  {"GET",    "/v1/tenants",               list_tenants,  access::operator_admin},
  {"GET",    "/v1/tenants/{name}",        get_tenant,    access::operator_admin},
  {"PATCH",  "/v1/tenants/{name}",        patch_tenant,  access::operator_admin},
  {"DELETE", "/v1/tenants/{name}",        delete_tenant, access::operator_admin},
  {"POST",   "/v1/tenants/{name}/tokens", post_token,    access::operator_admin},
};
// clang-format on

}  // namespace

std::span<const route> tenants_surface() {
  return routes;
}

}  // namespace carillon::http
