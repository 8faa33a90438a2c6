#include "storage/schedule_record.hpp"

#include <utility>

#include "storage/record.hpp"
#include "storage/service_record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace spec_field {
enum : std::uint32_t {
  name = 1,
  description,
  created_by,
  kind,
  expr,
  timezone,
  dst_gap,
  dst_repeat,
  start_at,
  end_at,
  jitter,
  lead,
  catch_up,
  catch_up_window,
  catch_up_limit,
  overlap,
  parallelism,
  queue_limit,
  dedupe_key,
  dedupe_window,
  work,
  expires_after,
  created_at,
  service,
  keep,
  file,
};
}
namespace state_field {
enum : std::uint32_t {
  status = 1,
  updated_at,
  cursor,
  answered,
  counted_last,
  execution_count,
  last_execution_at,
  paused_at,
  next_at,
  wake_at,
  slot,
};
}
namespace agent_field {
enum : std::uint32_t { id = 1, name, scope, created_at, updated_at };
}

/// A template is written as the spec of a task that has no times yet.
task_spec to_spec(const task_template& work) {
  task_spec spec;
  spec.task_type = work.task_type;
  spec.target = work.target;
  spec.runs_pipeline = work.runs_pipeline;
  spec.command = work.command;
  spec.payload = work.payload;
  spec.tags = work.tags;
  spec.components = work.components;
  spec.priority = work.priority;
  spec.retry = work.retry;
  spec.timeout = work.timeout;
  spec.has_default_timeout = work.has_default_timeout;
  spec.limit = work.limit;
  spec.notices = work.notices;
  return spec;
}

bool read_work(std::string_view bytes, task_template& work) {
  auto spec = decode_spec(bytes);
  if (!spec)
    return false;
  work.task_type = std::move(spec->task_type);
  work.target = std::move(spec->target);
  work.runs_pipeline = spec->runs_pipeline;
  work.command = spec->command;
  work.payload = std::move(spec->payload);
  work.tags = std::move(spec->tags);
  work.components = std::move(spec->components);
  work.priority = spec->priority;
  work.retry = spec->retry;
  work.timeout = spec->timeout;
  work.has_default_timeout = spec->has_default_timeout;
  work.limit = std::move(spec->limit);
  work.notices = std::move(spec->notices);
  return true;
}

void write_rule(record_writer& out, const schedule_spec& spec) {
  out.number(spec_field::kind, static_cast<int>(spec.kind));
  out.text(spec_field::expr, spec.expr);
  out.text(spec_field::timezone, spec.timezone);
  out.number(spec_field::dst_gap, static_cast<int>(spec.dst.gap));
  out.number(spec_field::dst_repeat, static_cast<int>(spec.dst.repeat));
  out.moment(spec_field::start_at, spec.start_at);
  out.moment(spec_field::end_at, spec.end_at);
  out.number(spec_field::jitter, spec.jitter.count());
  out.number(spec_field::lead, spec.lead.count());
}

void write_policies(record_writer& out, const schedule_spec& spec) {
  out.number(spec_field::catch_up, static_cast<int>(spec.catch_up.policy));
  if (spec.catch_up.window)
    out.number(spec_field::catch_up_window, spec.catch_up.window->count());
  out.number(spec_field::catch_up_limit, spec.catch_up.limit);
  out.number(spec_field::overlap, static_cast<int>(spec.overlap.policy));
  out.number(spec_field::parallelism, spec.overlap.parallelism);
  out.number(spec_field::queue_limit, spec.overlap.queue_limit);
  out.text(spec_field::dedupe_key, spec.dedupe_key);
  out.number(spec_field::dedupe_window, spec.dedupe_window.count());
}

