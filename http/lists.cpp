#include "http/lists.hpp"

#include "http/task_output.hpp"

namespace carillon::http {

storage::page_request read_page(query_reader& query, std::int64_t limit_default,
                                std::int64_t limit_max) {
  storage::page_request page;
  page.limit = static_cast<std::size_t>(query.limit(limit_default, limit_max));
  page.offset = static_cast<std::size_t>(query.offset());
  if (const auto cursor = query.text("cursor")) {
    page.after = parse_task_id(*cursor);
    if (!page.after)
      query.refuse("cursor", "must be the next_cursor of an earlier answer");
  }
  return page;
}

response show_task_page(const request& asked, const storage::page_request& page,
                        const storage::task_page& found) {
  json::writer out;
  out.begin_object();
  write_page_facts(out, found, page);
  out.key("tasks").begin_array();
  for (const auto& one : found.items)
    write_native(out, one);
  out.end_array().end_object();
  return {200, out.take(), page_headers(asked, found)};
}

}  // namespace carillon::http
