#include "http/batch_output.hpp"

#include <cmath>

#include "http/work_output.hpp"

namespace carillon::http {
namespace {

/// Of those known so far; rounded down, so that 100 means all.
double percent_of(const batch_view& view) {
  const auto total = view.counts.total();
  if (total == 0)
    return view.subject.finished_at ? 100 : 0;
  return std::floor(static_cast<double>(view.counts.done()) * 1000 / static_cast<double>(total))
         / 10;
}

void write_counts(json::writer& out, const batch_counts& counts) {
  out.key("counts").begin_object();
  out.field("total", counts.total());
  out.field("done", counts.done());
  for (std::size_t at = 0; at < task_status_count; ++at)
    out.field(to_string(static_cast<task_status>(at)), counts.by_status[at]);
  out.end_object();
}

void write_calls(json::writer& out, const batch& subject) {
  out.key("on_complete").begin_array();
  for (const auto& call : subject.spec->on_complete)
    out.string(call.url);
  out.end_array();
  out.key("notices").begin_array();
  for (const auto& id : subject.notices)
    out.string(to_text(id));
  out.end_array();
}

}  // namespace

void write_batch(json::writer& out, const batch_view& view) {
  const auto& subject = view.subject;
  out.begin_object();
  out.field("id", to_batch_text(subject.id));
  add_text(out, "name", subject.spec->name);
  out.field("status", to_string(status_of(subject)));
  write_counts(out, view.counts);
  out.field("percent", percent_of(view));
  add(out, "created_at", subject.spec->created_at);
  add(out, "sealed_at", subject.sealed_at);
  add(out, "canceled_at", subject.canceled_at);
  add(out, "finished_at", subject.finished_at);
  out.field("completions", subject.completions);
  write_calls(out, subject);
  add_text(out, "idempotency_key", subject.spec->idempotency_key);
  out.key("metadata").raw(subject.spec->metadata);
  out.end_object();
}

std::string native_batch(const batch_view& view) {
  json::writer out;
  write_batch(out, view);
  return out.take();
}

}  // namespace carillon::http