void read_policy_field(record_reader& in, schedule_spec& spec) {
  switch (in.field()) {
    case spec_field::catch_up:
      spec.catch_up.policy = in.word<catch_up_policy>(catch_up_policy::skip);
      break;
    case spec_field::catch_up_window:
      spec.catch_up.window = duration{in.number()};
      break;
    case spec_field::catch_up_limit:
      spec.catch_up.limit = static_cast<int>(in.number());
      break;
    case spec_field::overlap:
      spec.overlap.policy = in.word<overlap_policy>(overlap_policy::allow);
      break;
    case spec_field::parallelism:
      spec.overlap.parallelism = static_cast<int>(in.number());
      break;
    case spec_field::queue_limit:
      spec.overlap.queue_limit = static_cast<int>(in.number());
      break;
    case spec_field::dedupe_key:
      spec.dedupe_key = in.text();
      break;
    case spec_field::dedupe_window:
      spec.dedupe_window = duration{in.number()};
      break;
  }
}

void read_rule_field(record_reader& in, schedule_spec& spec) {
  switch (in.field()) {
    case spec_field::kind:
      spec.kind = in.word<schedule_kind>(schedule_kind::service);
      break;
    case spec_field::expr:
      spec.expr = in.text();
      break;
    case spec_field::timezone:
      spec.timezone = in.text();
      break;
    case spec_field::dst_gap:
      spec.dst.gap = in.word<dst_gap>(dst_gap::skip);
      break;
    case spec_field::dst_repeat:
      spec.dst.repeat = in.word<dst_repeat>(dst_repeat::both);
      break;
    case spec_field::start_at:
      spec.start_at = in.moment();
      break;
    case spec_field::end_at:
      spec.end_at = in.moment();
      break;
    case spec_field::jitter:
      spec.jitter = duration{in.number()};
      break;
    case spec_field::lead:
      spec.lead = duration{in.number()};
      break;
    default:
      read_policy_field(in, spec);
  }
}

/// False when it holds broken bytes.
bool read_spec_field(record_reader& in, schedule_spec& spec, schedule& subject) {
  switch (in.field()) {
    case spec_field::name:
      spec.name = in.text();
      return true;
    case spec_field::description:
      spec.description = in.text();
      return true;
    case spec_field::created_by:
      spec.created_by = in.text();
      return true;
    case spec_field::work:
      return read_work(in.bytes(), spec.work);
    case spec_field::expires_after:
      spec.work.expires_after = duration{in.number()};
      return true;
    case spec_field::created_at:
      subject.created_at = in.moment();
      return true;
    case spec_field::service:
      return decode_service(in.bytes(), spec.service);
    case spec_field::keep:
      return decode_retention(in.bytes(), spec.keep);
    case spec_field::file:
      return decode_file_facts(in.bytes(), spec.file.emplace());
    default:
      read_rule_field(in, spec);
      return true;
  }
}

/// False when it holds broken bytes.
bool read_state_field(record_reader& in, schedule& subject) {
  switch (in.field()) {
    case state_field::status:
      subject.status = in.word<schedule_status>(schedule_status::deleted);
      break;
    case state_field::updated_at:
      subject.updated_at = in.moment();
      break;
    case state_field::cursor:
      subject.cursor = in.moment();
      break;
    case state_field::answered:
      subject.answered.push_back(in.moment());
      break;
    case state_field::counted_last:
      subject.counted_last = local_seconds{std::chrono::seconds{in.number()}};
      break;
    case state_field::execution_count:
      subject.execution_count = in.number();
      break;
    case state_field::last_execution_at:
      subject.last_execution_at = in.moment();
      break;
    case state_field::paused_at:
      subject.paused_at = in.moment();
      break;
    case state_field::next_at:
      subject.next_at = in.moment();
      break;
    case state_field::wake_at:
      subject.wake_at = in.moment();
      break;
    case state_field::slot:
      return decode_slot(in.bytes(), subject.slots.emplace_back());
  }
  return true;
}

}  // namespace

