#include <algorithm>
#include <array>

#include "http/lists.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/work_output.hpp"

// The native surface for hosts that tasks are delivered to: /v1/hosts.

namespace carillon::http {
namespace {

constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 1'000;

/// In the order of host_breaker::state.
constexpr std::array<std::string_view, 4> state_words{"closed", "open", "half_open", "resting"};

void write_host(json::writer& out, const host_facts& host) {
  out.begin_object();
  out.field("host", host.host);
  out.field("state", state_words[static_cast<std::size_t>(host.state)]);
  out.field("in_flight", host.calls);
  out.field("has_waiting_tasks", host.has_waiting_tasks);
  out.field("consecutive_failures", std::int64_t{host.failures});
  add(out, "open_until", host.rests_until);
  add_text(out, "last_failure", host.last_failure);
  out.end_object();
}

carillon::answer<host_facts> host_answer(responder reply) {
  return carillon::answer<host_facts>{[reply = std::move(reply)](expected<host_facts> found) {
    if (!found)
      return reply(std::move(found).error());
    json::writer out;
    write_host(out, *found);
    reply(response{200, out.take()});
  }};
}

// -- lists ----------------------------------------------------------------------

struct host_page {
  std::optional<host_breaker::state> state;
  std::string after;  ///< The last host of the page before.
  std::size_t limit;
};

response show_page(const request& asked, const host_page& page, std::vector<host_facts> hosts) {
  if (page.state)
    std::erase_if(hosts, [&](const auto& each) { return each.state != *page.state; });
  const auto total = hosts.size();
  const auto first = std::ranges::upper_bound(hosts, page.after, {}, &host_facts::host);
  const auto left = static_cast<std::size_t>(hosts.end() - first);
  const auto last = first + static_cast<std::ptrdiff_t>(std::min(page.limit, left));
  const bool has_more = last != hosts.end();
  const auto cursor = has_more ? std::prev(last)->host : std::string{};
  json::writer out;
  out.begin_object();
  out.field("total", total).field("limit", page.limit).field("has_more", has_more);
  add_text(out, "next_cursor", cursor);
  out.key("hosts").begin_array();
  for (auto at = first; at != last; ++at)
    write_host(out, *at);
  out.end_array().end_object();
  header_list headers;
  if (has_more)
    headers.emplace_back("Link", link_to_next(asked, cursor));
  return {200, out.take(), std::move(headers)};
}

void list_hosts(const api& with, const request& asked, responder reply) {
  query_reader query{asked};
  host_page page;
  page.limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  page.after = query.text("cursor").value_or("");
  if (const auto word = query.one_of("state", state_words))
    page.state = static_cast<host_breaker::state>(*word);
  if (auto read = std::move(query).finish(); !read)
    return reply(std::move(read).error());
  with.core.list_hosts(carillon::answer<std::vector<host_facts>>{
      [asked, page, reply](expected<std::vector<host_facts>> found) {
        if (!found)
          return reply(std::move(found).error());
        reply(show_page(asked, page, *std::move(found)));
      }});
}

void get_host(const api& with, const request& asked, responder reply) {
  with.core.find_host(asked.parameters.front(), host_answer(std::move(reply)));
}

void reset_host(const api& with, const request& asked, responder reply) {
  if (admit(with, reply))
    with.core.reset_host(asked.parameters.front(), host_answer(std::move(reply)));
}

// clang-format off
constexpr route routes[] = {
  {"GET",  "/v1/hosts",              list_hosts, access::tasks_read},
  {"GET",  "/v1/hosts/{host}",       get_host,   access::tasks_read},
  {"POST", "/v1/hosts/{host}/reset", reset_host, access::admin},
};
// clang-format on

}  // namespace

std::span<const route> hosts_surface() {
  return routes;
}

}  // namespace carillon::http
