#include "http/task_filter_input.hpp"

#include "http/filter_words.hpp"
#include "http/lists.hpp"

namespace carillon::http {
namespace {

constexpr std::string_view reason_wanted =
    "must be a reason for which tasks end, or several of them with commas";
constexpr std::string_view kind_wanted =
    "must be cron, rrule, once, event, manual or service, or several of them with commas";
constexpr std::string_view schedule_wanted = "must be the id of a schedule";
constexpr std::string_view batch_wanted = "must be the id of a batch";

template <class Value>
std::vector<Value> one_or_none(const std::optional<Value>& value) {
  return value ? std::vector{*value} : std::vector<Value>{};
}

std::vector<task_status> statuses_of(std::string_view word) {
  return one_or_none(parse_task_status(word));
}
std::vector<end_reason> reasons_of(std::string_view word) {
  return one_or_none(parse_end_reason(word));
}
std::vector<schedule_kind> kinds_of(std::string_view word) {
  return one_or_none(parse_schedule_kind(word));
}
std::vector<task_id> schedules_of(std::string_view word) {
  const auto id = parse_task_id(word);
  return id && names_schedule(*id) ? std::vector{*id} : std::vector<task_id>{};
}
std::vector<task_id> batches_of(std::string_view word) {
  return one_or_none(parse_batch_id(word));
}

/// As read_words(), of a body.
template <class Value>
std::vector<Value> read_words(body_reader& in, std::string_view name,
                              std::vector<Value> (*parse)(std::string_view),
                              std::string_view wanted) {
  std::vector<Value> found;
  for (const auto& words : read_texts(in, name))
    if (!add_words(words, parse, found))
      in.refuse(name, std::string{wanted}, words);
  return found;
}

/// What tasks and schedules are both asked for.
storage::task_filter read_shared(query_reader& query) {
  storage::task_filter filter;
  filter.task_types = query.texts("task_type");
  filter.tags = query.texts("tag");
  filter.created_by = read_creators(query);
  filter.created = read_range(query, "created_from", "created_to");
  filter.text = query.text("text", filter_text_bytes_max);
  filter.payload = read_payload(query);
  return filter;
}

/// Alone when it is one, so that what was asked with one value reads as it was asked.
template <class Value, class Show>
void write_values(json::writer& out, std::string_view name, const std::vector<Value>& values,
                  Show show, bool is_always_list = false) {
  if (values.empty())
    return;
  out.key(name);
  if (values.size() == 1 && !is_always_list) {
    out.string(show(values.front()));
    return;
  }
  out.begin_array();
  for (const auto& value : values)
    out.string(show(value));
  out.end_array();
}

void write_range(json::writer& out, const storage::time_range& range, std::string_view from,
                 std::string_view to) {
  if (range.from)
    out.field(from, format_instant(*range.from));
  if (range.to)
    out.field(to, format_instant(*range.to));
}

void write_payload(json::writer& out, const std::vector<storage::payload_match>& wanted) {
  if (wanted.empty())
    return;
  out.key("payload").begin_object();
  for (const auto& match : wanted) {
    out.key(match.path).begin_array();
    for (const auto& value : match.values)
      out.raw(value);
    out.end_array();
  }
  out.end_object();
}

}  // namespace

storage::task_filter read_task_filter(query_reader& query) {
  auto filter = read_filter_beside_status(query);
  filter.schedules = read_words(query, "schedule_id", schedules_of, schedule_wanted);
  filter.statuses = read_words(query, "status", statuses_of, task_status_wanted);
  return filter;
}

storage::task_filter read_filter_beside_status(query_reader& query) {
  auto filter = read_shared(query);
  filter.reasons = read_words(query, "reason", reasons_of, reason_wanted);
  filter.batches = read_words(query, "batch_id", batches_of, batch_wanted);
  filter.planned = read_range(query, "scheduled_from", "scheduled_to");
  filter.ended = read_range(query, "finished_from", "finished_to");
  return filter;
}

storage::task_filter read_task_filter(body_reader& in) {
  storage::task_filter filter;
  filter.statuses = read_words(in, "status", statuses_of, task_status_wanted);
  filter.task_types = read_texts(in, "task_type");
  filter.tags = read_texts(in, "tag");
  filter.reasons = read_words(in, "reason", reasons_of, reason_wanted);
  filter.schedules = read_words(in, "schedule_id", schedules_of, schedule_wanted);
  filter.batches = read_words(in, "batch_id", batches_of, batch_wanted);
  filter.created_by = read_texts(in, "created_by");
  filter.created = read_range(in, "created_from", "created_to");
  filter.planned = read_range(in, "scheduled_from", "scheduled_to");
  filter.ended = read_range(in, "finished_from", "finished_to");
  filter.text = in.text("text", {1, filter_text_bytes_max});
  filter.payload = read_payload(in);
  return filter;
}

storage::schedule_filter read_schedule_filter(query_reader& query) {
  return read_schedule_filter(query, read_shared(query));
}

storage::schedule_filter read_schedule_filter(query_reader& query,
                                              const storage::task_filter& shared) {
  storage::schedule_filter filter;
  filter.kinds = read_words(query, "schedule_kind", kinds_of, kind_wanted);
  filter.task_types = shared.task_types;
  filter.tags = shared.tags;
  filter.created_by = shared.created_by;
  filter.created = shared.created;
  filter.updated = read_range(query, "updated_from", "updated_to");
  filter.next = read_range(query, "next_run_from", "next_run_to");
  filter.text = shared.text;
  filter.payload = shared.payload;
  return filter;
}

bool is_empty(const storage::task_filter& filter) {
  return filter == storage::task_filter{};
}

void write_task_filter(json::writer& out, const storage::task_filter& filter) {
  const auto as_it_is = [](const std::string& text) { return text; };
  out.begin_object();
  write_values(
      out, "status", filter.statuses, [](auto status) { return to_string(status); }, true);
  write_values(out, "schedule_id", filter.schedules, [](const auto& id) { return to_text(id); });
  write_values(out, "task_type", filter.task_types, as_it_is);
  write_values(out, "tag", filter.tags, as_it_is);
  write_values(out, "reason", filter.reasons, [](auto reason) { return to_string(reason); });
  write_values(out, "batch_id", filter.batches, [](const auto& id) { return to_batch_text(id); });
  write_values(out, "created_by", filter.created_by, as_it_is);
  write_range(out, filter.created, "created_from", "created_to");
  write_range(out, filter.planned, "scheduled_from", "scheduled_to");
  write_range(out, filter.ended, "finished_from", "finished_to");
  if (filter.text)
    out.field("text", *filter.text);
  write_payload(out, filter.payload);
  out.end_object();
}

}  // namespace carillon::http
