#include "http/definition_output.hpp"

#include "http/work_output.hpp"

namespace carillon::http {

std::string_view definition_word(schedule_status status) {
  return status == schedule_status::ended ? "completed" : to_string(status);
}

namespace {

void write_work(json::writer& out, const task_template& work) {
  out.key("payload").raw(work.payload);
  add_target(out, work.target);
  out.field("priority", std::int64_t{work.priority});
  out.field("max_retries", std::int64_t{work.retry.retries_max});
  out.field("backoff_strategy", to_string(work.retry.backoff));
  out.field("concurrency_key", work.limit.key);
}

}  // namespace

void write_definition(json::writer& out, const schedule& subject) {
  const auto& spec = *subject.spec;
  out.begin_object();
  out.field("id", to_uuid(subject.id));
  out.field("title", spec.name);
  out.field("description", spec.description);
  out.field("status", definition_word(subject.status));
  out.field("schedule_kind", to_string(spec.kind));
  out.field("schedule_expr", spec.expr);
  out.field("timezone", spec.timezone);
  write_work(out, spec.work);
  out.field("dedupe_key", spec.dedupe_key);
  out.field("dedupe_window_seconds",
            std::chrono::duration_cast<std::chrono::seconds>(spec.dedupe_window).count());
  add_text(out, "created_by", spec.created_by);
  add(out, "next_run_at", subject.next_at);
  add(out, "last_run_at", subject.last_execution_at);
  add(out, "created_at", subject.created_at);
  add(out, "updated_at", subject.updated_at);
  out.end_object();
}

void write_standing(json::writer& out, const schedule& subject) {
  out.field("task_id", to_uuid(subject.id));
  out.field("status", definition_word(subject.status));
  add(out, "next_run_at", subject.next_at);
}

std::string definition(const schedule& subject) {
  json::writer out;
  write_definition(out, subject);
  return out.take();
}

}  // namespace carillon::http
