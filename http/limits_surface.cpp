#include "actors/limit_facts.hpp"
#include "actors/scheduler.hpp"
#include "http/api.hpp"
#include "http/query.hpp"
#include "http/tables.hpp"
#include "http/work_output.hpp"
#include "model/duration.hpp"
#include "model/stat_bucket.hpp"

// GET /v1/limits: keys and queues whose limits are in use, and what the server does at most.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 1'000;
constexpr std::size_t holders_shown_max = 100;

// -- cursors: a word for the kind, and the name ----------------------------------------

constexpr std::string_view key_word = "key:";
constexpr std::string_view queue_word = "queue:";

std::string cursor_of(const limit_facts& last) {
  return std::string{last.is_queue ? queue_word : key_word} + last.key;
}

/// The key as it is kept: that of a queue begins with NUL.
std::optional<std::string> parse_cursor(std::string_view text) {
  if (text.starts_with(key_word))
    return std::string{text.substr(key_word.size())};
  if (text.starts_with(queue_word))
    return std::string{'\0'}.append(text.substr(queue_word.size()));
  return std::nullopt;
}

// -- the answers ------------------------------------------------------------------------

void write_rates(json::writer& out, const std::optional<key_limit>& limit) {
  out.key("concurrency");
  limit && limit->concurrency > 0 ? out.integer(limit->concurrency) : out.null();
  out.key("rate");
  if (!limit || limit->rate <= 0) {
    out.null();
    return;
  }
  out.begin_object().field("limit", limit->rate);
  out.field("period", format_duration(limit->period)).end_object();
}

void write_limit(json::writer& out, const limit_facts& one) {
  const auto& now = one.now;
  out.begin_object();
  out.field("key", one.key).field("kind", one.is_queue ? "queue" : "key");
  write_rates(out, one.limit);
  out.field("held", now.holders.size());
  out.key("holders").begin_array();
  for (std::size_t at = 0; at < std::min(now.holders.size(), holders_shown_max); ++at)
    out.string(to_text(now.holders[at]));
  out.end_array();
  out.key("waiting").begin_array();
  for (const auto& place : now.line) {
    out.begin_object().field("queue", shown_queue(place.queue));
    out.field("next_task_id", to_text(place.best.id)).end_object();
  }
  out.end_array();
  add(out, "next_start_at", now.next_start_at);
  out.end_object();
}

void write_own(json::writer& out, const own_limit& one) {
  out.begin_object().field("name", one.name).key("limit");
  one.limit > 0 ? out.integer(one.limit) : out.null();
  out.key("in_use");
  one.in_use ? out.integer(*one.in_use) : out.null();
  out.end_object();
}

response show_page(const request& asked, std::int64_t limit, const limit_page& page) {
  const bool has_more = page.has_more && !page.limits.empty();
  const auto cursor = has_more ? cursor_of(page.limits.back()) : std::string{};
  json::writer out;
  out.begin_object();
  out.field("total", page.total).field("limit", limit).field("has_more", has_more);
  add_text(out, "next_cursor", cursor);
  out.key("limits").begin_array();
  for (const auto& one : page.limits)
    write_limit(out, one);
  out.end_array().key("server").begin_array();
  for (const auto& one : page.own)
    write_own(out, one);
  out.end_array().end_object();
  header_list headers;
  if (has_more)
    headers.emplace_back("Link", link_to_next(asked, cursor));
  return {200, out.take(), std::move(headers)};
}

void list_limits(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto limit = query.limit(limit_default, limit_max);
  std::string behind;
  if (const auto text = query.text("cursor", 300)) {
    if (auto known = parse_cursor(*text))
      behind = *std::move(known);
    else
      query.refuse("cursor", "must be next_cursor of an answer");
  }
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list_limits(
      behind, static_cast<std::size_t>(limit),
      carillon::answer<limit_page>{[asked, limit, reply](expected<limit_page> found) {
        if (!found)
          return reply(std::move(found).error());
        reply(show_page(asked, limit, *found));
      }});
}

void get_limit(const api& with, const request& asked, responder reply) {
  with.core.find_limit(asked.parameters.front(),
                       carillon::answer<limit_facts>{[reply](expected<limit_facts> found) {
                         if (!found)
                           return reply(std::move(found).error());
                         json::writer out;
                         write_limit(out, *found);
                         reply(response{200, out.take()});
                       }});
}

constexpr route routes[] = {
    {"GET", "/v1/limits", list_limits, access::tasks_read},
    {"GET", "/v1/limits/{key}", get_limit, access::tasks_read},
};

}  // namespace

std::span<const route> limits_surface() {
  return routes;
}

}  // namespace carillon::http
