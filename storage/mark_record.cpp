#include "storage/mark_record.hpp"

#include "storage/keys.hpp"
#include "storage/record.hpp"
#include "storage/task_record.hpp"

namespace carillon::storage {
namespace {

// Field numbers. Append only.
namespace audit_field {
enum : std::uint32_t {
  at = 1,
  who_kind,
  who_id,
  who_name,
  action,
  subject,
  made,
  status,
  count,
  before,
  after,
  address,
  request_id,
  user_agent,
};
}
namespace kept_field {
enum : std::uint32_t {
  fingerprint = 1,
  until,
  made,
  status,
  content_type,
  location,
  body,
  has_secret,
};
}

void write_id(record_writer& row, std::uint32_t field, const std::optional<task_id>& id) {
  if (id)
    row.bytes(field, id_bytes(*id));
}

}  // namespace

void encode_audit(const audit_record& what, change_set& out) {
  record_writer row{record_version};
  row.moment(audit_field::at, what.at);
  row.text(audit_field::who_kind, what.who_kind);
  row.text(audit_field::who_id, what.who_id);
  row.text(audit_field::who_name, what.who_name);
  row.text(audit_field::action, what.action);
  row.text(audit_field::subject, what.subject);
  write_id(row, audit_field::made, what.made);
  if (what.status != 0)
    row.number(audit_field::status, what.status);
  if (what.count != 0)
    row.number(audit_field::count, what.count);
  row.text(audit_field::before, what.before);
  row.text(audit_field::after, what.after);
  row.text(audit_field::address, what.address);
  row.text(audit_field::request_id, what.request_id);
  row.text(audit_field::user_agent, what.user_agent);
  out.put(space::rows, keys::audit_row(what.id), row.data());
}

expected<audit_record> decode_audit(const task_id& id, std::string_view row) {
  audit_record what;
  what.id = id;
  record_reader in{row};
  // clang-format off
  while (in.next())
    switch (in.field()) {
      case audit_field::at:         what.at = in.moment(); break;
      case audit_field::who_kind:   what.who_kind = in.text(); break;
      case audit_field::who_id:     what.who_id = in.text(); break;
      case audit_field::who_name:   what.who_name = in.text(); break;
      case audit_field::action:     what.action = in.text(); break;
      case audit_field::subject:    what.subject = in.text(); break;
      case audit_field::made:       what.made = read_id(in.bytes()); break;
      case audit_field::status:     what.status = static_cast<int>(in.number()); break;
      case audit_field::count:      what.count = in.number(); break;
      case audit_field::before:     what.before = in.text(); break;
      case audit_field::after:      what.after = in.text(); break;
      case audit_field::address:    what.address = in.text(); break;
      case audit_field::request_id: what.request_id = in.text(); break;
      case audit_field::user_agent: what.user_agent = in.text(); break;
      default: break;
    }
  // clang-format on
  if (!in.ok() || in.version() > record_version)
    return problem{problem_kind::corrupt,
                   "the record of a change " + to_uuid(id) + " does not decode"};
  return what;
}

void encode_kept(std::string_view key, const kept_answer& what, change_set& out) {
  record_writer row{record_version};
  row.bytes(kept_field::fingerprint, what.fingerprint);
  row.moment(kept_field::until, what.until);
  write_id(row, kept_field::made, what.made);
  if (what.status != 0)
    row.number(kept_field::status, what.status);
  row.text(kept_field::content_type, what.content_type);
  row.text(kept_field::location, what.location);
  row.text(kept_field::body, what.body);
  if (what.has_secret)
    row.number(kept_field::has_secret, 1);
  out.put(space::rows, keys::kept_row(key), row.data());
}

expected<kept_answer> decode_kept(std::string_view row) {
  kept_answer what;
  record_reader in{row};
  // clang-format off
  while (in.next())
    switch (in.field()) {
      case kept_field::fingerprint:  what.fingerprint = in.text(); break;
      case kept_field::until:        what.until = in.moment(); break;
      case kept_field::made:         what.made = read_id(in.bytes()); break;
      case kept_field::status:       what.status = static_cast<int>(in.number()); break;
      case kept_field::content_type: what.content_type = in.text(); break;
      case kept_field::location:     what.location = in.text(); break;
      case kept_field::body:         what.body = in.text(); break;
      case kept_field::has_secret:   what.has_secret = in.number() != 0; break;
      default: break;
    }
  // clang-format on
  if (!in.ok() || in.version() > record_version)
    return problem{problem_kind::corrupt, "the answer kept for an Idempotency-Key does not decode"};
  return what;
}

void leave_mark(request_mark& mark, const std::optional<task_id>& made, change_set& out) {
  if (mark.is_recorded) {
    mark.record.made = made;
    encode_audit(mark.record, out);
  }
  if (!mark.key.empty()) {
    mark.kept.made = made;
    encode_kept(mark.key, mark.kept, out);
  }
  mark.is_saved = true;
}

}  // namespace carillon::storage
