#include "http/body_reader.hpp"
#include "http/problem_response.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/tenant_registry.hpp"

#include <algorithm>

// What tells of the server itself, and the manual clock.

namespace carillon::http {
namespace {

void get_health(const api&, const request&, responder reply) {
  reply(response{200, R"({"status":"ok"})"});
}

void get_ready(const api& with, const request& asked, responder reply) {
  const auto state = with.core.ready();
  if (!state.ready)
    return reply(refuse(503, state.reason, asked, {{"Retry-After", "1"}}));
  json::writer out;
  out.begin_object().field("status", "ready").field("timers_rearmed", state.timers_rearmed);
  // One that is broken keeps nobody else from being served; its name is nobody else's business.
  if (with.tenants != nullptr)
    out.field("tenants_in_trouble",
              std::ranges::count_if(with.tenants->all(),
                                    [](const auto& each) { return !each.trouble.empty(); }));
  out.end_object();
  reply(response{200, out.take()});
}

std::string write_clock(const api& with, instant now) {
  json::writer out;
  out.begin_object();
  out.field("now", format_instant(now, fraction::always));
  out.field("mode", with.core.has_manual_clock() ? "manual" : "real");
  out.end_object();
  return out.take();
}

void get_clock(const api& with, const request&, responder reply) {
  reply(response{200, write_clock(with, with.core.now())});
}

expected<instant> read_advance(const api& with, std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  const auto now = with.core.now();
  const auto by = in.length("by", duration{0}, instant_max - now);
  const auto to = in.moment("to");
  if (in.has("by") == in.has("to"))
    faults.add("body", "must have either by (a duration) or to (a timestamp)");
  if (to && *to < now)
    in.refuse("to", "must not lie before the clock's time, " + format_instant(now),
              format_instant(*to));
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return to ? *to : now + *by;
}

void advance_clock(const api& with, const request& asked, responder reply) {
  if (!with.core.has_manual_clock())
    return reply(problem{problem_kind::conflict,
                         "the server runs on the real clock: start it with --clock=manual"});
  auto target = read_advance(with, asked.body);
  if (!target)
    return reply(std::move(target).error());
  carillon::answer<instant> moved{[&with, reply](expected<instant> now) {
    if (!now)
      return reply(std::move(now).error());
    reply(response{200, write_clock(with, *now)});
  }};
  if (with.tenants != nullptr)
    with.tenants->advance(*target, std::move(moved));
  else
    with.core.advance(*target, std::move(moved));
}

// clang-format off
constexpr route routes[] = {
  {"GET",  "/healthz",          get_health,    access::anyone},
  {"GET",  "/readyz",           get_ready,     access::anyone},
  {"GET",  "/v1/clock",         get_clock,     access::any_token},
  {"POST", "/v1/clock/advance", advance_clock, access::operator_admin},
};
// clang-format on

}  // namespace

std::span<const route> service_surface() {
  return routes;
}

}  // namespace carillon::http
