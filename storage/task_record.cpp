#include "storage/task_record.hpp"

#include <utility>

#include "model/overloaded.hpp"
#include "storage/record.hpp"

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
};
}
namespace state_field {
enum : std::uint32_t {
  status = 1,
  since,
  runner,
  token,
  lease_until,
  server_epoch,
  reason,
  triggered_at,
  attempt,
  component,
  retries_used,
  crashes,
  leases_lost,
  result,
  news_count,
};
}
namespace attempt_field {
enum : std::uint32_t {
  number = 1,
  started_at,
  finished_at,
  outcome,
  error,
  worker,
  http_status,
  answer
};
}
namespace component_field {
enum : std::uint32_t { name = 1, status, started_at, finished_at, progress };
}
namespace news_field {
enum : std::uint32_t { time = 1, type, component, message, progress };
}
namespace header_field {
enum : std::uint32_t { name = 1, value };
}

std::string encode_attempt(const attempt& tried) {
  record_writer out{record_version};
  out.number(attempt_field::number, tried.number);
  out.moment(attempt_field::started_at, tried.started_at);
  out.moment(attempt_field::finished_at, tried.finished_at);
  out.number(attempt_field::outcome, static_cast<int>(tried.outcome));
  out.text(attempt_field::error, tried.error);
  out.text(attempt_field::worker, tried.worker);
  if (tried.http_status != 0)
    out.number(attempt_field::http_status, tried.http_status);
  out.text(attempt_field::answer, tried.answer);
  return out.data();
}

bool decode_attempt(std::string_view bytes, attempt& tried) {
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case attempt_field::number:
        tried.number = static_cast<int>(in.number());
        break;
      case attempt_field::started_at:
        tried.started_at = in.moment();
        break;
      case attempt_field::finished_at:
        tried.finished_at = in.moment();
        break;
      case attempt_field::outcome:
        tried.outcome = static_cast<attempt_outcome>(in.number());
        break;
      case attempt_field::error:
        tried.error = in.text();
        break;
      case attempt_field::worker:
        tried.worker = in.text();
        break;
      case attempt_field::http_status:
        tried.http_status = static_cast<int>(in.number());
        break;
      case attempt_field::answer:
        tried.answer = in.text();
        break;
    }
  }
  return in.ok();
}

std::string encode_component(const component& part) {
  record_writer out{record_version};
  out.bytes(component_field::name, part.name);
  out.number(component_field::status, static_cast<int>(part.status));
  out.moment(component_field::started_at, part.started_at);
  out.moment(component_field::finished_at, part.finished_at);
  if (part.progress)
    out.real(component_field::progress, *part.progress);
  return out.data();
}

bool decode_component(std::string_view bytes, component& part) {
  record_reader in{bytes};
  while (in.next()) {
    switch (in.field()) {
      case component_field::name:
        part.name = in.text();
        break;
      case component_field::status:
        part.status = static_cast<component_status>(in.number());
        break;
      case component_field::started_at:
        part.started_at = in.moment();
        break;
      case component_field::finished_at:
        part.finished_at = in.moment();
        break;
      case component_field::progress:
        part.progress = in.real();
        break;
    }
  }
  return in.ok();
}

void write_state(record_writer& out, const task_state& state) {
  std::visit(overloaded{
               [](const scheduled&) {},
               [&](const queued& waiting) { out.moment(state_field::since, waiting.since); },
               [&](const processing& running) {
                 out.number(state_field::runner, static_cast<int>(running.runner));
                 out.number(state_field::token, static_cast<std::int64_t>(running.token));
                 out.moment(state_field::lease_until, running.lease_until);
                 out.number(state_field::server_epoch,
                            static_cast<std::int64_t>(running.server_epoch));
               },
               [&](const retrying& waiting) { out.moment(state_field::since, waiting.due_at); },
               [&](const ended& end) {
                 out.moment(state_field::since, end.at);
                 out.number(state_field::reason, static_cast<int>(end.reason));
               },
             },
             state);
}

/// The fields of all states, before it is known which one they make.
struct raw_state {
  task_status status = task_status::scheduled;
  instant since;
  processing running{runner_kind::delivery};
  end_reason reason = end_reason::success;
};

task_state to_state(const raw_state& raw) {
  switch (raw.status) {
    case task_status::scheduled:
      return scheduled{};
    case task_status::queued:
      return queued{raw.since};
    case task_status::processing:
      return raw.running;
    case task_status::retrying:
      return retrying{raw.since};
    default:
      return ended{raw.status, raw.reason, raw.since};
  }
}

