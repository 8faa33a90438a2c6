#include "http/runner_output.hpp"

#include <algorithm>
#include <array>

namespace carillon::http {
namespace {

// In the order of `end_reason`.
// clang-format off
constexpr std::array<std::string_view, 19> reason_words{
    "success",
    "failed",  // error
    "timeout",
    "crashed",
    "log_overflow",
    "start_failed",
    "failed",   // lease_lost
    "stopped",  // canceled
    "stopped",
    "stopped",  // replaced
    "skipped",  // expired
    "skipped",  // overlap
    "queue_full",
    "missed",
    "dst_skipped",  // dst_repeat
    "skipped",      // deduplicated
    "skipped",      // blackout
    "skipped",      // paused
    "daemon_stopped",  // server_stopped
};
// clang-format on
static_assert(reason_words.size() == static_cast<std::size_t>(end_reason::server_stopped) + 1);

constexpr std::array<std::string_view, 3> phase_words{"pending", "running", "ended"};

std::string_view word_of(end_reason reason) {
  return reason_words[static_cast<std::size_t>(reason)];
}

/// Why an attempt ended that others followed.
std::string_view word_of(attempt_outcome outcome) {
  switch (outcome) {
    case attempt_outcome::success:
      return "success";
    case attempt_outcome::timeout:
      return "timeout";
    case attempt_outcome::crashed:
      return "crashed";
    case attempt_outcome::log_overflow:
      return "log_overflow";
    case attempt_outcome::start_failed:
      return "start_failed";
    case attempt_outcome::canceled:
      return "stopped";
    case attempt_outcome::running:
    case attempt_outcome::error:
    case attempt_outcome::lease_lost:
    case attempt_outcome::released:
      return "failed";
  }
  return "failed";
}

std::string_view word_of(trigger_cause cause) {
  switch (cause) {
    case trigger_cause::schedule:
    case trigger_cause::backfill:
      return "cron";
    case trigger_cause::catch_up:
      return "startup";
    case trigger_cause::service:
      return "service";
    case trigger_cause::api:
    case trigger_cause::event:
    case trigger_cause::parent:
    case trigger_cause::notice:
      return "api";
  }
  return "api";
}

runner_run new_run(const task& subject, int number) {
  runner_run run{};
  run.id = run_id(subject.id, number);
  run.number = number;
  run.task_name = subject.spec->task_type;
  run.exit_code = exit_code_none;
  run.triggered_by = word_of(subject.spec->cause);
  run.created_at = subject.spec->created_at;
  run.instance = subject.spec->instance;
  return run;
}

runner_run run_of(const task& subject, const attempt& tried) {
  auto run = new_run(subject, tried.number);
  run.start_at = tried.started_at;
  run.end_at = tried.finished_at;
  if (tried.number > 1) {
    run.created_at = tried.started_at;
    run.retry_of = run_id(subject.id, tried.number - 1);
  }
  if (tried.outcome == attempt_outcome::crashed)
    run.exit_code = exit_code_crashed;
  run.exit_code = tried.exit_code.value_or(run.exit_code);
  run.status = tried.finished_at ? "ended" : "running";
  if (!tried.finished_at)
    return run;
  const auto* end = std::get_if<ended>(&subject.state);
  const bool is_last = &tried == &subject.attempts.back();
  run.end_reason = end != nullptr && is_last ? word_of(end->reason) : word_of(tried.outcome);
  return run;
}

runner_run unbegun_run_of(const task& subject) {
  auto run = new_run(subject, 1);
  const auto* end = std::get_if<ended>(&subject.state);
  run.status = end == nullptr ? "pending" : "ended";
  if (end == nullptr)
    return run;
  run.end_at = end->at;
  run.end_reason = word_of(end->reason);
  return run;
}

void add_moment(json::writer& out, std::string_view name, const std::optional<instant>& when) {
  if (when)
    out.field(name, format_instant(*when));
}

}  // namespace

std::vector<runner_run> runner_runs_of(const task& subject) {
  std::vector<runner_run> runs;
  if (!subject.spec->command)
    return runs;
  for (auto each = subject.attempts.rbegin(); each != subject.attempts.rend(); ++each)
    runs.push_back(run_of(subject, *each));
  if (runs.empty() && !std::holds_alternative<scheduled>(subject.state))
    runs.push_back(unbegun_run_of(subject));
  if (!runs.empty())
    runs.front().may_go_on = !has_ended(subject);
  return runs;
}

std::optional<runner_run> runner_run_of(const task& subject, int number) {
  auto runs = runner_runs_of(subject);
  const auto found = std::ranges::find_if(
      runs, [number](const auto& run) { return is_same_name(run.number, number); });
  return found == runs.end() ? std::nullopt : std::optional{std::move(*found)};
}

void write_runner_run(json::writer& out, const runner_run& run, std::string_view schema) {
  out.begin_object();
  if (!schema.empty())
    out.field("$schema", schema);
  out.field("created_at", format_instant(run.created_at));
  add_moment(out, "end_at", run.end_at);
  if (!run.end_reason.empty())
    out.field("end_reason", run.end_reason);
  out.field("exit_code", run.exit_code);
  out.field("id", to_uuid(run.id));
  out.field("instance_index", run.instance);
  out.field("retry_attempt", run.number - 1);
  if (run.retry_of)
    out.field("retry_of_run_id", to_uuid(*run.retry_of));
  add_moment(out, "start_at", run.start_at);
  out.field("status", run.status);
  out.field("task_name", run.task_name);
  out.field("triggered_by", run.triggered_by);
  out.end_object();
}

std::vector<std::string_view> runner_status_words() {
  std::vector<std::string_view> words{phase_words.begin(), phase_words.end()};
  for (const auto word : reason_words)
    if (std::ranges::find(words, word) == words.end())
      words.push_back(word);
  return words;
}

}  // namespace carillon::http
