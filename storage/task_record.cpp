#include "storage/task_record.hpp"

#include <utility>

#include "storage/command_record.hpp"
#include "storage/record.hpp"
#include "storage/state_record.hpp"
#include "storage/step_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace spec_field {
enum : std::uint32_t {
  task_type = 1,
  payload,
  created_at,
  scheduled_for,
  expires_at,
  unique_id,
  tag,
  component,
  priority,
  retries_max,
  backoff,
  delay,
  cap,
  timeout,
  cause,
  target_url,
  target_method,
  target_header,
  first_state,
  runs_pipeline,
  limit_key,
  limit_concurrency,
  limit_rate,
  limit_period,
  schedule,
  event,
  range_last,
  range_count,
  command,
  instance,
  forgets_after,
  parent,
  notices,
  target_body,
  batch,
  batch_number,
  target_secret,
  target_signature,
  has_default_timeout,
  trace_parent,
  trace_state,
  created_by,
};
}
void write_target(record_writer& out, const http_target& target) {
  out.bytes(spec_field::target_url, target.url);
  out.text(spec_field::target_method, target.method);
  if (target.body != body_form::payload)
    out.number(spec_field::target_body, static_cast<int>(target.body));
  for (const auto& header : target.headers)
    out.bytes(spec_field::target_header, encode_pair(header));
  out.text(spec_field::target_secret, target.secret);
  if (target.signature != signature_form::standard)
    out.number(spec_field::target_signature, static_cast<int>(target.signature));
}

void read_target_field(record_reader& in, std::optional<http_target>& target) {
  if (!target)
    target.emplace();
  switch (in.field()) {
    case spec_field::target_url:
      target->url = in.text();
      break;
    case spec_field::target_method:
      target->method = in.text();
      break;
    case spec_field::target_header:
      target->headers.push_back(decode_pair(in.bytes()));
      break;
    case spec_field::target_secret:
      target->secret = in.text();
      break;
    case spec_field::target_body:
      target->body = in.word<body_form>(body_form::none);
      break;
    case spec_field::target_signature:
      target->signature = in.word<signature_form>(signature_form::timestamped);
      break;
  }
}

void read_policy_field(record_reader& in, retry_policy& policy) {
  switch (in.field()) {
    case spec_field::retries_max:
      policy.retries_max = static_cast<int>(in.number());
      break;
    case spec_field::backoff:
      policy.backoff = in.word<backoff_kind>(backoff_kind::steep);
      break;
    case spec_field::delay:
      policy.delay = duration{in.number()};
      break;
    case spec_field::cap:
      policy.cap = duration{in.number()};
      break;
    case spec_field::forgets_after:
      policy.forgets_after = duration{in.number()};
      break;
  }
}

void read_limit(record_reader& in, key_limit& limit) {
  switch (in.field()) {
    case spec_field::limit_key:
      limit.key = in.text();
      break;
    case spec_field::limit_concurrency:
      limit.concurrency = static_cast<int>(in.number());
      break;
    case spec_field::limit_rate:
      limit.rate = static_cast<int>(in.number());
      break;
    case spec_field::limit_period:
      limit.period = duration{in.number()};
      break;
  }
}

void write_limit(record_writer& out, const key_limit& limit) {
  if (limit.key.empty())
    return;
  out.bytes(spec_field::limit_key, limit.key);
  out.number(spec_field::limit_concurrency, limit.concurrency);
  if (limit.rate != 0) {
    out.number(spec_field::limit_rate, limit.rate);
    out.number(spec_field::limit_period, limit.period.count());
  }
}

/// What its schedule, its batch or whoever asked for it adds to a task.
void write_origin(record_writer& out, const task_spec& spec) {
  if (spec.schedule)
    out.bytes(spec_field::schedule, id_bytes(*spec.schedule));
  out.text(spec_field::event, spec.event);
  if (spec.stands_for) {
    out.moment(spec_field::range_last, spec.stands_for->last);
    out.number(spec_field::range_count, spec.stands_for->count);
  }
  if (spec.batch) {
    out.bytes(spec_field::batch, id_bytes(spec.batch->batch));
    out.number(spec_field::batch_number, spec.batch->number);
  }
  out.text(spec_field::trace_parent, spec.trace.parent);
  out.text(spec_field::trace_state, spec.trace.state);
  out.text(spec_field::created_by, spec.created_by);
}

/// The fields that newer versions have added; the rest is the retry policy's.
void read_added_field(record_reader& in, task_spec& spec) {
  switch (in.field()) {
    case spec_field::command:
      spec.command = decode_command(in.bytes());
      break;
    case spec_field::instance:
      spec.instance = static_cast<int>(in.number());
      break;
    case spec_field::parent:
      spec.parent = decode_parent(in.bytes());
      break;
    case spec_field::notices:
      spec.notices = decode_notices(in.bytes());
      break;
    case spec_field::runs_pipeline:
      spec.runs_pipeline = in.number() != 0;
      break;
    case spec_field::has_default_timeout:
      spec.has_default_timeout = in.number() != 0;
      break;
    case spec_field::limit_key:
    case spec_field::limit_concurrency:
    case spec_field::limit_rate:
    case spec_field::limit_period:
      read_limit(in, spec.limit);
      break;
    case spec_field::schedule:
      spec.schedule = read_id(in.bytes());
      break;
    case spec_field::event:
      spec.event = in.text();
      break;
    case spec_field::range_last:
      spec.stands_for = moment_range{in.moment(), 0};
      break;
    case spec_field::range_count:
      if (spec.stands_for)
        spec.stands_for->count = in.number();
      break;
    case spec_field::batch:
      if (const auto id = read_id(in.bytes()))
        spec.batch = batch_place{*id, 0};
      break;
    case spec_field::batch_number:
      if (spec.batch)
        spec.batch->number = static_cast<std::uint32_t>(in.number());
      break;
    case spec_field::trace_parent:
      spec.trace.parent = in.text();
      break;
    case spec_field::created_by:
      spec.created_by = in.text();
      break;
    case spec_field::trace_state:
      spec.trace.state = in.text();
      break;
    default:
      read_policy_field(in, spec.retry);
  }
}