/// Reads one field of a state record; false when it holds broken bytes.
bool read_state_field(const record_reader& in, raw_state& raw, task& subject) {
  switch (in.field()) {
    case state_field::status:
      raw.status = static_cast<task_status>(in.number());
      return in.number() >= 0 && in.number() < static_cast<std::int64_t>(task_status_count);
    case state_field::since:
      raw.since = in.moment();
      return true;
    case state_field::runner:
      raw.running.runner = static_cast<runner_kind>(in.number());
      return true;
    case state_field::token:
      raw.running.token = static_cast<std::uint64_t>(in.number());
      return true;
    case state_field::lease_until:
      raw.running.lease_until = in.moment();
      return true;
    case state_field::server_epoch:
      raw.running.server_epoch = static_cast<std::uint64_t>(in.number());
      return true;
    case state_field::reason:
      raw.reason = static_cast<end_reason>(in.number());
      return true;
    case state_field::triggered_at:
      subject.triggered_at = in.moment();
      return true;
    case state_field::attempt:
      return decode_attempt(in.bytes(), subject.attempts.emplace_back());
    case state_field::component:
      return decode_component(in.bytes(), subject.components.emplace_back());
    case state_field::retries_used:
      subject.retries_used = static_cast<int>(in.number());
      return true;
    case state_field::crashes:
      subject.crashes = static_cast<int>(in.number());
      return true;
    case state_field::leases_lost:
      subject.leases_lost = static_cast<int>(in.number());
      return true;
    case state_field::result:
      subject.result = in.text();
      return true;
    case state_field::news_count:
      subject.news_count = static_cast<std::uint32_t>(in.number());
      return true;
    default:
      return true;
  }
}

bool decode_state(std::string_view bytes, task& subject) {
  record_reader in{bytes};
  raw_state raw;
  while (in.next())
    if (!read_state_field(in, raw, subject))
      return false;
  subject.state = to_state(raw);
  return in.ok() && in.version() <= record_version;
}

void write_target(record_writer& out, const http_target& target) {
  out.bytes(spec_field::target_url, target.url);
  out.text(spec_field::target_method, target.method);
  for (const auto& [name, value] : target.headers) {
    record_writer header{record_version};
    header.bytes(header_field::name, name);
    header.bytes(header_field::value, value);
    out.bytes(spec_field::target_header, header.data());
  }
}

void read_header(std::string_view bytes, http_target& target) {
  auto& [name, value] = target.headers.emplace_back();
  record_reader in{bytes};
  while (in.next())
    (in.field() == header_field::name ? name : value) = in.text();
}

void read_target_field(const record_reader& in, std::optional<http_target>& target) {
  if (!target)
    target.emplace();
  if (in.field() == spec_field::target_url)
    target->url = in.text();
  else if (in.field() == spec_field::target_method)
    target->method = in.text();
  else
    read_header(in.bytes(), *target);
}

void read_policy_field(const record_reader& in, retry_policy& policy) {
  switch (in.field()) {
    case spec_field::retries_max:
      policy.retries_max = static_cast<int>(in.number());
      break;
    case spec_field::backoff:
      policy.backoff = static_cast<backoff_kind>(in.number());
      break;
    case spec_field::delay:
      policy.delay = duration{in.number()};
      break;
    case spec_field::cap:
      policy.cap = duration{in.number()};
      break;
  }
}

void read_spec_field(const record_reader& in, task_spec& spec) {
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
      spec.cause = static_cast<trigger_cause>(in.number());
      break;
    case spec_field::target_url:
    case spec_field::target_method:
    case spec_field::target_header:
      read_target_field(in, spec.target);
      break;
    default:
      read_policy_field(in, spec.retry);
  }
}

problem corrupt(std::string_view what, const task_id& id) {
  return {problem_kind::corrupt,
          "the " + std::string{what} + " of " + to_text(id) + " does not decode"};
}

}  // namespace

std::string encode_state(const task& subject) {
  record_writer out{record_version};
  out.number(state_field::status, static_cast<int>(status_of(subject)));
  write_state(out, subject.state);
  out.moment(state_field::triggered_at, subject.triggered_at);
  for (const auto& tried : subject.attempts)
    out.bytes(state_field::attempt, encode_attempt(tried));
  for (const auto& part : subject.components)
    out.bytes(state_field::component, encode_component(part));
  if (subject.retries_used != 0)
    out.number(state_field::retries_used, subject.retries_used);
  if (subject.crashes != 0)
    out.number(state_field::crashes, subject.crashes);
  if (subject.leases_lost != 0)
    out.number(state_field::leases_lost, subject.leases_lost);
  out.text(state_field::result, subject.result);
  if (subject.news_count != 0)
    out.number(state_field::news_count, subject.news_count);
  return out.data();
}

std::string encode_task(const task& subject) {
  const auto& spec = *subject.spec;
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
  out.bytes(spec_field::first_state, encode_state(subject));
  return out.data();
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

std::string encode_news(const task_news& news) {
  record_writer out{record_version};
  out.moment(news_field::time, news.time);
  out.text(news_field::type, news.type);
  out.text(news_field::component, news.component);
  out.text(news_field::message, news.message);
  if (news.progress)
    out.real(news_field::progress, *news.progress);
  return out.data();
}

expected<task_news> decode_news(std::string_view row) {
  task_news news;
  record_reader in{row};
  while (in.next()) {
    switch (in.field()) {
      case news_field::time:
        news.time = in.moment();
        break;
      case news_field::type:
        news.type = in.text();
        break;
      case news_field::component:
        news.component = in.text();
        break;
      case news_field::message:
        news.message = in.text();
        break;
      case news_field::progress:
        news.progress = in.real();
        break;
    }
  }
  if (!in.ok() || in.version() > record_version)
    return problem{problem_kind::corrupt, "a piece of news does not decode"};
  return news;
}

}  // namespace carillon::storage
