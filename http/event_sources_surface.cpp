#include <algorithm>

#include "actors/webhook_verify.hpp"
#include "http/event_input.hpp"
#include "http/problem_response.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/text.hpp"
#include "http/trace_input.hpp"
#include "model/webhook_secret.hpp"

// The native surface: /v1/event-sources, and /v1/events/in, where they publish.

namespace carillon::http {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t secret_text_max = 128;
constexpr std::size_t webhook_id_bytes_max = event_id_bytes_max - name_bytes_max - 1;

/// A source that is not there is asked for with this one, so that its absence takes as long.
constexpr std::string_view nobodys_key = "not the key of any source at all";

constexpr std::string_view not_signed =
    "there is no such source of events, or this is not signed by it, or not lately";

bool is_name(std::string_view text) {
  return std::ranges::all_of(text, [](char each) {
    return is_digit(each) || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z')
           || each == '-' || each == '_' || each == '.';
  });
}

expected<event_source> read_source(const api& with, std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  event_source input;
  in.require("name");
  input.name = in.text("name", {1, name_bytes_max}).value_or("");
  if (!is_name(input.name))
    in.refuse("name", "must be letters, digits, '-', '_' and '.'", input.name);
  input.topic = read_topic(in);
  if (const auto secret = in.text("secret", {0, secret_text_max}); secret && !secret->empty()) {
    auto key = parse_webhook_secret(*secret);
    if (key)
      input.key = *std::move(key);
    else
      in.refuse("secret", key.error().detail);
  }
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  input.created_at = with.core.now();
  return input;
}

void write_source(const api& with, json::writer& out, const event_source& subject,
                  bool with_secret) {
  out.begin_object().field("name", subject.name).field("topic", subject.topic);
  out.field("path", with.path_prefix + "/v1/events/in/" + subject.name);
  out.field("created_at", format_instant(subject.created_at));
  if (with_secret)
    out.field("secret", format_webhook_secret(subject.key));
  out.end_object();
}

void post_source(const api& with, const request& asked, responder reply) {
  auto input = read_source(with, asked.body);
  if (!input)
    return reply(std::move(input).error());
  if (!admit(with, reply))
    return;
  if (input->key.empty())
    input->key = scheduler::random_key();
  with.core.add_event_source(
      *std::move(input),
      carillon::answer<event_source>{
          [&with, reply](expected<event_source> made) {
            if (!made)
              return reply(std::move(made).error());
            json::writer out;
            write_source(with, out, *made, true);
            reply(response{201, out.take(), {{"Location", "/v1/event-sources/" + made->name}}});
          },
          reply.mark()});
}

void list_sources(const api& with, const request&, responder reply) {
  const auto all = with.core.sources().all();
  json::writer out;
  out.begin_object().field("total", all.size()).key("event_sources").begin_array();
  for (const auto& one : all)
    write_source(with, out, one, false);
  out.end_array().end_object();
  reply(response{200, out.take()});
}

void delete_source(const api& with, const request& asked, responder reply) {
  with.core.remove_event_source(
      asked.parameters.front(),
      carillon::answer<event_source>{[reply](expected<event_source> gone) {
                                       if (!gone)
                                         return reply(std::move(gone).error());
                                       reply(response{204, {}});
                                     },
                                     reply.mark()});
}

// -- what they publish ------------------------------------------------------------

response show_taken(const published_event& published) {
  json::writer out;
  out.begin_object().field("event_id", name_of(*published.subject));
  out.field("topic", published.subject->topic);
  out.field("duplicate", published.is_repeat).end_object();
  return {published.is_repeat ? 200 : 202, out.take()};
}

/// The signature is the authentication: nothing else of the body is looked at before.
void post_signed(const api& with, const request& asked, responder reply) {
  const auto source = with.core.sources().find(asked.parameters.front());
  const signed_message message{asked.header("webhook-id"), asked.header("webhook-timestamp"),
                               asked.body};
  const bool is_signed = verify(source ? std::string_view{source->key} : nobodys_key, message,
                                asked.header("webhook-signature"), with.core.now());
  if (!source)
    return reply(refuse(404, not_signed, asked));
  if (!is_signed)
    return reply(refuse(401, not_signed, asked));
  if (message.id.size() > webhook_id_bytes_max || has_control(message.id))
    return reply(problem{problem_kind::invalid, "the webhook-id is too long or not printable"});
  const auto root = json::read(asked.body);
  if (!root)
    return reply(root.error());
  if (!admit(with, reply))
    return;
  new_event input{source->topic, std::string{root->raw},
                  source->name + ":" + std::string{message.id}, source->name, trace_of(asked)};
  with.core.publish(std::move(input), carillon::answer<published_event>{
                                          [reply](expected<published_event> published) {
                                            if (!published)
                                              return reply(std::move(published).error());
                                            reply(show_taken(*published));
                                          },
                                          reply.mark()});
}

// clang-format off
constexpr route routes[] = {
  {"POST",   "/v1/event-sources",        post_source,   access::admin},
  {"GET",    "/v1/event-sources",        list_sources,  access::admin},
  {"DELETE", "/v1/event-sources/{name}", delete_source, access::admin},
  {"POST",   "/v1/events/in/{source}",   post_signed,   access::anyone},
};
// clang-format on

}  // namespace

std::span<const route> event_sources_surface() {
  return routes;
}

}  // namespace carillon::http
