#include "actors/delivery_rules.hpp"

#include <algorithm>
#include <utility>

#include "model/http_header.hpp"
#include "model/json.hpp"
#include "model/retry_after.hpp"

namespace carillon {
namespace {

constexpr duration timeout_without_one = std::chrono::minutes{10};

/// Of an answer that a next step may read.
constexpr std::size_t part_answer_bytes_max = 256 * 1024;

constexpr int http_accepted = 202;
constexpr int http_gone = 410;
constexpr int http_too_many_requests = 429;
constexpr int http_unavailable = 503;

/// What is sent. Shares the task's life instead of copying the payload.
std::shared_ptr<const std::string> body_of(const std::shared_ptr<const task_spec>& spec) {
  if (spec->target->body == body_form::payload)
    return {spec, &spec->payload};
  std::string text;
  if (spec->target->body == body_form::text)
    if (const auto payload = json::read(spec->payload))
      text = json::as_string(*payload).value_or("");
  return std::make_shared<const std::string>(std::move(text));
}

/// A step that is done again is done by another task, and is the same work all the same.
std::string key_of(const parent_link& parent) {
  const auto& [step, item] = parent.part;
  return to_text(parent.task) + "/"
         + (is_header_value(parent.name) ? parent.name
                                         : std::to_string(step) + "." + std::to_string(item));
}

std::string_view content_type_of(body_form body) {
  return body == body_form::text ? "text/plain; charset=utf-8" : "application/json";
}

/// A target whose own headers name a trace keeps that one.
void add_trace(http_call& call, const task& subject) {
  if (std::ranges::any_of(call.headers, [](const auto& header) {
        return equals_ignoring_case(header.first, "traceparent");
      }))
    return;
  auto trace = trace_of_attempt(subject);
  call.headers.emplace_back("traceparent", std::move(trace.parent));
  if (!trace.state.empty())
    call.headers.emplace_back("tracestate", std::move(trace.state));
}

}  // namespace

std::string webhook_timestamp(const task& subject) {
  const auto began = subject.attempts.back().started_at;
  return std::to_string(std::chrono::floor<std::chrono::seconds>(began).time_since_epoch().count());
}

http_call delivery_call(const task& subject) {
  const auto& spec = *subject.spec;
  const auto id = to_text(subject.id);
  http_call call{spec.target->url, spec.target->method, spec.target->headers, {}, spec.timeout};
  if (spec.target->body != body_form::none
      && std::ranges::none_of(call.headers, [](const auto& header) {
           return equals_ignoring_case(header.first, "Content-Type");
         }))
    call.headers.emplace_back("Content-Type", std::string{content_type_of(spec.target->body)});
  // Stable over attempts, so that a receiver can drop repeats (Standard Webhooks).
  call.headers.emplace_back("webhook-id", id);
  call.headers.emplace_back("webhook-timestamp", webhook_timestamp(subject));
  call.headers.emplace_back("Idempotency-Key", spec.parent ? key_of(*spec.parent) : id);
  call.headers.emplace_back("carillon-attempt", std::to_string(subject.attempts.back().number));
  add_trace(call, subject);
  call.body = body_of(subject.spec);
  if (spec.parent)
    call.answer_bytes_max = part_answer_bytes_max;
  if (call.timeout == duration{0})
    call.timeout = timeout_without_one;
  return call;
}

task_event judge(const http_outcome& outcome, std::uint64_t token, instant now) {
  if (outcome.status == http_accepted && outcome.is_async)
    return event::handed_over{token, outcome.status, outcome.body, outcome.is_body_cut};
  if (outcome.status >= 200 && outcome.status < 300)
    return event::succeeded{token, {}, outcome.status, outcome.body, {}, outcome.is_body_cut};
  event::failed news{token};
  news.outcome = outcome.timed_out ? attempt_outcome::timeout : attempt_outcome::error;
  news.error =
      outcome.status == 0 ? outcome.error : "the target answered " + std::to_string(outcome.status);
  news.http_status = outcome.status;
  news.answer = outcome.body;
  news.answer_cut = outcome.is_body_cut;
  news.retryable = outcome.status != http_gone;
  if (outcome.status == http_too_many_requests || outcome.status == http_unavailable)
    news.retry_at = parse_retry_after(outcome.retry_after, now);
  return news;
}

command_call call_of_command(const task& subject) {
  const auto& spec = *subject.spec;
  const int attempt = subject.attempts.back().number;
  command_call call{spec.command.share(), run_id(subject.id, attempt), {}};
  call.facts = {{"CARILLON_TASK", spec.task_type},
                {"CARILLON_ATTEMPT", std::to_string(attempt)},
                {"CARILLON_SCHEDULED_FOR", format_instant(spec.scheduled_for)},
                {"CARILLON_TRIGGERED_BY", std::string{to_string(spec.cause)}}};
  if (spec.cause == trigger_cause::service)
    call.facts.emplace_back("CARILLON_INSTANCE", std::to_string(spec.instance));
  return call;
}

task_event judge(const command_outcome& outcome, std::uint64_t token) {
  using ending = command_outcome::ending;
  event::exit_facts exit{outcome.exit_code, outcome.signal};
  if (outcome.how == ending::not_started)
    exit.code.reset();
  if (outcome.how == ending::exited && outcome.exit_code == 0) {
    event::succeeded news{token};
    news.exit = exit;
    return news;
  }
  event::failed news{token};
  if (outcome.how == ending::not_started)
    news.outcome = attempt_outcome::start_failed;
  else if (outcome.how == ending::log_full)
    news.outcome = attempt_outcome::log_overflow;
  news.error = outcome.error;
  news.exit = exit;
  return news;
}

}  // namespace carillon
