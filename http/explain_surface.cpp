#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/work_output.hpp"
#include "model/json.hpp"

// GET /v1/tasks/{id}/explain: why a task has not run yet, or what became of it.

namespace carillon::http {
namespace {

std::string write_explanation(const task_explanation& found) {
  json::writer out;
  out.begin_object();
  out.field("task_id", to_text(found.id));
  out.field("status", to_string(found.status));
  out.field("reason", to_string(found.why));
  out.field("detail", found.text);
  add(out, "until", found.until);
  add_text(out, "name", found.name);
  out.key("tasks").begin_array();
  for (const auto& one : found.tasks)
    out.string(to_text(one));
  out.end_array().end_object();
  return out.take();
}

void explain_task(const api& with, const request& asked, responder reply) {
  const auto id = task_id_of(asked, reply);
  if (!id)
    return;
  with.core.explain_task(
      *id, carillon::answer<task_explanation>{[reply](const expected<task_explanation>& found) {
        if (!found)
          return reply(found.error());
        reply(response{200, write_explanation(*found)});
      }});
}

// clang-format off
constexpr route routes[] = {
  {"GET", "/v1/tasks/{id}/explain", explain_task, access::tasks_read},
};
// clang-format on

}  // namespace

std::span<const route> explain_surface() {
  return routes;
}

}  // namespace carillon::http
