#include "http/lists.hpp"

#include "http/task_output.hpp"
#include "http/text.hpp"

#include <algorithm>
#include <array>

namespace carillon::http {

namespace {

/// All of the request that decides which rows a list has, in one order, and who asks.
std::string question_of(const request& asked) {
  constexpr std::array places{std::string_view{"cursor"}, std::string_view{"limit"},
                              std::string_view{"offset"}, std::string_view{"total"}};
  std::vector<std::pair<std::string, std::string>> filters;
  for (const auto& each : asked.query)
    if (std::ranges::find(places, each.first) == places.end())
      filters.push_back(each);
  std::ranges::sort(filters);
  auto question = encode_path(asked.path) + "?";
  for (const auto& [name, value] : filters)
    question += encode_component(name) + "=" + encode_component(value) + "&";
  if (asked.asker)
    question += " " + asked.asker->id;
  return question;
}

}  // namespace

list_page read_page(const api& with, const request& asked, query_reader& query,
                    std::int64_t limit_default, std::int64_t limit_max) {
  list_page page;
  page.core = &with.core;
  page.question = question_of(asked);
  page.limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  page.offset = static_cast<std::size_t>(query.offset());
  page.counts = query.flag("total", true);
  if (const auto cursor = query.text("cursor")) {
    page.after = with.core.open_cursor(*cursor, page.question);
    if (!page.after)
      query.refuse("cursor",
                   "must be the next_cursor of an earlier answer to the same question: the same "
                   "path, filters and token");
  }
  return page;
}

response show_task_page(const request& asked, const list_page& page,
                        const storage::task_page& found) {
  json::writer out;
  out.begin_object();
  write_page_facts(out, found, page);
  out.key("tasks").begin_array();
  for (const auto& one : found.items)
    write_native(out, one);
  out.end_array().end_object();
  return {200, out.take(), page_headers(asked, page, found)};
}

}  // namespace carillon::http
