#include "http/agent_lookup.hpp"
#include "http/body_reader.hpp"
#include "http/definition_commands.hpp"
#include "http/definition_input.hpp"
#include "http/definition_output.hpp"
#include "http/entity_tag.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/trace_input.hpp"

// The tasks surface in 001's form: definitions. POST, GET and cancel share their paths with one-off
// tasks and are routed in tasks_surface.cpp.

namespace carillon::http {
namespace {

// -- change --------------------------------------------------------------------

bool same_rule(const schedule_spec& one, const schedule_spec& other) {
  return one.kind == other.kind && one.expr == other.expr && one.timezone == other.timezone;
}

/// Reads the changes once against the definition as it was just found, so that all faults are told
/// at once; what is decided is read again from the definition as it is then.
void change_checked(scheduler& core, const schedule& before, const request& asked,
                    bool knows_creator, responder reply) {
  auto body = asked.body;
  auto input = read_changes(*json::read(body), *before.spec, {core.allows_api_commands()});
  check_creator(knows_creator, input);
  if (!same_rule(input.spec, *before.spec))
    check_moments(core, before.created_at, input);
  if (!input.faults.empty())
    return reply(std::move(input.faults).to_problem());
  auto show = [path = asked.path, id = asked.id](const schedule_outcome& outcome) {
    if (outcome.is_stale)
      return stale_response(path, id);
    response shown{200, definition(*outcome.subject)};
    add_version(shown, scheduler::version_of(*outcome.subject));
    return shown;
  };
  ask_definition(core, before.id, patch_of(std::move(body), {core.allows_api_commands()}), show,
                 std::move(reply), wanted_versions(asked));
}

void put_definition(const api& with, const request& asked, responder reply) {
  const auto id = definition_to_change(with, asked, reply);
  if (!id)
    return;
  if (const auto root = read_object(asked.body); !root)
    return reply(root.error());
  auto change = [&core = with.core, asked, reply](expected<schedule_ptr> before) {
    if (!before)
      return reply(std::move(before).error());
    ask_for_agent(core, asked.asker.get(), agent_named_in(asked.body, "created_by"),
                  [&core, asked, before = *before, reply](expected<bool> is_known) {
                    if (!is_known)
                      return reply(std::move(is_known).error());
                    change_checked(core, *before, asked, *is_known, reply);
                  });
  };
  find_definition(with.core, *id, carillon::answer<schedule_ptr>{std::move(change)});
}

// -- commands ------------------------------------------------------------------

response show_run(const schedule_outcome& outcome) {
  const auto& made = *outcome.made.back();  // what is due is made first, the extra one last
  const auto* end = std::get_if<ended>(&made.state);
  const bool is_repeat = end != nullptr && end->because_of;
  std::string message = "the run is queued";
  if (is_repeat)
    message = "deduplicated: the run named here began within the window";
  else if (end != nullptr)
    message = "nothing runs: " + std::string{to_string(end->reason)};
  return response{200, envelope(is_repeat || end == nullptr, message, [&](json::writer& out) {
                    out.field("task_id", to_uuid(outcome.subject->id));
                    const auto& run = is_repeat ? *end->because_of : made.id;
                    out.field("run_id", to_uuid(run_id(run, 1)));
                    out.field("deduplicated", is_repeat);
                  })};
}

void run_now(const api& with, const request& asked, responder reply) {
  const auto id = definition_to_change(with, asked, reply);
  if (!id)
    return;
  auto run = [&core = with.core, refused = run_refusal(asked),
              what = schedule_event::run{.trace = trace_of(asked)},
              reply](expected<schedule_ptr> found) {
    if (!found)
      return reply(std::move(found).error());
    if (!may_be_run(**found))
      return reply(refused);
    ask_definition(core, (*found)->id, what, show_run, reply);
  };
  find_definition(with.core, *id, carillon::answer<schedule_ptr>{std::move(run)});
}

void snooze(const api& with, const request& asked, responder reply) {
  const auto id = definition_to_change(with, asked, reply);
  if (!id)
    return;
  const auto input = read_snooze(asked.body);
  if (!input)
    return reply(input.error());
  auto show = [reason = input->reason](const schedule_outcome& outcome) {
    return response{200, envelope(true, "the next run is later", [&](json::writer& out) {
                      write_standing(out, *outcome.subject);
                      out.field("reason", reason);
                    })};
  };
  ask_definition(with.core, *id, schedule_event::snooze{input->delay}, std::move(show),
                 std::move(reply));
}

void pause(const api& with, const request& asked, responder reply) {
  if (const auto id = definition_to_change(with, asked, reply))
    command_definition(with, *id, schedule_event::pause{}, "the definition is paused",
                       std::move(reply));
}

void resume(const api& with, const request& asked, responder reply) {
  if (const auto id = definition_to_change(with, asked, reply))
    command_definition(with, *id, schedule_event::resume{}, "the definition is active",
                       std::move(reply));
}

// clang-format off
constexpr route routes[] = {
  {"PUT",  "/tasks/{id}",         put_definition, access::tss(right::tasks_update)},
  {"POST", "/tasks/{id}/run_now", run_now,        access::tss(right::tasks_run)},
  {"POST", "/tasks/{id}/snooze",  snooze,         access::tss(right::tasks_update)},
  {"POST", "/tasks/{id}/pause",   pause,          access::tss(right::tasks_update)},
  {"POST", "/tasks/{id}/resume",  resume,         access::tss(right::tasks_update)},
};
// clang-format on

}  // namespace

std::span<const route> definitions_surface() {
  return routes;
}

}  // namespace carillon::http
