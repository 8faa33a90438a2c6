#include "storage/state_record.hpp"

#include "model/overloaded.hpp"
#include "storage/record.hpp"
#include "storage/step_record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
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
  moved_to,
  held,
  because_of,
  stopping,
  waits,
  children_made,
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
  answer,
  exit_code,
  signal,
  answer_cut,
};
}
namespace component_field {
enum : std::uint32_t { name = 1, status, started_at, finished_at, progress, error };
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
  if (tried.exit_code)
    out.number(attempt_field::exit_code, *tried.exit_code);
  if (tried.signal != 0)
    out.number(attempt_field::signal, tried.signal);
  if (tried.answer_cut)
    out.number(attempt_field::answer_cut, 1);
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
        tried.outcome = in.word<attempt_outcome>(attempt_outcome::start_failed);
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
      case attempt_field::exit_code:
        tried.exit_code = static_cast<int>(in.number());
        break;
      case attempt_field::signal:
        tried.signal = static_cast<int>(in.number());
        break;
      case attempt_field::answer_cut:
        tried.answer_cut = in.number() != 0;
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
  out.text(component_field::error, part.error);
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
        part.status = in.word<component_status>(component_status::skipped);
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
      case component_field::error:
        part.error = in.text();
        break;
    }
  }
  return in.ok();
}

void write_state(record_writer& out, const task_state& state) {
  std::visit(
      overloaded{
          [&](const scheduled& waiting) { out.moment(state_field::moved_to, waiting.moved_to); },
          [&](const queued& waiting) {
            out.moment(state_field::since, waiting.since);
            if (waiting.held)
              out.number(state_field::held, 1);
          },
          [&](const processing& running) {
            out.number(state_field::runner, static_cast<int>(running.runner));
            out.number(state_field::token, static_cast<std::int64_t>(running.token));
            out.moment(state_field::lease_until, running.lease_until);
            out.number(state_field::server_epoch, static_cast<std::int64_t>(running.server_epoch));
            if (running.stopping)
              out.number(state_field::stopping, static_cast<int>(*running.stopping));
            if (running.runner == runner_kind::steps)
              out.bytes(state_field::waits, encode_waits(running.waits));
          },
          [&](const retrying& waiting) { out.moment(state_field::since, waiting.due_at); },
          [&](const ended& end) {
            out.moment(state_field::since, end.at);
            out.number(state_field::reason, static_cast<int>(end.reason));
            if (end.because_of)
              out.bytes(state_field::because_of, id_bytes(*end.because_of));
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
  std::optional<instant> moved_to = {};
  bool held = false;
  std::optional<task_id> because_of = {};
};

task_state to_state(const raw_state& raw) {
  switch (raw.status) {
    case task_status::scheduled:
      return scheduled{raw.moved_to};
    case task_status::queued:
      return queued{raw.since, raw.held};
    case task_status::processing:
      return raw.running;
    case task_status::retrying:
      return retrying{raw.since};
    default:
      return ended{raw.status, raw.reason, raw.since, raw.because_of};
  }
}

/// Reads one field of a task that is under way; the others are left alone.
void read_running_field(record_reader& in, processing& running) {
  switch (in.field()) {
    case state_field::runner:
      running.runner = in.word<runner_kind>(runner_kind::callback);
      break;
    case state_field::token:
      running.token = static_cast<std::uint64_t>(in.number());
      break;
    case state_field::lease_until:
      running.lease_until = in.moment();
      break;
    case state_field::server_epoch:
      running.server_epoch = static_cast<std::uint64_t>(in.number());
      break;
    case state_field::stopping:
      running.stopping = in.word<end_reason>(end_reason::server_stopped);
      break;
  }
}

/// Reads one field of a state record; false when it holds broken bytes.
bool read_state_field(record_reader& in, raw_state& raw, task& subject) {
  switch (in.field()) {
    case state_field::status:
      raw.status = in.word<task_status>(task_status::skipped);
      return true;
    case state_field::since:
      raw.since = in.moment();
      return true;
    case state_field::reason:
      raw.reason = in.word<end_reason>(end_reason::server_stopped);
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
    case state_field::waits:
      return decode_waits(in.bytes(), raw.running.waits);
    case state_field::children_made:
      subject.children_made = static_cast<std::uint32_t>(in.number());
      return true;
    case state_field::moved_to:
      raw.moved_to = in.moment();
      return true;
    case state_field::held:
      raw.held = in.number() != 0;
      return true;
    case state_field::because_of:
      raw.because_of = read_id(in.bytes());
      return raw.because_of.has_value();
    default:
      read_running_field(in, raw.running);
      return true;
  }
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
  if (subject.children_made != 0)
    out.number(state_field::children_made, subject.children_made);
  return out.data();
}

bool decode_state(std::string_view bytes, task& subject) {
  record_reader in{bytes};
  raw_state raw;
  while (in.next())
    if (!read_state_field(in, raw, subject))
      return false;
  subject.state = to_state(raw);
  const bool has_attempt = raw.status != task_status::processing || !subject.attempts.empty();
  return in.ok() && in.version() <= record_version && has_attempt;
}

}  // namespace carillon::storage