void read_spec_field(record_reader& in, task_spec& spec) {
  switch (in.field()) {
    case spec_field::task_type:
      spec.task_type = in.text();
      break;
    case spec_field::payload:
      spec.payload = in.text();
      break;
    case spec_field::created_at:
      spec.created_at = in.moment();
      break;
    case spec_field::scheduled_for:
      spec.scheduled_for = in.moment();
      break;
    case spec_field::expires_at:
      spec.expires_at = in.moment();
      break;
    case spec_field::unique_id:
      spec.unique_id = in.text();
      break;
    case spec_field::tag:
      spec.tags.push_back(in.text());
      break;
    case spec_field::component:
      spec.components.push_back(in.text());
      break;
    case spec_field::priority:
      spec.priority = static_cast<int>(in.number());
      break;
    case spec_field::timeout:
      spec.timeout = duration{in.number()};
      break;
    case spec_field::cause:
      spec.cause = in.word<trigger_cause>(trigger_cause::notice);
      break;
    case spec_field::target_url:
    case spec_field::target_method:
    case spec_field::target_header:
    case spec_field::target_body:
    case spec_field::target_secret:
    case spec_field::target_signature:
      read_target_field(in, spec.target);
      break;
    default:
      read_added_field(in, spec);
  }
}

problem corrupt(std::string_view what, const task_id& id) {
  return {problem_kind::corrupt,
          "the " + std::string{what} + " of " + to_text(id) + " does not decode"};
}

record_writer encode_fields(const task_spec& spec) {
  record_writer out{record_version};
  out.reserve(spec.payload.size() + 160);
  out.text(spec_field::task_type, spec.task_type);
  out.bytes(spec_field::payload, spec.payload);
  out.moment(spec_field::created_at, spec.created_at);
  out.moment(spec_field::scheduled_for, spec.scheduled_for);
  out.moment(spec_field::expires_at, spec.expires_at);
  out.text(spec_field::unique_id, spec.unique_id);
  for (const auto& tag : spec.tags)
    out.bytes(spec_field::tag, tag);
  for (const auto& name : spec.components)
    out.bytes(spec_field::component, name);
  out.number(spec_field::priority, spec.priority);
  out.number(spec_field::retries_max, spec.retry.retries_max);
  out.number(spec_field::backoff, static_cast<int>(spec.retry.backoff));
  out.number(spec_field::delay, spec.retry.delay.count());
  out.number(spec_field::cap, spec.retry.cap.count());
  out.number(spec_field::timeout, spec.timeout.count());
  out.number(spec_field::cause, static_cast<int>(spec.cause));
  if (spec.target)
    write_target(out, *spec.target);
  if (spec.runs_pipeline)
    out.number(spec_field::runs_pipeline, 1);
  if (spec.command)
    out.bytes(spec_field::command, encode_command(*spec.command));
  if (spec.instance != 0)
    out.number(spec_field::instance, spec.instance);
  if (spec.retry.forgets_after != duration{0})
    out.number(spec_field::forgets_after, spec.retry.forgets_after.count());
  if (spec.parent)
    out.bytes(spec_field::parent, encode_parent(*spec.parent));
  if (!spec.notices.urls.empty())
    out.bytes(spec_field::notices, encode_notices(spec.notices));
  if (spec.has_default_timeout)
    out.number(spec_field::has_default_timeout, 1);
  write_limit(out, spec.limit);
  write_origin(out, spec);
  return out;
}

}  // namespace

std::string encode_task(const task& subject) {
  auto out = encode_fields(*subject.spec);
  out.bytes(spec_field::first_state, encode_state(subject));
  return out.data();
}

std::string encode_spec(const task_spec& spec) {
  return encode_fields(spec).data();
}

expected<task_spec> decode_spec(std::string_view row) {
  task_spec spec;
  record_reader in{row};
  while (in.next())
    read_spec_field(in, spec);
  if (!in.ok() || in.version() > record_version)
    return problem{problem_kind::corrupt, "the template of a schedule does not decode"};
  return spec;
}

expected<task> decode_task(const task_id& id, std::string_view task_row,
                           std::optional<std::string_view> state_row) {
  auto spec = std::make_shared<task_spec>();
  std::string_view state = state_row.value_or(std::string_view{});
  record_reader in{task_row};
  while (in.next()) {
    if (in.field() != spec_field::first_state)
      read_spec_field(in, *spec);
    else if (!state_row)
      state = in.bytes();
  }
  if (!in.ok() || in.version() > record_version)
    return corrupt("row", id);
  task subject{id, std::move(spec), scheduled{}};
  if (!decode_state(state, subject))
    return corrupt("state", id);
  return subject;
}

std::string encode_limit(const key_limit& limit) {
  if (limit.key.empty())
    return {};
  record_writer out{record_version};
  write_limit(out, limit);
  return out.data();
}

std::shared_ptr<const key_limit> decode_limit(std::string_view value) {
  if (value.empty())
    return nullptr;
  key_limit limit;
  record_reader in{value};
  while (in.next())
    read_limit(in, limit);
  return limit.key.empty() ? nullptr : std::make_shared<const key_limit>(std::move(limit));
}

}  // namespace carillon::storage
