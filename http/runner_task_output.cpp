#include "http/runner_output.hpp"
#include "http/work_output.hpp"

namespace carillon::http {
namespace {

using std::chrono::seconds;

std::string_view backoff_word(backoff_kind kind) {
  return kind == backoff_kind::fixed ? "constant" : to_string(kind);
}

std::string_view on_full_word(log_on_full what) {
  switch (what) {
    case log_on_full::drop_new:
      return "drop_new";
    case log_on_full::drop_old:
      return "drop_old";
    case log_on_full::kill_task:
      return "kill_task";
  }
  return "drop_old";
}

void add_nanoseconds(json::writer& out, std::string_view name, duration length) {
  out.field(name, std::chrono::nanoseconds{length}.count());
}

bool is_service(const schedule_spec& spec) {
  return spec.kind == schedule_kind::service;
}

bool is_restarted_job(const schedule_spec& spec) {
  return !is_service(spec) && spec.file->restart == restart_policy::on_failure;
}

restart_policy restart_of(const schedule_spec& spec) {
  return is_service(spec) ? spec.service.restart : spec.file->restart;
}

/// How failures are answered, in the words of the file: what it does not use has its default.
retry_policy retries_of(const schedule_spec& spec) {
  constexpr retry_policy none{0, backoff_kind::fixed, seconds{5}};
  return is_service(spec) || is_restarted_job(spec) ? none : spec.work.retry;
}

retry_policy restarts_of(const schedule_spec& spec) {
  constexpr retry_policy unused{0, backoff_kind::exponential, seconds{1}};
  if (is_service(spec))
    return spec.service.waits;
  return is_restarted_job(spec) ? spec.work.retry : unused;
}

std::string_view kind_of(const schedule_spec& spec) {
  return is_service(spec) ? "service" : "task";
}

std::string_view on_overlap_of(const schedule_spec& spec) {
  return to_string(is_service(spec) ? overlap_policy::skip : spec.overlap.policy);
}

int instances_of(const schedule_spec& spec) {
  return is_service(spec) ? spec.service.instances : 1;
}

/// What begins alike wherever a definition is shown.
void write_start(json::writer& out, const schedule_spec& spec) {
  out.field("api_trigger", spec.file->api_trigger);
  if (!is_service(spec))
    out.field("catch_up", to_string(spec.catch_up.policy));
  if (spec.kind == schedule_kind::cron)
    out.field("cron", spec.expr);
}

void write_keeping(json::writer& out, const retention_rules& keep) {
  if (keep.age)
    add_nanoseconds(out, "keep_for", *keep.age);
  if (keep.runs)
    out.field("keep_runs", *keep.runs);
}

void write_log_rules(json::writer& out, const log_rules& rules) {
  out.field("log_max_size", rules.bytes_max);
  out.field("log_on_full", on_full_word(rules.on_full));
}

void write_failures(json::writer& out, const schedule_spec& spec) {
  const auto restarts = restarts_of(spec);
  out.field("restart", to_string(restart_of(spec)));
  out.field("restart_backoff", backoff_word(restarts.backoff));
  add_nanoseconds(out, "restart_delay", restarts.delay);
  const auto retries = retries_of(spec);
  out.field("retry_attempts", retries.retries_max);
  out.field("retry_backoff", backoff_word(retries.backoff));
  add_nanoseconds(out, "retry_delay", retries.delay);
}

}  // namespace

void write_runner_task(json::writer& out, const schedule& subject, std::string_view schema) {
  const auto& spec = *subject.spec;
  out.begin_object();
  if (!schema.empty())
    out.field("$schema", schema);
  write_start(out, spec);
  if (!spec.description.empty())
    out.field("description", spec.description);
  if (!spec.file->group.empty())
    out.field("group", spec.file->group);
  out.field("instances", instances_of(spec));
  write_keeping(out, spec.keep);
  out.field("kind", kind_of(spec));
  write_log_rules(out, spec.work.command->log);
  out.field("name", spec.name);
  if (subject.next_at)
    out.field("next_run_at", format_instant(*subject.next_at));
  out.field("on_overlap", on_overlap_of(spec));
  out.field("parallelism", spec.overlap.parallelism);
  write_failures(out, spec);
  if (spec.work.timeout > duration{0})
    add_nanoseconds(out, "timeout", spec.work.timeout);
  if (!is_service(spec))
    out.field("timezone", spec.timezone);
  out.end_object();
}

void write_runner_task_facts(json::writer& out, const schedule& subject) {
  const auto& spec = *subject.spec;
  out.begin_object();
  write_start(out, spec);
  if (!spec.file->group.empty())
    out.field("group", spec.file->group);
  out.field("instances", instances_of(spec));
  out.field("kind", kind_of(spec));
  out.field("max_concurrent", spec.overlap.parallelism);
  out.field("name", spec.name);
  out.field("on_overlap", on_overlap_of(spec));
  out.field("restart", to_string(restart_of(spec)));
  out.end_object();
}

}  // namespace carillon::http
