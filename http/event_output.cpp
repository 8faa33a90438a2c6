#include "http/event_output.hpp"

#include <algorithm>

namespace carillon::http {
namespace {

void write_facts(json::writer& out, const topic_event& subject) {
  out.field("event_id", name_of(subject));
  out.field("topic", subject.topic);
  out.key("source");
  if (subject.source.empty())
    out.null();
  else
    out.string(subject.source);
  out.field("published_at", format_instant(subject.at));
}

std::string_view word_of(bool is_done) {
  return is_done ? "published" : "publishing";
}

/// What each listener does, and why some do nothing.
void write_told(json::writer& out, const std::vector<listener_told>& told) {
  out.key("triggered").begin_array();
  for (const auto& one : told) {
    if (!one.is_triggered())
      continue;
    out.begin_object().field("schedule_id", to_text(one.listener.id));
    out.field("task_id", to_text(*one.task)).end_object();
  }
  out.end_array().key("not_triggered").begin_array();
  for (const auto& one : told) {
    if (one.is_triggered() || one.listener.kind != listener_kind::schedule)
      continue;
    out.begin_object().field("schedule_id", to_text(one.listener.id)).key("task_id");
    if (one.task)
      out.string(to_text(*one.task));
    else
      out.null();
    out.field("reason", one.skip ? to_string(*one.skip) : "not_active").end_object();
  }
  out.end_array();
}

}  // namespace

response native_published(const published_event& published) {
  json::writer out;
  out.begin_object();
  write_facts(out, *published.subject);
  out.field("duplicate", published.is_repeat);
  write_told(out, *published.told);
  out.end_object();
  return {published.is_repeat ? 200 : 202, out.take()};
}

response native_event(const published_event& found) {
  json::writer out;
  out.begin_object();
  write_facts(out, *found.subject);
  out.field("status", word_of(found.told != nullptr));
  out.field("payload_bytes", found.subject->payload.size());
  out.key("payload").raw(found.subject->payload);
  write_told(out, found.told ? *found.told : std::vector<listener_told>{});
  out.end_object();
  return {200, out.take()};
}

void write_event(json::writer& out, const storage::event_row& row) {
  out.begin_object();
  write_facts(out, row.subject);
  out.field("status", word_of(row.facts.is_done));
  out.field("payload_bytes", row.subject.payload.size());
  out.field("triggered", row.facts.triggered);
  out.field("not_triggered", row.facts.listeners - row.facts.triggered);
  out.end_object();
}

}  // namespace carillon::http
