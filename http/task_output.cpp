#include "http/task_output.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "http/work_output.hpp"
#include "model/batch.hpp"

namespace carillon::http {
namespace {

using moment = std::optional<instant>;

struct one_off_name {
  std::string_view word;
  task_status status;
};
constexpr std::array<one_off_name, task_status_count> one_off_names{{
    {"SCHEDULED", task_status::scheduled},
    {"TRIGGERED", task_status::queued},
    {"RUNNING", task_status::processing},
    {"RUNNING", task_status::retrying},
    {"COMPLETED", task_status::completed},
    {"FAILED", task_status::failed},
    {"CANCELLED", task_status::canceled},
    {"EXPIRED", task_status::expired},
    {"SKIPPED", task_status::skipped},
}};

void add_progress(json::writer& out, const std::optional<double>& progress) {
  out.key("progress");
  if (progress)
    out.number(*progress);
  else
    out.null();
}

moment started_at(const task& subject) {
  if (subject.attempts.empty())
    return std::nullopt;
  return subject.attempts.front().started_at;
}

/// What was reported and the milestones, as one story in time order.
std::vector<task_news> story_of(const task& subject, const std::vector<task_news>& news) {
  auto story = milestones_of(subject);
  story.insert(story.end(), news.begin(), news.end());
  std::ranges::stable_sort(story, {}, &task_news::time);
  return story;
}

void write_events(json::writer& out, const task& subject, const std::vector<task_news>& news,
                  fraction digits) {
  out.key("events").begin_array();
  for (const auto& told : story_of(subject, news)) {
    out.begin_object();
    add(out, "time", told.time, digits);
    out.field("type", told.type);
    add_text(out, "component", told.component);
    add_text(out, "message", told.message);
    add_progress(out, told.progress);
    out.end_object();
  }
  out.end_array();
}

/// The names of a component's fields differ between the surfaces.
struct component_words {
  std::string_view started_at;
  std::string_view finished_at;
  std::string_view latency;
  fraction digits;
};
constexpr component_words native_words{"started_at", "finished_at", "latency_ms",
                                       fraction::when_needed};
constexpr component_words one_off_component_words{"startedAt", "finishedAt", "latencyMs",
                                                  fraction::always};

/// What a step of a pipeline was given and gave.
void write_part(json::writer& out, const task& subject, std::uint32_t at) {
  const auto found = subject.parts.find({at});
  if (found == subject.parts.end())
    return;
  const auto& [input, output] = *found->second;
  out.key("input").raw(input.empty() ? "null" : input);
  out.key("output").raw(output.empty() ? "null" : output);
}

/// `whole`: with what each was given and gave.
void write_components(json::writer& out, const task& subject, const component_words& words,
                      bool whole) {
  std::uint32_t at = 0;
  out.key("components").begin_array();
  for (const auto& part : subject.components) {
    out.begin_object();
    out.field("name", part.name);
    out.field("status", to_string(part.status));
    add(out, words.started_at, part.started_at, words.digits);
    add(out, words.finished_at, part.finished_at, words.digits);
    out.key(words.latency);
    if (part.started_at && part.finished_at)
      out.integer((*part.finished_at - *part.started_at).count());
    else
      out.null();
    add_progress(out, part.progress);
    add_text(out, "error", part.error);
    if (whole)
      write_part(out, subject, at++);
    out.end_object();
  }
  out.end_array();
}

void write_attempt(json::writer& out, const attempt& tried) {
  out.begin_object();
  out.field("number", std::int64_t{tried.number});
  add(out, "started_at", tried.started_at);
  add(out, "finished_at", tried.finished_at);
  out.field("outcome", to_string(tried.outcome));
  add_text(out, "error", tried.error);
  add_text(out, "worker", tried.worker);
  out.key("http_status");
  if (tried.http_status != 0)
    out.integer(tried.http_status);
  else
    out.null();
  add_text(out, "answer", tried.answer);
  if (tried.answer_cut)
    out.field("answer_truncated", true);
  if (tried.exit_code)
    out.field("exit_code", *tried.exit_code);
  if (tried.signal != 0)
    out.field("signal", tried.signal);
  out.end_object();
}

void write_attempts(json::writer& out, const task& subject) {
  out.key("attempts").begin_array();
  for (const auto& tried : subject.attempts)
    write_attempt(out, tried);
  out.end_array();
}

void write_policies(json::writer& out, const task_spec& spec) {
  out.field("priority", spec.priority);
  add_retry(out, spec.retry);
  add_timeout(out, spec.timeout);
  add_texts(out, "tags", spec.tags);
  add_text(out, "unique_id", spec.unique_id);
  add_key_limit(out, spec.limit);
  add_notices(out, spec.notices);
}

/// What made it, and what it is for its maker.
void write_origin(json::writer& out, const task& subject) {
  const auto& spec = *subject.spec;
  out.field("triggered_by", to_string(spec.cause));
  out.key("schedule_id");
  if (spec.schedule)
    out.string(to_text(*spec.schedule));
  else
    out.null();
  if (spec.batch) {
    out.field("batch_id", to_batch_text(spec.batch->batch));
    out.field("batch_line", spec.batch->number);
  }
  if (spec.stands_for) {
    out.key("stands_for").begin_object();
    add(out, "last", spec.stands_for->last);
    out.field("count", spec.stands_for->count);
    out.end_object();
  }
  if (spec.parent)
    out.field("parent_id", to_text(spec.parent->task)).field("part", spec.parent->name);
  const auto* end = std::get_if<ended>(&subject.state);
  if (end != nullptr && end->because_of)
    out.field("because_of", to_text(*end->because_of));
  const auto* wait = std::get_if<scheduled>(&subject.state);
  if (wait != nullptr && wait->moved_to)
    add(out, "snoozed_to", wait->moved_to);
}

/// What a task that runs in steps waits for.
void write_waits(json::writer& out, const task& subject) {
  const auto* running = std::get_if<processing>(&subject.state);
  if (running == nullptr || running->runner != runner_kind::steps)
    return;
  const auto& waits = running->waits;
  out.key("waits_for").begin_object();
  out.key("tasks").begin_array();
  for (const auto& child : waits.children)
    out.string(to_text(child.id));
  out.end_array();
  add_text(out, "topic", waits.topic);
  add(out, "until", waits.until);
  out.end_object();
}

/// The worker's result is JSON already.
void write_result(json::writer& out, const task& subject) {
  out.key("result");
  if (subject.result.empty())
    out.null();
  else
    out.raw(subject.result);
}

std::string_view reason_of(const task& subject) {
  const auto* end = std::get_if<ended>(&subject.state);
  return end == nullptr ? std::string_view{} : to_string(end->reason);
}

moment next_attempt_at(const task& subject) {
  const auto* wait = std::get_if<retrying>(&subject.state);
  return wait == nullptr ? moment{} : moment{wait->due_at};
}

moment lease_expires_at(const task& subject) {
  const auto* running = std::get_if<processing>(&subject.state);
  return running == nullptr ? moment{} : running->lease_until;
}

/// Of a task that waits for its target to call back.
moment callback_expires_at(const task& subject) {
  const auto* running = std::get_if<processing>(&subject.state);
  if (running == nullptr || running->runner != runner_kind::callback)
    return std::nullopt;
  return attempt_deadline(subject, *running);
}

}  // namespace

// -- native ---------------------------------------------------------------------

void write_native(json::writer& out, const task& subject, const std::vector<task_news>* news) {
  const auto& spec = *subject.spec;
  out.begin_object();
  out.field("id", to_text(subject.id));
  out.field("status", to_string(status_of(subject)));
  add_text(out, "reason", reason_of(subject));
  add_target(out, spec.target);
  add_command(out, spec.command);
  add_text(out, "task_type", spec.task_type);
  out.key("payload").raw(spec.payload);
  if (const auto event = event_of(spec); !event.empty() && news != nullptr)
    out.key("event").raw(event);
  add(out, "scheduled_for", spec.scheduled_for);
  add(out, "expires_after", spec.expires_at);
  add(out, "created_at", spec.created_at);
  add_text(out, "created_by", spec.created_by);
  add(out, "triggered_at", subject.triggered_at);
  add(out, "started_at", started_at(subject));
  add(out, "finished_at", finished_at(subject));
  add(out, "next_attempt_at", next_attempt_at(subject));
  add(out, "lease_expires_at", lease_expires_at(subject));
  if (const auto end = callback_expires_at(subject))
    add(out, "callback_expires_at", end);
  out.field("trace_id", trace_id_of(subject));
  write_origin(out, subject);
  write_waits(out, subject);
  write_policies(out, spec);
  write_attempts(out, subject);
  write_components(out, subject, native_words, news != nullptr);
  write_result(out, subject);
  if (news != nullptr)
    write_events(out, subject, *news, fraction::when_needed);
  out.end_object();
}

std::string native_task(const task& subject, const std::vector<task_news>* news) {
  json::writer out;
  write_native(out, subject, news);
  return out.take();
}

std::string attempts_page(const task& subject, std::size_t offset, std::size_t limit) {
  const auto& all = subject.attempts;
  const auto begin = std::min(offset, all.size());
  const auto end = begin + std::min(limit, all.size() - begin);
  json::writer out;
  out.begin_object();
  out.field("total", all.size());
  out.field("limit", limit);
  out.field("offset", offset);
  out.field("has_more", end < all.size());
  out.key("attempts").begin_array();
  for (auto at = begin; at < end; ++at)
    write_attempt(out, all[at]);
  out.end_array().end_object();
  return out.take();
}

// -- 000 ------------------------------------------------------------------------

void write_one_off(json::writer& out, const task& subject, const std::vector<task_news>* news) {
  const auto& spec = *subject.spec;
  const auto id = to_uuid(subject.id);
  out.begin_object();
  out.field("id", id);
  out.field("taskId", id);
  out.field("taskType", spec.task_type);
  out.key("payload").raw(spec.payload);
  // The wanted time until it fires, then the real one.
  add(out, "triggeredAt", subject.triggered_at.value_or(spec.scheduled_for), fraction::always);
  add(out, "scheduledFor", spec.scheduled_for, fraction::always);
  out.field("status", one_off_word(status_of(subject)));
  add_text(out, "reason", reason_of(subject));
  add(out, "createdAt", spec.created_at, fraction::always);
  add(out, "finishedAt", finished_at(subject), fraction::always);
  write_components(out, subject, one_off_component_words, false);
  if (news != nullptr)
    write_events(out, subject, *news, fraction::always);
  out.end_object();
}

std::string one_off_task(const task& subject, const std::vector<task_news>* news) {
  json::writer out;
  write_one_off(out, subject, news);
  return out.take();
}

std::string_view one_off_word(task_status status) {
  return std::ranges::find(one_off_names, status, &one_off_name::status)->word;
}

std::vector<task_status> one_off_statuses(std::string_view word) {
  std::vector<task_status> statuses;
  const auto same_letter = [](char one, char other) {
    return std::toupper(static_cast<unsigned char>(one)) == other;
  };
  for (const auto& [known, status] : one_off_names)
    if (std::ranges::equal(word, known, same_letter))
      statuses.push_back(status);
  return statuses;
}

}  // namespace carillon::http
