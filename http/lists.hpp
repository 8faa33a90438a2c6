#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "actors/scheduler.hpp"
#include "http/api.hpp"
#include "http/query.hpp"
#include "model/json.hpp"

namespace carillon::http {

// What the lists of the native surface do alike.

/// A page that was asked for, and the question that its cursors are good for: the path, the
/// filters, and who asks.
struct list_page : storage::page_request {
  const scheduler* core = nullptr;
  std::string question = {};

  /// Where the page behind `last` begins.
  [[nodiscard]] std::string cursor_behind(const task_id& last) const {
    return core->sign_cursor(last, question);
  }
};

/// `limit`, `offset`, `cursor` and `total`.
list_page read_page(const api& with, const request& asked, query_reader& query,
                    std::int64_t limit_default, std::int64_t limit_max);

/// Adds what one word, or each of several with commas, stands for. False when one is unknown.
template <class Status>
bool add_words(std::string_view words, std::vector<Status> (*parse)(std::string_view),
               std::vector<Status>& found) {
  for (std::size_t begin = 0; begin <= words.size();) {
    const auto end = std::min(words.find(',', begin), words.size());
    const auto meant = parse(words.substr(begin, end - begin));
    if (meant.empty())
      return false;
    for (const auto& each : meant)
      if (std::ranges::find(found, each) == found.end())
        found.push_back(each);
    begin = end + 1;
  }
  return true;
}

/// `name`: one word or several with commas, as often as wanted. Empty: not given. `parse` gives
/// what a word stands for, none of it when the word is unknown; `wanted` is what is expected, for a
/// person.
template <class Status>
std::vector<Status> read_words(query_reader& query, std::string_view name,
                               std::vector<Status> (*parse)(std::string_view),
                               std::string_view wanted) {
  std::vector<Status> found;
  for (const auto& words : query.texts(name))
    if (!add_words(words, parse, found))
      query.refuse(name, std::string{wanted});
  return found;
}

/// What is expected of `status` where tasks are listed.
inline constexpr std::string_view task_status_wanted =
    "must be scheduled, queued, processing, retrying, completed, failed, canceled, expired or "
    "skipped, or several of them with commas";

template <class Row>
const task_id& id_of_row(const Row& row) {
  if constexpr (requires { row.id; })
    return row.id;
  else
    return row.subject.id;
}

/// `total`, `limit`, `offset`, `has_more` and `next_cursor`, for any kind of page.
template <class Page>
void write_page_facts(json::writer& out, const Page& page, const list_page& asked) {
  out.key("total");
  if (asked.counts)
    out.integer(page.total);
  else
    out.null();
  out.field("limit", asked.limit);
  out.field("offset", asked.offset);
  out.field("has_more", page.has_more);
  out.key("next_cursor");
  if (page.has_more)
    out.string(asked.cursor_behind(id_of_row(page.items.back())));
  else
    out.null();
}

/// The Link header, when there is a next page.
template <class Page>
header_list page_headers(const request& asked, const list_page& wanted, const Page& page) {
  if (!page.has_more)
    return {};
  return {{"Link", link_to_next(asked, wanted.cursor_behind(id_of_row(page.items.back())))}};
}

/// A page of tasks as the native surface shows it.
response show_task_page(const request& asked, const list_page& page,
                        const storage::task_page& found);

}  // namespace carillon::http
