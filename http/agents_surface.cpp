#include "http/agent_lookup.hpp"
#include "http/scope_input.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/work_output.hpp"
#include "model/task_id.hpp"

#include <algorithm>

// The tasks surface in 001's form: /agents, who may be named as the creator of a definition.

namespace carillon::http {
namespace {

constexpr std::size_t name_bytes_max = 100;

void write_agent(json::writer& out, const agent& subject) {
  out.begin_object();
  out.field("id", subject.id);
  out.field("name", subject.name);
  add_texts(out, "scopes", subject.scopes);
  add(out, "created_at", subject.created_at);
  add(out, "updated_at", subject.updated_at);
  out.end_object();
}

std::string show(const agent& subject) {
  json::writer out;
  write_agent(out, subject);
  return out.take();
}

/// Answers with the agent.
carillon::answer<agent> agent_answer(responder reply) {
  auto mark = reply.mark();
  return carillon::answer<agent>{[reply = std::move(reply)](expected<agent> found) {
                                   if (!found)
                                     return reply(std::move(found).error());
                                   reply(response{200, show(*found)});
                                 },
                                 std::move(mark)};
}

std::optional<std::string> agent_id_of(const request& asked, const responder& reply) {
  auto id = parse_agent_id(asked.parameters.front());
  if (!id)
    reply(problem{problem_kind::not_found, "no such agent"});
  return id;
}

// -- create and change ---------------------------------------------------------

/// `name` and `scopes` over what is there.
void read_fields(body_reader& in, agent& subject) {
  subject.name = in.text("name", {1, name_bytes_max}).value_or(subject.name);
  if (in.any("scopes"))
    subject.scopes = read_scopes(in);
}

expected<agent> read_agent(const scheduler& core, std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  agent subject;
  in.require("name");
  read_fields(in, subject);
  subject.created_at = core.now();
  subject.updated_at = subject.created_at;
  if (const auto id = in.text("id", {0, name_bytes_max})) {
    subject.id = parse_agent_id(*id).value_or("");
    if (subject.id.empty())
      in.refuse("id", "must be a UUID", *id);
  } else {
    subject.id = to_uuid(id_generator{kernel_random{}}.next(subject.created_at));
  }
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return subject;
}

void save_new(scheduler& core, agent subject, responder reply) {
  auto mark = reply.mark();
  auto saved = [reply = std::move(reply)](expected<agent> made) {
    if (!made)
      return reply(std::move(made).error());
    reply(response{201, show(*made), {{"Location", "/agents/" + made->id}}});
  };
  core.save_agent(std::move(subject), carillon::answer<agent>{std::move(saved), std::move(mark)});
}

void post_agent(const api& with, const request& asked, responder reply) {
  const auto subject = read_agent(with.core, asked.body);
  if (!subject)
    return reply(subject.error());
  if (!may_give(subject->scopes, asked, reply) || !admit(with, reply))
    return;
  ask_for_agent(with.core, nullptr, subject->id,
                [&core = with.core, subject = *subject, reply](expected<bool> is_known) {
                  if (!is_known)
                    return reply(std::move(is_known).error());
                  if (*is_known)
                    return reply(problem{problem_kind::conflict, "there is an agent with this id"});
                  save_new(core, subject, reply);
                });
}

expected<agent> read_change(const scheduler& core, std::string_view body, agent subject) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  if (in.any("name"))
    in.require("name");
  read_fields(in, subject);
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  subject.updated_at = core.now();
  return subject;
}

void put_agent(const api& with, const request& asked, responder reply) {
  const auto id = agent_id_of(asked, reply);
  if (!id || !admit(with, reply))
    return;
  auto change = [&core = with.core, asked, reply](expected<agent> found) {
    if (!found)
      return reply(std::move(found).error());
    auto changed = read_change(core, asked.body, *std::move(found));
    if (!changed)
      return reply(std::move(changed).error());
    if (may_give(changed->scopes, asked, reply))
      core.save_agent(*std::move(changed), agent_answer(reply));
  };
  with.core.find_agent(*id, carillon::answer<agent>{std::move(change)});
}

// -- look and remove -------------------------------------------------------------

void list_agents(const api& with, const request&, responder reply) {
  auto list = [reply = std::move(reply)](expected<std::vector<agent>> found) {
    if (!found)
      return reply(std::move(found).error());
    json::writer out;
    out.begin_object().key("items").begin_array();
    for (const auto& each : *found)
      write_agent(out, each);
    out.end_array().field("total", found->size()).end_object();
    reply(response{200, out.take()});
  };
  with.core.list_agents(carillon::answer<std::vector<agent>>{std::move(list)});
}

void get_agent(const api& with, const request& asked, responder reply) {
  if (const auto id = agent_id_of(asked, reply))
    with.core.find_agent(*id, agent_answer(std::move(reply)));
}

void delete_agent(const api& with, const request& asked, responder reply) {
  const auto id = agent_id_of(asked, reply);
  if (!id || !admit(with, reply))
    return;
  auto removed = [reply](expected<agent> gone) {
    if (!gone)
      return reply(std::move(gone).error());
    json::writer out;
    out.begin_object().field("id", gone->id).field("status", "deleted").end_object();
    reply(response{200, out.take()});
  };
  with.core.remove_agent(*id, carillon::answer<agent>{std::move(removed)});
}

// clang-format off
constexpr route routes[] = {
  {"POST",   "/agents",      post_agent,   access::admin},
  {"GET",    "/agents",      list_agents,  access::admin},
  {"GET",    "/agents/{id}", get_agent,    access::admin},
  {"PUT",    "/agents/{id}", put_agent,    access::admin},
  {"DELETE", "/agents/{id}", delete_agent, access::admin},
};
// clang-format on

}  // namespace

std::span<const route> agents_surface() {
  return routes;
}

}  // namespace carillon::http
