#include "http/agent_lookup.hpp"
#include "http/body_reader.hpp"
#include "http/definition_output.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/text.hpp"

// The tasks surface in 001's form: /events, which run the definitions that listen to a topic.

namespace carillon::http {
namespace {

constexpr std::size_t topic_bytes_max = 200;
constexpr std::size_t uuid_bytes_max = 100;

struct event_input {
  std::string topic;
  std::string payload = "null";  ///< JSON.
};

void check_topic(body_reader& in, const std::string& topic) {
  if (has_control(topic))
    in.refuse("topic", "must be printable characters", topic);
}

expected<event_input> read_event(std::string_view body, bool knows_source) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  event_input input;
  in.require("topic");
  input.topic = in.text("topic", {1, topic_bytes_max}).value_or("");
  check_topic(in, input.topic);
  if (const auto payload = in.any("payload"))
    input.payload = payload->raw;
  if (const auto source = in.text("source_agent_id", {0, uuid_bytes_max})) {
    if (!parse_agent_id(*source))
      in.refuse("source_agent_id", "must be the UUID of an agent", *source);
    else if (!knows_source)
      in.refuse("source_agent_id", std::string{unknown_agent}, *source);
  }
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return input;
}

/// A listener that made no run, because of its own rules, was not triggered.
response show_published(const published_event& published, const std::string& topic) {
  const auto write = [&](json::writer& out) {
    out.field("event_id", to_uuid(published.id)).field("topic", topic);
    out.key("triggered_tasks").begin_array();
    for (const auto& [listener, made] : published.triggered)
      if (!has_ended(*made))
        out.string(to_uuid(listener));
    out.end_array();
  };
  return response{202, envelope(true, "the event is published", write)};
}

void publish(scheduler& core, event_input input, responder reply) {
  auto published = [topic = input.topic, reply](expected<published_event> outcome) {
    if (!outcome)
      return reply(std::move(outcome).error());
    reply([topic, outcome = *std::move(outcome)] { return show_published(outcome, topic); });
  };
  core.publish(std::move(input.topic), std::move(input.payload),
               carillon::answer<published_event>{std::move(published)});
}

void post_event(const api& with, const request& asked, responder reply) {
  if (!admit(with, reply))
    return;
  ask_for_agent(with.core, agent_named_in(asked.body, "source_agent_id"),
                [&core = with.core, body = asked.body, reply](expected<bool> is_known) {
                  if (!is_known)
                    return reply(std::move(is_known).error());
                  auto input = read_event(body, *is_known);
                  if (!input)
                    return reply(std::move(input).error());
                  publish(core, *std::move(input), reply);
                });
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/events", post_event, access::token},
};
// clang-format on

}  // namespace

std::span<const route> events_surface() {
  return routes;
}

}  // namespace carillon::http
