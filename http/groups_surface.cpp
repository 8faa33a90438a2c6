#include <algorithm>

#include "http/body_reader.hpp"
#include "http/tables.hpp"
#include "http/task_commands.hpp"
#include "http/text.hpp"
#include "http/work_input.hpp"
#include "http/work_output.hpp"

// The native surface: /v1/url-groups, what a target "group:NAME" stands for.

namespace carillon::http {
namespace {

constexpr std::size_t group_name_bytes_max = 100;
constexpr std::size_t url_bytes_max = 2'048;

void write_group(json::writer& out, const url_group& subject) {
  out.begin_object();
  out.field("name", subject.name);
  add_texts(out, "urls", subject.urls);
  add(out, "created_at", subject.created_at);
  add(out, "updated_at", subject.updated_at);
  out.end_object();
}

carillon::answer<url_group> group_answer(responder reply, int status = 200) {
  auto mark = reply.mark();
  return carillon::answer<url_group>{[reply = std::move(reply), status](expected<url_group> found) {
                                       if (!found)
                                         return reply(std::move(found).error());
                                       json::writer out;
                                       write_group(out, *found);
                                       reply(response{status, out.take()});
                                     },
                                     std::move(mark)};
}

std::vector<std::string> read_addresses(const api& with, body_reader& in) {
  in.require("urls");
  auto urls = in.texts("urls", {1, url_bytes_max}, group_urls_max);
  if (in.has("urls") && urls.empty())
    in.refuse("urls", "must name at least one address");
  for (const auto& url : urls)
    check_url(with, in, "urls", url);
  auto sorted = urls;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    in.refuse("urls", "must not name an address twice");
  return urls;
}

void post_group(const api& with, const request& asked, responder reply) {
  const auto root = read_object(asked.body);
  if (!root)
    return reply(root.error());
  fault_list faults;
  body_reader in{*root, "body", faults};
  url_group subject;
  in.require("name");
  subject.name = in.text("name", {1, group_name_bytes_max}).value_or("");
  if (has_control(subject.name) || subject.name.find('/') != std::string::npos)
    in.refuse("name", "must be printable characters without a slash", subject.name);
  subject.urls = read_addresses(with, in);
  subject.created_at = with.core.now();
  subject.updated_at = subject.created_at;
  in.finish();
  if (!faults.empty())
    return reply(std::move(faults).to_problem());
  if (admit(with, reply))
    with.core.create_group(std::move(subject), group_answer(std::move(reply), 201));
}

void put_group(const api& with, const request& asked, responder reply) {
  const auto root = read_object(asked.body);
  if (!root)
    return reply(root.error());
  fault_list faults;
  body_reader in{*root, "body", faults};
  auto urls = read_addresses(with, in);
  in.finish();
  if (!faults.empty())
    return reply(std::move(faults).to_problem());
  if (admit(with, reply))
    with.core.change_group(asked.parameters.front(), std::move(urls),
                           group_answer(std::move(reply)));
}

void list_groups(const api& with, const request&, responder reply) {
  auto list = [reply = std::move(reply)](expected<std::vector<url_group>> found) {
    if (!found)
      return reply(std::move(found).error());
    json::writer out;
    out.begin_object().key("url_groups").begin_array();
    for (const auto& each : *found)
      write_group(out, each);
    out.end_array().field("total", found->size()).end_object();
    reply(response{200, out.take()});
  };
  with.core.list_groups(carillon::answer<std::vector<url_group>>{std::move(list)});
}

void get_group(const api& with, const request& asked, responder reply) {
  with.core.find_group(asked.parameters.front(), group_answer(std::move(reply)));
}

void delete_group(const api& with, const request& asked, responder reply) {
  if (!admit(with, reply))
    return;
  auto removed = [reply](expected<url_group> gone) {
    if (!gone)
      return reply(std::move(gone).error());
    json::writer out;
    out.begin_object().field("name", gone->name).field("status", "deleted").end_object();
    reply(response{200, out.take()});
  };
  with.core.remove_group(asked.parameters.front(), carillon::answer<url_group>{std::move(removed)});
}

// clang-format off
constexpr route routes[] = {
  {"POST",   "/v1/url-groups",        post_group,   access::admin},
  {"GET",    "/v1/url-groups",        list_groups,  access::tasks_read},
  {"GET",    "/v1/url-groups/{name}", get_group,    access::tasks_read},
  {"PUT",    "/v1/url-groups/{name}", put_group,    access::admin},
  {"DELETE", "/v1/url-groups/{name}", delete_group, access::admin},
};
// clang-format on

}  // namespace

std::span<const route> groups_surface() {
  return routes;
}

}  // namespace carillon::http