std::string encode_schedule_spec(const schedule& subject) {
  const auto& spec = *subject.spec;
  record_writer out{record_version};
  out.text(spec_field::name, spec.name);
  out.text(spec_field::description, spec.description);
  out.text(spec_field::created_by, spec.created_by);
  out.moment(spec_field::created_at, subject.created_at);
  write_rule(out, spec);
  write_policies(out, spec);
  out.bytes(spec_field::work, encode_spec(to_spec(spec.work)));
  if (spec.work.expires_after)
    out.number(spec_field::expires_after, spec.work.expires_after->count());
  if (spec.kind == schedule_kind::service)
    out.bytes(spec_field::service, encode_service(spec.service));
  if (!spec.keep.empty())
    out.bytes(spec_field::keep, encode_retention(spec.keep));
  if (spec.file)
    out.bytes(spec_field::file, encode_file_facts(*spec.file));
  return out.data();
}

std::string encode_schedule_state(const schedule& subject) {
  record_writer out{record_version};
  out.number(state_field::status, static_cast<int>(subject.status));
  out.moment(state_field::updated_at, subject.updated_at);
  out.moment(state_field::cursor, subject.cursor);
  for (const auto at : subject.answered)
    out.moment(state_field::answered, at);
  if (subject.counted_last)
    out.number(state_field::counted_last, subject.counted_last->time_since_epoch().count());
  out.number(state_field::execution_count, subject.execution_count);
  out.moment(state_field::last_execution_at, subject.last_execution_at);
  out.moment(state_field::paused_at, subject.paused_at);
  out.moment(state_field::next_at, subject.next_at);
  out.moment(state_field::wake_at, subject.wake_at);
  for (const auto& slot : subject.slots)
    out.bytes(state_field::slot, encode_slot(slot));
  return out.data();
}

expected<schedule> decode_schedule(const schedule_id& id, std::string_view spec_row,
                                   std::string_view state_row) {
  const problem corrupt{problem_kind::corrupt, "the row of " + to_text(id) + " does not decode"};
  auto spec = std::make_shared<schedule_spec>();
  schedule subject;
  subject.id = id;
  record_reader definition{spec_row};
  while (definition.next())
    if (!read_spec_field(definition, *spec, subject))
      return corrupt;
  record_reader state{state_row};
  while (state.next())
    if (!read_state_field(state, subject))
      return corrupt;
  if (!definition.ok() || definition.version() > record_version || !state.ok()
      || state.version() > record_version)
    return corrupt;
  subject.spec = std::move(spec);
  return subject;
}

std::string encode_agent(const agent& subject) {
  record_writer out{record_version};
  out.bytes(agent_field::id, subject.id);
  out.text(agent_field::name, subject.name);
  for (const auto& scope : subject.scopes)
    out.bytes(agent_field::scope, scope);
  out.moment(agent_field::created_at, subject.created_at);
  out.moment(agent_field::updated_at, subject.updated_at);
  return out.data();
}

expected<agent> decode_agent(std::string_view row) {
  agent subject;
  record_reader in{row};
  while (in.next()) {
    switch (in.field()) {
      case agent_field::id:
        subject.id = in.text();
        break;
      case agent_field::name:
        subject.name = in.text();
        break;
      case agent_field::scope:
        subject.scopes.push_back(in.text());
        break;
      case agent_field::created_at:
        subject.created_at = in.moment();
        break;
      case agent_field::updated_at:
        subject.updated_at = in.moment();
        break;
    }
  }
  if (!in.ok() || in.version() > record_version)
    return problem{problem_kind::corrupt, "the row of an agent does not decode"};
  return subject;
}

std::uint64_t version_of(const schedule& subject) {
  record_writer rest{record_version};
  rest.number(state_field::status, static_cast<int>(subject.status));
  rest.moment(state_field::updated_at, subject.updated_at);
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char each : encode_schedule_spec(subject) + rest.data())
    hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001B3ULL;
  return hash;
}

}  // namespace carillon::storage
