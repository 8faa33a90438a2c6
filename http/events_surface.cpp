#include "http/agent_lookup.hpp"
#include "http/definition_output.hpp"
#include "http/event_input.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/trace_input.hpp"

// The tasks surface in 001's form: /events, which run the definitions that listen to a topic.

namespace carillon::http {
namespace {

constexpr std::size_t uuid_bytes_max = 100;

expected<new_event> read_event(const request& asked, bool knows_source) {
  const auto root = read_object(asked.body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  new_event input;
  input.topic = read_topic(in);
  if (const auto payload = in.any("payload"))
    input.payload = payload->raw;
  input.id = read_event_id(in, "event_id", asked, faults);
  if (const auto source = in.text("source_agent_id", {0, uuid_bytes_max})) {
    if (!parse_agent_id(*source))
      in.refuse("source_agent_id", "must be the UUID of an agent", *source);
    else if (!knows_source)
      in.refuse("source_agent_id", std::string{unknown_agent}, *source);
    input.source = *source;
  }
  input.trace = trace_of(asked);
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return input;
}

/// A listener that made no run, because of its own rules, was not triggered.
response show_published(const published_event& published) {
  const auto write = [&](json::writer& out) {
    out.field("event_id", name_of(*published.subject)).field("topic", published.subject->topic);
    out.key("triggered_tasks").begin_array();
    for (const auto& one : *published.told)
      if (one.is_triggered())
        out.string(to_uuid(one.listener.id));
    out.end_array();
  };
  if (published.is_repeat)
    return response{200, envelope(true, "the event was published before", write)};
  return response{202, envelope(true, "the event is published", write)};
}

void publish(scheduler& core, new_event input, responder reply) {
  core.publish(std::move(input),
               carillon::answer<published_event>{[reply](expected<published_event> published) {
                                                   if (!published)
                                                     return reply(std::move(published).error());
                                                   reply([published = *std::move(published)] {
                                                     return show_published(published);
                                                   });
                                                 },
                                                 reply.mark()});
}

void post_event(const api& with, const request& asked, responder reply) {
  if (!admit(with, reply))
    return;
  ask_for_agent(with.core, asked.asker.get(), agent_named_in(asked.body, "source_agent_id"),
                [&core = with.core, asked, reply](expected<bool> is_known) {
                  if (!is_known)
                    return reply(std::move(is_known).error());
                  auto input = read_event(asked, *is_known);
                  if (!input)
                    return reply(std::move(input).error());
                  publish(core, *std::move(input), reply);
                });
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/events", post_event, access::tss(right::events_publish)},
};
// clang-format on

}  // namespace

std::span<const route> events_surface() {
  return routes;
}

}  // namespace carillon::http
