#include "storage/batch_record.hpp"

#include <utility>

#include "storage/command_record.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace batch_field {
enum : std::uint32_t { name = 1, idempotency_key, on_complete, call_timeout, metadata, created_at };
}
namespace call_field {
enum : std::uint32_t { url = 1, method, header, body };
}
namespace state_field {
enum : std::uint32_t {
  sealed_at = 1,
  canceled_at,
  finished_at,
  pass_kind,
  pass_next,
  completions,
  is_event_due,
  notice,
};
}

std::string encode_call(const http_target& target) {
  record_writer out{record_version};
  out.bytes(call_field::url, target.url);
  out.text(call_field::method, target.method);
  for (const auto& header : target.headers)
    out.bytes(call_field::header, encode_pair(header));
  if (target.body != body_form::payload)
    out.number(call_field::body, static_cast<int>(target.body));
  return out.data();
}

bool decode_call(std::string_view bytes, http_target& target) {
  record_reader in{bytes};
  while (in.next()) {
    if (in.field() == call_field::url)
      target.url = in.text();
    else if (in.field() == call_field::method)
      target.method = in.text();
    else if (in.field() == call_field::header)
      target.headers.push_back(decode_pair(in.bytes()));
    else if (in.field() == call_field::body)
      target.body = in.word<body_form>(body_form::none);
  }
  return in.ok();
}

bool decode_spec(std::string_view row, batch_spec& spec) {
  record_reader in{row};
  while (in.next()) {
    switch (in.field()) {
      case batch_field::name:
        spec.name = in.text();
        break;
      case batch_field::idempotency_key:
        spec.idempotency_key = in.text();
        break;
      case batch_field::on_complete:
        if (!decode_call(in.bytes(), spec.on_complete.emplace_back()))
          return false;
        break;
      case batch_field::call_timeout:
        spec.call_timeout = duration{in.number()};
        break;
      case batch_field::metadata:
        spec.metadata = in.text();
        break;
      case batch_field::created_at:
        spec.created_at = in.moment();
        break;
    }
  }
  return in.ok() && in.version() <= record_version;
}

void read_pass_field(record_reader& in, std::optional<batch_pass>& pass) {
  if (in.field() == state_field::pass_kind)
    pass = batch_pass{in.word<batch_pass_kind>(batch_pass_kind::retry_failed)};
  else if (pass)
    pass->next = static_cast<std::uint32_t>(in.number());
}

bool decode_state(std::string_view row, batch& subject) {
  record_reader in{row};
  while (in.next()) {
    switch (in.field()) {
      case state_field::sealed_at:
        subject.sealed_at = in.moment();
        break;
      case state_field::canceled_at:
        subject.canceled_at = in.moment();
        break;
      case state_field::finished_at:
        subject.finished_at = in.moment();
        break;
      case state_field::pass_kind:
      case state_field::pass_next:
        read_pass_field(in, subject.pass);
        break;
      case state_field::completions:
        subject.completions = static_cast<int>(in.number());
        break;
      case state_field::is_event_due:
        subject.is_event_due = in.number() != 0;
        break;
      case state_field::notice:
        if (const auto id = read_id(in.bytes()))
          subject.notices.push_back(*id);
        break;
    }
  }
  return in.ok() && in.version() <= record_version;
}

}  // namespace

std::string encode_batch(const batch_spec& spec) {
  record_writer out{record_version};
  out.text(batch_field::name, spec.name);
  out.text(batch_field::idempotency_key, spec.idempotency_key);
  for (const auto& call : spec.on_complete)
    out.bytes(batch_field::on_complete, encode_call(call));
  out.number(batch_field::call_timeout, spec.call_timeout.count());
  out.bytes(batch_field::metadata, spec.metadata);
  out.moment(batch_field::created_at, spec.created_at);
  return out.data();
}

std::string encode_batch_state(const batch& subject) {
  record_writer out{record_version};
  out.moment(state_field::sealed_at, subject.sealed_at);
  out.moment(state_field::canceled_at, subject.canceled_at);
  out.moment(state_field::finished_at, subject.finished_at);
  if (subject.pass) {
    out.number(state_field::pass_kind, static_cast<int>(subject.pass->kind));
    out.number(state_field::pass_next, subject.pass->next);
  }
  if (subject.completions != 0)
    out.number(state_field::completions, subject.completions);
  if (subject.is_event_due)
    out.number(state_field::is_event_due, 1);
  for (const auto& notice : subject.notices)
    out.bytes(state_field::notice, id_bytes(notice));
  return out.data();
}

expected<batch> decode_batch(const batch_id& id, std::string_view row,
                             std::optional<std::string_view> state_row) {
  auto spec = std::make_shared<batch_spec>();
  const bool is_whole = decode_spec(row, *spec);
  batch subject{id, std::move(spec)};
  if (!is_whole || (state_row && !decode_state(*state_row, subject)))
    return problem{problem_kind::corrupt,
                   "the record of " + to_batch_text(id) + " does not decode"};
  return subject;
}

}  // namespace carillon::storage
