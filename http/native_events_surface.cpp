#include "http/event_input.hpp"
#include "http/event_output.hpp"
#include "http/lists.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/text.hpp"
#include "http/trace_input.hpp"

// The native surface: /v1/events.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 50;
constexpr std::int64_t limit_max = 200;
constexpr std::int64_t topics_default = 100;
constexpr std::int64_t topics_max = 1'000;
constexpr std::size_t source_bytes_max = 255;

expected<new_event> read_event(const request& asked) {
  const auto root = read_object(asked.body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  new_event input;
  input.topic = read_topic(in);
  if (const auto payload = in.any("payload"))
    input.payload = payload->raw;
  input.id = read_event_id(in, "id", asked, faults);
  input.source = in.text("source", {0, source_bytes_max}).value_or("");
  input.trace = trace_of(asked);
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return input;
}

void post_event(const api& with, const request& asked, responder reply) {
  auto input = read_event(asked);
  if (!input)
    return reply(std::move(input).error());
  if (!admit(with, reply))
    return;
  with.core.publish(*std::move(input), carillon::answer<published_event>{
                                           [reply](expected<published_event> published) {
                                             if (!published)
                                               return reply(std::move(published).error());
                                             reply([published = *std::move(published)] {
                                               return native_published(published);
                                             });
                                           },
                                           reply.mark()});
}

// -- what was published -----------------------------------------------------------

void get_event(const api& with, const request& asked, responder reply) {
  with.core.find_event(asked.parameters.front(),
                       carillon::answer<published_event>{[reply](expected<published_event> found) {
                         if (!found)
                           return reply(std::move(found).error());
                         reply([found = *std::move(found)] { return native_event(found); });
                       }});
}

void list_events(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  auto topic = query.text("topic", topic_bytes_max);
  const auto page = read_page(with, asked, query, limit_default, limit_max);
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  const carillon::answer<storage::event_page> show{
      [page, asked, reply](expected<storage::event_page> found) {
        if (!found)
          return reply(std::move(found).error());
        json::writer out;
        out.begin_object();
        write_page_facts(out, *found, page);
        out.key("events").begin_array();
        for (const auto& row : found->items)
          write_event(out, row);
        out.end_array().end_object();
        reply(response{200, out.take(), page_headers(asked, page, *found)});
      }};
  with.core.list_events(std::move(topic), page, show);
}

response show_topics(const std::vector<storage::topic_facts>& all, std::size_t limit,
                     std::size_t offset) {
  json::writer out;
  out.begin_object();
  out.field("total", all.size()).field("limit", limit).field("offset", offset);
  out.field("has_more", offset + limit < all.size());
  out.key("topics").begin_array();
  for (auto at = offset; at < all.size() && at < offset + limit; ++at) {
    out.begin_object().field("topic", all[at].topic).field("listeners", all[at].listeners);
    out.key("last_event_at");
    if (all[at].last_at)
      out.string(format_instant(*all[at].last_at));
    else
      out.null();
    out.end_object();
  }
  out.end_array().end_object();
  return {200, out.take()};
}

void list_topics(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto limit = static_cast<std::size_t>(query.limit(topics_default, topics_max));
  const auto offset = static_cast<std::size_t>(query.offset());
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list_topics(carillon::answer<std::vector<storage::topic_facts>>{
      [limit, offset, reply](expected<std::vector<storage::topic_facts>> all) {
        if (!all)
          return reply(std::move(all).error());
        reply(show_topics(*all, limit, offset));
      }});
}

// clang-format off
constexpr route routes[] = {
  {"POST", "/v1/events",        post_event,  access::events_publish},
  {"GET",  "/v1/events",        list_events, access::tasks_read},
  {"GET",  "/v1/events/topics", list_topics, access::tasks_read},
  {"GET",  "/v1/events/{id}",   get_event,   access::tasks_read},
};
// clang-format on

}  // namespace

std::span<const route> native_events_surface() {
  return routes;
}

}  // namespace carillon::http
