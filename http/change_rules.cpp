#include "http/change_rules.hpp"

#include <algorithm>

namespace carillon::http {
namespace {

struct exception {
  std::string_view pattern;  ///< Of a POST.
  change_rule rule;
};

// Workers' calls have attempts as their history, reports the task's events.
// clang-format off
constexpr exception exceptions[] = {
  {"/v1/preview",                                      {recording::none, false}},
  {"/v1/queues/{queue}/lease",                         {recording::none, false}},
  {"/v1/leases/heartbeat",                             {recording::none, false}},
  {"/v1/leases/complete",                              {recording::none, false}},
  {"/v1/leases/fail",                                  {recording::none, false}},
  {"/v1/leases/release",                               {recording::none, false}},
  {"/v1/callbacks/{task_id}/{token}/{signature}",      {recording::none, false}},
  {"/v1/tasks/{id}/events",                            {recording::none}},
  {"/tasks/{id}/events",                               {recording::none}},
  {"/v1/tasks",                                        {recording::in_commit}},
  {"/tasks",                                           {recording::in_commit}},
  {"/v1/batches",                                      {recording::in_commit, false}},
  {"/v1/events",                                       {recording::in_commit, false}},
  {"/events",                                          {recording::in_commit, false}},
  {"/v1/events/in/{source}",                           {recording::in_commit, false}},
  {"/v1/tokens",                                       {recording::whole, true, true}},
  {"/agents/{id}/credentials",                         {recording::whole, true, true}},
  {"/v1/secrets",                                      {recording::whole, true, true}},
  {"/v1/event-sources",                                {recording::whole, true, true}},
  {"/v1/tenants",                                      {recording::whole, true, true}},
  {"/v1/tenants/{name}/tokens",                        {recording::whole, true, true}},
};
// clang-format on

}  // namespace

change_rule rule_of(const route& row) {
  if (row.method != "POST")
    return {recording::whole, false};
  const auto* const found = std::ranges::find(exceptions, row.pattern, &exception::pattern);
  return found == std::end(exceptions) ? change_rule{} : found->rule;
}

std::string resource_of(const route& row, const request& asked) {
  if (row.method != "POST")
    return asked.path;
  const auto cut = row.pattern.rfind('/');
  // "/v1/schedules/{id}/pause" changes "/v1/schedules/{id}"; "/v1/schedules" makes a new one.
  if (cut == 0 || row.pattern[cut - 1] != '}' || row.pattern.ends_with('}'))
    return {};
  return asked.path.substr(0, asked.path.rfind('/'));
}

std::string place_of_made(const route& row, const task_id& made) {
  if (row.method != "POST")
    return {};
  if (row.pattern == "/v1/tasks" || row.pattern == "/v1/schedules/{id}/run")
    return "/v1/tasks/" + to_text(made);
  if (row.pattern == "/v1/schedules")
    return "/v1/schedules/" + to_text(made);
  if (row.pattern == "/api/tasks/{name}/run")
    return "/api/runs/" + to_uuid(run_id(made, 1));
  constexpr std::string_view by_uuid[] = {"/tasks", "/agents"};
  if (std::ranges::find(by_uuid, row.pattern) != std::end(by_uuid))
    return std::string{row.pattern} + '/' + to_uuid(made);
  return {};
}

}  // namespace carillon::http
