#include "http/body_reader.hpp"
#include "http/query.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/text.hpp"
#include "model/duration.hpp"

// The native surface for queues as a whole: what waits in them, and what is set for them.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 1'000;
constexpr std::size_t name_bytes_max = 255;
constexpr std::int64_t concurrency_max = 1'000'000;
constexpr std::int64_t rate_max = 1'000'000;

/// The route's queue; answers 404 and returns nothing when it is none that workers can ask.
std::optional<std::string> queue_of_route(const request& asked, const responder& reply) {
  const auto& name = asked.parameters.front();
  if (!has_control(name) && name.size() <= name_bytes_max)
    return name;
  reply(problem{problem_kind::not_found, "no such queue"});
  return std::nullopt;
}

void write_queue(json::writer& out, const queue_facts& queue) {
  const auto& set = queue.settings;
  out.begin_object();
  out.field("queue", queue.name);
  out.field("paused", set.is_paused);
  out.field("waiting", queue.waiting);
  out.field("processing", queue.processing);
  out.key("concurrency");
  set.concurrency > 0 ? out.integer(set.concurrency) : out.null();
  out.key("rate");
  if (set.rate > 0) {
    out.begin_object();
    out.field("limit", set.rate);
    out.field("period", format_duration(set.period));
    out.end_object();
  } else {
    out.null();
  }
  out.end_object();
}

void show_queue(const api& with, std::string name, responder reply) {
  with.core.find_queue(std::move(name),
                       carillon::answer<queue_facts>{[reply](expected<queue_facts> found) {
                         if (!found)
                           return reply(std::move(found).error());
                         json::writer out;
                         write_queue(out, *found);
                         reply(response{200, out.take()});
                       }});
}

void change_queue(const api& with, const std::string& name, const queue_change& change,
                  responder reply) {
  if (!admit(with, reply))
    return;
  with.core.change_queue(
      name, change,
      carillon::answer<queue_settings>{[&with, name, reply](const expected<queue_settings>& set) {
                                         if (!set)
                                           return reply(set.error());
                                         show_queue(with, name, reply);
                                       },
                                       reply.mark()});
}

// -- PATCH ----------------------------------------------------------------------

std::optional<std::pair<int, duration>> read_rate(body_reader& in, fault_list& faults) {
  if (in.is_null("rate"))
    return std::pair{0, duration{0}};
  const auto given = in.object("rate");
  if (!given)
    return std::nullopt;
  body_reader inner{*given, in.location_of("rate"), faults};
  inner.require("limit");
  inner.require("period");
  const auto limit = inner.integer("limit", {1, rate_max}).value_or(1);
  const auto period = inner.length("period", duration{1}, std::chrono::hours{24});
  inner.finish();
  return std::pair{static_cast<int>(limit), period.value_or(duration{1})};
}

expected<queue_change> read_change(std::string_view body) {
  const auto root = read_object(body);
  if (!root)
    return root.error();
  fault_list faults;
  body_reader in{*root, "body", faults};
  queue_change change;
  if (const auto concurrency = in.integer("concurrency", {1, concurrency_max}))
    change.concurrency = static_cast<int>(*concurrency);
  else if (in.is_null("concurrency"))
    change.concurrency = 0;
  change.rate = read_rate(in, faults);
  in.finish();
  if (!faults.empty())
    return std::move(faults).to_problem();
  return change;
}

void patch_queue(const api& with, const request& asked, responder reply) {
  const auto name = queue_of_route(asked, reply);
  if (!name)
    return;
  auto change = read_change(asked.body);
  if (!change)
    return reply(std::move(change).error());
  change_queue(with, *name, *change, std::move(reply));
}

// -- the others -----------------------------------------------------------------

void list_queues(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  const auto limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  const auto offset = static_cast<std::size_t>(query.offset());
  if (auto checked = std::move(query).finish(); !checked)
    return reply(std::move(checked).error());
  with.core.list_queues(carillon::answer<std::vector<queue_facts>>{
      [limit, offset, reply](expected<std::vector<queue_facts>> all) {
        if (!all)
          return reply(std::move(all).error());
        const auto begin = std::min(offset, all->size());
        const auto end = begin + std::min(limit, all->size() - begin);
        json::writer out;
        out.begin_object();
        out.field("total", all->size());
        out.field("limit", limit);
        out.field("offset", offset);
        out.field("has_more", end < all->size());
        out.key("queues").begin_array();
        for (auto at = begin; at < end; ++at)
          write_queue(out, (*all)[at]);
        out.end_array().end_object();
        reply(response{200, out.take()});
      }});
}

void get_queue(const api& with, const request& asked, responder reply) {
  if (auto name = queue_of_route(asked, reply))
    show_queue(with, *std::move(name), std::move(reply));
}

void pause_queue(const api& with, const request& asked, responder reply) {
  if (const auto name = queue_of_route(asked, reply))
    change_queue(with, *name, {.is_paused = true}, std::move(reply));
}

void resume_queue(const api& with, const request& asked, responder reply) {
  if (const auto name = queue_of_route(asked, reply))
    change_queue(with, *name, {.is_paused = false}, std::move(reply));
}

// clang-format off
constexpr route routes[] = {
  {"GET",   "/v1/queues",                list_queues,  access::tasks_read},
  {"GET",   "/v1/queues/{queue}",        get_queue,    access::tasks_read},
  {"PATCH", "/v1/queues/{queue}",        patch_queue,  access::admin},
  {"POST",  "/v1/queues/{queue}/pause",  pause_queue,  access::admin},
  {"POST",  "/v1/queues/{queue}/resume", resume_queue, access::admin},
};
// clang-format on

}  // namespace

std::span<const route> queues_surface() {
  return routes;
}

}  // namespace carillon::http
