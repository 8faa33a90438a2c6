#include "http/definition_commands.hpp"

#include <utility>

#include "http/agent_lookup.hpp"
#include "http/definition_input.hpp"
#include "http/definition_output.hpp"
#include "http/entity_tag.hpp"
#include "http/task_commands.hpp"

namespace carillon::http {
namespace {

/// Calls `then` with the definition, or answers why there is none.
template <class Then>
carillon::answer<schedule_ptr> or_refuse(responder reply, Then then,
                                         std::shared_ptr<request_mark> mark = nullptr) {
  return carillon::answer<schedule_ptr>{
      [reply = std::move(reply), then = std::move(then)](expected<schedule_ptr> found) {
        if (!found)
          return reply(std::move(found).error());
        then(*std::move(found));
      },
      std::move(mark)};
}

void create_checked(scheduler& core, std::string_view body, bool knows_creator, responder reply) {
  auto input = read_definition(*json::read(body), {core.allows_api_commands()});
  check_creator(knows_creator, input);
  check_moments(core, core.now(), input);
  if (!input.faults.empty())
    return reply(std::move(input.faults).to_problem());
  core.create_schedule(
      {std::make_shared<const schedule_spec>(std::move(input.spec)), true, definition_locations()},
      or_refuse(
          reply,
          [reply](schedule_ptr made) {
            reply([made = std::move(made)] {
              return response{
                  201, definition(*made), {{"Location", "/tasks/" + to_uuid(made->id)}}};
            });
          },
          reply.mark()));
}

}  // namespace

// -- what handlers do alike ------------------------------------------------------

void find_definition(const scheduler& core, const schedule_id& id,
                     carillon::answer<schedule_ptr> reply) {
  core.find_schedule(
      id, carillon::answer<schedule_ptr>{[reply = std::move(reply)](expected<schedule_ptr> found) {
        if (!found && found.error().kind != problem_kind::not_found)
          return reply(std::move(found));
        if (!found || (*found)->status == schedule_status::deleted)
          return reply(problem{problem_kind::not_found, "no such task"});
        reply(std::move(found));
      }});
}

std::optional<schedule_id> definition_to_change(const api& with, const request& asked,
                                                const responder& reply) {
  const auto id = task_id_of(asked, reply);
  if (!id || !admit(with, reply))
    return std::nullopt;
  if (names_schedule(*id))
    return id;
  with.core.find(*id, carillon::answer<task_details>{[reply](expected<task_details> found) {
    if (!found)
      return reply(std::move(found).error());
    reply(problem{problem_kind::conflict,
                  "this is a one-off task: only definitions can be changed, run, snoozed, paused "
                  "and resumed"});
  }});
  return std::nullopt;
}

void ask_definition(scheduler& core, const schedule_id& id, schedule_request what,
                    show_outcome show, responder reply, schedule_versions only_if) {
  auto mark = reply.mark();
  auto decided = [&core, id, show = std::move(show),
                  reply = std::move(reply)](expected<schedule_outcome> outcome) {
    if (outcome)
      return reply([show, outcome = *std::move(outcome)] { return show(outcome); });
    auto refused = std::move(outcome).error();
    if (refused.kind != problem_kind::conflict)
      return reply(std::move(refused));
    // A deleted one is a conflict to the model, and unknown here.
    find_definition(core, id,
                    or_refuse(reply, [reply, refused](const schedule_ptr&) { reply(refused); }));
  };
  core.ask_schedule(id, std::move(what),
                    carillon::answer<schedule_outcome>{std::move(decided), std::move(mark)},
                    std::move(only_if));
}

void command_definition(const api& with, const schedule_id& id, schedule_request what,
                        std::string message, responder reply) {
  auto show = [message = std::move(message)](const schedule_outcome& outcome) {
    return response{200, envelope(true, message, [&](json::writer& out) {
                      write_standing(out, *outcome.subject);
                    })};
  };
  ask_definition(with.core, id, std::move(what), std::move(show), std::move(reply));
}

// -- for the paths that serve one-off tasks and definitions alike ------------------

void create_definition(const api& with, const request& asked, responder reply) {
  if (!admit(with, reply))
    return;
  ask_for_agent(with.core, asked.asker.get(), agent_named_in(asked.body, "created_by"),
                [&core = with.core, body = asked.body, reply](expected<bool> is_known) {
                  if (!is_known)
                    return reply(std::move(is_known).error());
                  create_checked(core, body, *is_known, reply);
                });
}

void show_definition(const api& with, const schedule_id& id, responder reply) {
  find_definition(with.core, id, or_refuse(reply, [reply](const schedule_ptr& found) {
                    response shown{200, definition(*found)};
                    add_version(shown, scheduler::version_of(*found));
                    reply(std::move(shown));
                  }));
}

void cancel_definition(const api& with, const schedule_id& id, responder reply) {
  if (admit(with, reply))
    command_definition(with, id, schedule_event::cancel{}, "the definition is canceled",
                       std::move(reply));
}

void refuse_definition(const api& with, const schedule_id& id, responder reply) {
  find_definition(
      with.core, id, or_refuse(reply, [reply](const schedule_ptr&) {
        reply(problem{problem_kind::conflict, "this is a definition: run_now runs it once more"});
      }));
}

}  // namespace carillon::http
