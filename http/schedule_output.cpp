#include "http/schedule_output.hpp"

#include "http/task_output.hpp"
#include "http/work_output.hpp"

namespace carillon::http {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

std::string_view word_of(dst_gap gap) {
  return gap == dst_gap::after ? "after" : "skip";
}

std::string_view word_of(dst_repeat repeat) {
  switch (repeat) {
    case dst_repeat::first:
      return "first";
    case dst_repeat::second:
      return "second";
    case dst_repeat::both:
      return "both";
  }
  return "unknown";
}

void write_template(json::writer& out, const task_template& work) {
  out.key("task_template").begin_object();
  add_target(out, work.target);
  add_command(out, work.command);
  out.key("payload").raw(work.payload);
  add_text(out, "task_type", work.task_type);
  add_texts(out, "tags", work.tags);
  add_texts(out, "components", work.components);
  out.field("priority", work.priority);
  add_retry(out, work.retry);
  add_timeout(out, work.timeout);
  add_length(out, "expires_after", work.expires_after);
  add_key_limit(out, work.limit);
  add_notices(out, work.notices);
  out.end_object();
}

void write_counters(json::writer& out, const schedule& subject) {
  out.field("enabled", subject.status == schedule_status::active);
  add(out, "next_execution_at", subject.next_at);
  add(out, "last_execution_at", subject.last_execution_at);
  out.field("execution_count", subject.execution_count);
  add(out, "created_at", subject.created_at);
  add(out, "updated_at", subject.updated_at);
}

void write_policies(json::writer& out, const schedule_spec& spec) {
  out.key("dst").begin_object();
  out.field("gap", word_of(spec.dst.gap));
  out.field("repeat", word_of(spec.dst.repeat));
  out.end_object();
  out.field("catch_up", to_string(spec.catch_up.policy));
  add_length(out, "catch_up_window", spec.catch_up.window);
  out.field("catch_up_limit", spec.catch_up.limit);
  out.field("on_overlap", to_string(spec.overlap.policy));
  out.field("parallelism", spec.overlap.parallelism);
  out.field("queue_limit", spec.overlap.queue_limit);
  add_length(out, "lead", spec.lead);
  add_length(out, "jitter", spec.jitter);
  add_text(out, "dedupe_key", spec.dedupe_key);
  out.field("dedupe_window_seconds", duration_cast<seconds>(spec.dedupe_window).count());
}

/// What only some schedules have, and their owner when that is the operator's file.
void write_operation(json::writer& out, const schedule_spec& spec) {
  if (spec.keep.runs)
    out.field("keep_runs", *spec.keep.runs);
  if (spec.keep.age)
    add_length(out, "keep_for", spec.keep.age);
  if (spec.kind == schedule_kind::service) {
    out.key("service").begin_object();
    out.field("instances", spec.service.instances);
    out.field("restart", to_string(spec.service.restart)).end_object();
  }
  if (spec.file)
    out.field("owner", "file");
}

}  // namespace

void write_schedule(json::writer& out, const schedule& subject, instant now) {
  const auto& spec = *subject.spec;
  out.begin_object();
  out.field("id", to_text(subject.id));
  out.field("status", native_word(subject.status));
  add_text(out, "cron", spec.kind == schedule_kind::cron ? spec.expr : std::string{});
  out.field("timezone", spec.timezone);
  add(out, "start_at", spec.start_at);
  add(out, "end_at", spec.end_at);
  write_template(out, spec.work);
  write_counters(out, subject);
  add_text(out, "name", spec.name);
  add_text(out, "description", spec.description);
  out.field("schedule_kind", to_string(spec.kind));
  add_text(out, "schedule_expr", spec.expr);
  write_policies(out, spec);
  write_operation(out, spec);
  add_text(out, "created_by", spec.created_by);
  out.field("health", is_late(subject, now) ? "late" : "ok");
  out.end_object();
}

std::string native_schedule(const schedule& subject, instant now) {
  json::writer out;
  write_schedule(out, subject, now);
  return out.take();
}

std::string_view native_word(schedule_status status) {
  return status == schedule_status::paused ? "disabled" : to_string(status);
}

std::vector<schedule_status> native_statuses(std::string_view word) {
  for (std::size_t at = 0; at < schedule_status_count; ++at)
    if (const auto status = static_cast<schedule_status>(at); native_word(status) == word)
      return {status};
  return {};
}

void write_moments(json::writer& out, const zone& where, const std::vector<instant>& all) {
  out.key("executions").begin_array();
  for (const auto at : all)
    out.string(format_local(where, at));
  out.end_array();
  out.key("moments").begin_array();
  for (const auto at : all) {
    out.begin_object();
    add(out, "at", at);
    out.field("local", format_local(where, at));
    out.end_object();
  }
  out.end_array();
}

std::string native_explanation(const schedule_id& id, const explanation& told) {
  json::writer out;
  out.begin_object();
  out.field("schedule_id", to_text(id));
  add(out, "at", told.at);
  out.field("verdict", told.verdict);
  out.field("sentence", told.sentence);
  out.key("range");
  if (told.range) {
    out.begin_object();
    add(out, "last", told.range->last);
    out.field("count", told.range->count);
    out.end_object();
  } else {
    out.null();
  }
  add(out, "previous_moment", told.previous_moment);
  add(out, "next_moment", told.next_moment);
  out.key("record");
  if (told.record)
    write_native(out, *told.record);
  else
    out.null();
  out.end_object();
  return out.take();
}

}  // namespace carillon::http
