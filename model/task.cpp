#include "model/task.hpp"

#include <algorithm>
#include <array>

#include "model/overloaded.hpp"
#include "model/target_url.hpp"

namespace carillon {
namespace {

constexpr std::array<std::string_view, task_status_count> status_words{
    "scheduled", "queued",   "processing", "retrying", "completed",
    "failed",    "canceled", "expired",    "skipped"};
constexpr std::array<std::string_view, 19> reason_words{
    "success",      "error",      "timeout",    "crashed",       "log_overflow",
    "start_failed", "lease_lost", "canceled",   "stopped",       "replaced",
    "expired",      "overlap",    "queue_full", "missed",        "dst_repeat",
    "deduplicated", "blackout",   "paused",     "server_stopped"};
constexpr std::array<std::string_view, 10> outcome_words{
    "running",    "success",  "error",    "timeout",      "crashed",
    "lease_lost", "released", "canceled", "log_overflow", "start_failed"};
constexpr std::array<std::string_view, 5> component_words{"declared", "started", "completed",
                                                          "failed", "skipped"};
constexpr std::array<std::string_view, 8> cause_words{"schedule", "api",    "event",   "catch_up",
                                                      "backfill", "parent", "service", "notice"};
constexpr std::array<std::string_view, 2> signature_words{"standard", "timestamped"};

/// The HTTP client ends a call at its timeout by itself; the task's own deadline stands behind it.
constexpr duration delivery_margin = std::chrono::seconds{5};

std::optional<instant> earlier(std::optional<instant> one, std::optional<instant> other) {
  if (!one || !other)
    return one ? one : other;
  return std::min(*one, *other);
}

std::optional<instant> next_moment_of(const task& subject) {
  return std::visit(
      overloaded{
          [&](const scheduled&) -> std::optional<instant> {
            // A schedule wakes its tasks itself.
            return subject.spec->schedule ? std::nullopt : std::optional{due_at(subject)};
          },
          [&](const queued&) {
            // What has started once does not expire any more.
            return subject.attempts.empty() ? subject.spec->expires_at : std::nullopt;
          },
          [&](const processing& state) {
            return earlier(earlier(state.lease_until, state.waits.until),
                           attempt_deadline(subject, state));
          },
          [&](const retrying& state) -> std::optional<instant> { return state.due_at; },
          [&](const ended&) -> std::optional<instant> { return std::nullopt; },
      },
      subject.state);
}

}  // namespace

task_status status_of(const task& subject) {
  if (const auto* end = std::get_if<ended>(&subject.state))
    return end->status;
  return static_cast<task_status>(subject.state.index());
}

std::optional<instant> attempt_deadline(const task& subject, const processing& state) {
  const auto& spec = *subject.spec;
  const bool is_unbounded = state.runner == runner_kind::callback
                            && (spec.has_default_timeout || spec.timeout == duration{0});
  const auto timeout = is_unbounded ? callback_wait_default : spec.timeout;
  // Of a group, each delivery has the time to itself.
  if (timeout == duration{0} || subject.attempts.empty() || state.stopping
      || !group_of(spec).empty())
    return std::nullopt;
  const auto deadline = subject.attempts.back().started_at + timeout;
  return state.runner == runner_kind::delivery ? deadline + delivery_margin : deadline;
}

bool has_ended(const task& subject) {
  return std::holds_alternative<ended>(subject.state);
}

std::optional<instant> finished_at(const task& subject) {
  if (const auto* end = std::get_if<ended>(&subject.state))
    return end->at;
  return std::nullopt;
}

namespace {

std::string_view behind(std::string_view scheme, const task_spec& spec) {
  if (!spec.target || !spec.target->url.starts_with(scheme))
    return {};
  return std::string_view{spec.target->url}.substr(scheme.size());
}

}  // namespace

std::string_view group_of(const task_spec& spec) {
  return behind("group:", spec);
}

std::string_view topic_of(const task_spec& spec) {
  return behind("event:", spec);
}

bool runs_in_steps(const task_spec& spec) {
  return spec.runs_pipeline || !group_of(spec).empty();
}

bool is_inner(const task_spec& spec) {
  return runs_in_steps(spec) || !topic_of(spec).empty();
}

bool is_errand(const task_spec& spec) {
  return spec.parent || spec.cause == trigger_cause::notice;
}

std::string queue_of_host(std::string_view host) {
  return std::string{host_queues}.append(host);
}

std::string queue_of(const task_spec& spec) {
  if (spec.command)
    return std::string{spec.cause == trigger_cause::service ? service_queue : command_queue};
  if (is_inner(spec))
    return std::string{inner_queue};
  return spec.target ? queue_of_host(host_and_port(spec.target->url)) : spec.task_type;
}

instant rank_of(const task_spec& spec, instant since) {
  return since + spec.priority * ageing_step;
}

instant due_at(const task& subject) {
  const auto* waiting = std::get_if<scheduled>(&subject.state);
  return waiting != nullptr && waiting->moved_to ? *waiting->moved_to : subject.spec->scheduled_for;
}

index_facts facts_of(const task& subject) {
  index_facts facts{status_of(subject), next_moment_of(subject), std::nullopt};
  if (const auto* waiting = std::get_if<queued>(&subject.state)) {
    facts.is_held = waiting->held;
    if (!waiting->held)
      facts.ready_rank = rank_of(*subject.spec, waiting->since);
  }
  if (const auto* running = std::get_if<processing>(&subject.state))
    facts.topic = running->waits.topic;
  if (const auto* end = std::get_if<ended>(&subject.state)) {
    facts.reason = end->reason;
    facts.ended_at = end->at;
  }
  facts.holds_key =
      !subject.spec->limit.key.empty() && std::holds_alternative<processing>(subject.state);
  return facts;
}

std::vector<task_news> milestones_of(const task& subject) {
  std::vector<task_news> milestones;
  const auto add = [&](instant time, std::string_view type, std::string message) {
    milestones.push_back({time, std::string{type}, "", std::move(message)});
  };
  add(subject.spec->created_at, "created", "");
  if (subject.triggered_at)
    add(*subject.triggered_at, "triggered", "");
  for (const auto& tried : subject.attempts) {
    const auto name = "attempt " + std::to_string(tried.number);
    add(tried.started_at, "attempt_started",
        tried.worker.empty() ? name : name + " by " + tried.worker);
    if (tried.finished_at)
      add(*tried.finished_at, "attempt_ended",
          name + ": " + std::string{to_string(tried.outcome)}
              + (tried.error.empty() ? "" : ", " + tried.error));
  }
  if (const auto* wait = std::get_if<retrying>(&subject.state))
    if (!subject.attempts.empty() && subject.attempts.back().finished_at)
      add(*subject.attempts.back().finished_at, "retry_planned",
          "next attempt at " + format_instant(wait->due_at));
  if (const auto* end = std::get_if<ended>(&subject.state))
    add(end->at, to_string(end->status), std::string{to_string(end->reason)});
  std::stable_sort(milestones.begin(), milestones.end(),
                   [](const auto& one, const auto& other) { return one.time < other.time; });
  return milestones;
}

std::string_view to_string(task_status status) {
  return status_words[static_cast<std::size_t>(status)];
}

std::optional<task_status> parse_task_status(std::string_view word) {
  const auto found = std::find(status_words.begin(), status_words.end(), word);
  if (found == status_words.end())
    return std::nullopt;
  return static_cast<task_status>(found - status_words.begin());
}

std::string_view to_string(end_reason reason) {
  return reason_words[static_cast<std::size_t>(reason)];
}

std::optional<end_reason> parse_end_reason(std::string_view word) {
  const auto found = std::find(reason_words.begin(), reason_words.end(), word);
  if (found == reason_words.end())
    return std::nullopt;
  return static_cast<end_reason>(found - reason_words.begin());
}

std::string_view to_string(attempt_outcome outcome) {
  return outcome_words[static_cast<std::size_t>(outcome)];
}

std::string_view to_string(component_status status) {
  return component_words[static_cast<std::size_t>(status)];
}

std::string_view to_string(signature_form form) {
  return signature_words[static_cast<std::size_t>(form)];
}

std::optional<signature_form> parse_signature_form(std::string_view word) {
  const auto found = std::find(signature_words.begin(), signature_words.end(), word);
  if (found == signature_words.end())
    return std::nullopt;
  return static_cast<signature_form>(found - signature_words.begin());
}

std::string_view to_string(trigger_cause cause) {
  return cause_words[static_cast<std::size_t>(cause)];
}

}  // namespace carillon
