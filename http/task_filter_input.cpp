#include "http/task_filter_input.hpp"

#include "http/lists.hpp"

namespace carillon::http {
namespace {

constexpr std::size_t text_bytes_max = 256;

std::vector<task_status> statuses_of(std::string_view word) {
  const auto status = parse_task_status(word);
  return status ? std::vector{*status} : std::vector<task_status>{};
}

/// Empty when one of them is unknown.
std::vector<task_status> read_all_words(const std::vector<std::string>& words) {
  std::vector<task_status> found;
  for (const auto& word : words)
    if (!add_words(word, statuses_of, found))
      return {};
  return found;
}

std::vector<task_status> read_statuses(body_reader& in) {
  const auto given = in.any("status");
  if (!given || given->kind == json::kind::null)
    return {};
  std::vector<std::string> words;
  if (given->kind == json::kind::array)
    words = in.texts("status", {1, text_bytes_max}, task_status_count);
  else
    words.push_back(json::as_string(*given).value_or(std::string{}));
  auto found = read_all_words(words);
  if (found.empty())
    in.refuse("status", std::string{task_status_wanted}, given->raw);
  return found;
}

}  // namespace

storage::task_filter read_task_filter(query_reader& query) {
  storage::task_filter filter;
  filter.statuses = read_words(query, "status", statuses_of, task_status_wanted);
  filter.task_type = query.text("task_type");
  filter.tag = query.text("tag");
  filter.created_from = query.moment("created_from");
  filter.created_to = query.moment("created_to");
  filter.planned_from = query.moment("scheduled_from");
  filter.planned_to = query.moment("scheduled_to");
  filter.text = query.text("text", text_bytes_max);
  if (const auto maker = query.text("schedule_id")) {
    filter.schedule = parse_task_id(*maker);
    if (!filter.schedule)
      query.refuse("schedule_id", "must be the id of a schedule");
  }
  return filter;
}

storage::task_filter read_task_filter(body_reader& in) {
  storage::task_filter filter;
  filter.statuses = read_statuses(in);
  filter.task_type = in.text("task_type", {1, text_bytes_max});
  filter.tag = in.text("tag", {1, text_bytes_max});
  filter.created_from = in.moment("created_from");
  filter.created_to = in.moment("created_to");
  filter.planned_from = in.moment("scheduled_from");
  filter.planned_to = in.moment("scheduled_to");
  filter.text = in.text("text", {1, text_bytes_max});
  if (const auto maker = in.text("schedule_id", {1, text_bytes_max})) {
    filter.schedule = parse_task_id(*maker);
    if (!filter.schedule)
      in.refuse("schedule_id", "must be the id of a schedule", *maker);
  }
  return filter;
}

bool is_empty(const storage::task_filter& filter) {
  return filter.statuses.empty() && !filter.task_type && !filter.schedule && !filter.needs_rows();
}

void write_task_filter(json::writer& out, const storage::task_filter& filter) {
  const auto write_text = [&](std::string_view name, const std::optional<std::string>& text) {
    if (text)
      out.field(name, *text);
  };
  const auto write_moment = [&](std::string_view name, std::optional<instant> moment) {
    if (moment)
      out.field(name, format_instant(*moment));
  };
  out.begin_object();
  if (!filter.statuses.empty()) {
    out.key("status").begin_array();
    for (const auto status : filter.statuses)
      out.string(to_string(status));
    out.end_array();
  }
  if (filter.schedule)
    out.field("schedule_id", to_text(*filter.schedule));
  write_text("task_type", filter.task_type);
  write_text("tag", filter.tag);
  write_moment("created_from", filter.created_from);
  write_moment("created_to", filter.created_to);
  write_moment("scheduled_from", filter.planned_from);
  write_moment("scheduled_to", filter.planned_to);
  write_text("text", filter.text);
  out.end_object();
}

}  // namespace carillon::http
