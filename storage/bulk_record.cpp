#include "storage/bulk_record.hpp"

#include <algorithm>
#include <utility>

#include "storage/keys.hpp"
#include "storage/record.hpp"

namespace carillon::storage {
namespace {

constexpr std::uint8_t bulk_version = 1;
constexpr std::size_t bytes_of_id = 16;

/// Never use a number twice.
namespace field {
constexpr std::uint32_t action = 1;
constexpr std::uint32_t status = 2;
constexpr std::uint32_t created_at = 3;
constexpr std::uint32_t finished_at = 4;
constexpr std::uint32_t total = 5;
constexpr std::uint32_t changed = 6;
constexpr std::uint32_t conflicts = 7;
constexpr std::uint32_t failed = 8;
constexpr std::uint32_t looked_at = 9;
constexpr std::uint32_t piece = 10;  ///< One id behind the other.
constexpr std::uint32_t is_last_piece = 11;
// Of the filter:
constexpr std::uint32_t wanted_status = 20;  ///< One field for each.
constexpr std::uint32_t task_type = 21;
constexpr std::uint32_t tag = 22;
constexpr std::uint32_t created_from = 23;
constexpr std::uint32_t created_to = 24;
constexpr std::uint32_t planned_from = 25;
constexpr std::uint32_t planned_to = 26;
constexpr std::uint32_t schedule = 27;
constexpr std::uint32_t text = 28;
constexpr std::uint32_t reason = 29;
constexpr std::uint32_t batch = 30;
constexpr std::uint32_t created_by = 31;
constexpr std::uint32_t ended_from = 32;
constexpr std::uint32_t ended_to = 33;
constexpr std::uint32_t payload_path = 34;
constexpr std::uint32_t payload_value = 35;  ///< One field for each, behind its path.
}  // namespace field

void write_filter(const task_filter& filter, record_writer& out) {
  for (const auto status : filter.statuses)
    out.number(field::wanted_status, static_cast<std::int64_t>(status));
  for (const auto& type : filter.task_types)
    out.bytes(field::task_type, type);
  for (const auto& tag : filter.tags)
    out.bytes(field::tag, tag);
  for (const auto reason : filter.reasons)
    out.number(field::reason, static_cast<std::int64_t>(reason));
  for (const auto& maker : filter.schedules)
    out.bytes(field::schedule, id_bytes(maker));
  for (const auto& batch : filter.batches)
    out.bytes(field::batch, id_bytes(batch));
  for (const auto& creator : filter.created_by)
    out.bytes(field::created_by, creator);
  out.moment(field::created_from, filter.created.from);
  out.moment(field::created_to, filter.created.to);
  out.moment(field::planned_from, filter.planned.from);
  out.moment(field::planned_to, filter.planned.to);
  out.moment(field::ended_from, filter.ended.from);
  out.moment(field::ended_to, filter.ended.to);
  for (const auto& match : filter.payload) {
    out.bytes(field::payload_path, match.path);
    for (const auto& value : match.values)
      out.bytes(field::payload_value, value);
  }
  if (filter.text)
    out.bytes(field::text, *filter.text);
}

/// What newer versions have added.
void read_added_field(record_reader& in, task_filter& filter) {
  switch (in.field()) {
    case field::reason:
      filter.reasons.push_back(in.word(end_reason::server_stopped));
      break;
    case field::batch:
      if (const auto id = read_id(in.bytes()))
        filter.batches.push_back(*id);
      break;
    case field::created_by:
      filter.created_by.push_back(in.text());
      break;
    case field::ended_from:
      filter.ended.from = in.moment();
      break;
    case field::ended_to:
      filter.ended.to = in.moment();
      break;
    case field::payload_path:
      filter.payload.push_back({in.text(), {}});
      break;
    case field::payload_value:
      if (!filter.payload.empty())
        filter.payload.back().values.push_back(in.text());
      break;
    default:
      break;
  }
}

void read_filter(record_reader& in, task_filter& filter) {
  switch (in.field()) {
    case field::wanted_status:
      filter.statuses.push_back(in.word(task_status::skipped));
      break;
    case field::task_type:
      filter.task_types.push_back(in.text());
      break;
    case field::tag:
      filter.tags.push_back(in.text());
      break;
    case field::created_from:
      filter.created.from = in.moment();
      break;
    case field::created_to:
      filter.created.to = in.moment();
      break;
    case field::planned_from:
      filter.planned.from = in.moment();
      break;
    case field::planned_to:
      filter.planned.to = in.moment();
      break;
    case field::schedule:
      if (const auto id = read_id(in.bytes()))
        filter.schedules.push_back(*id);
      break;
    case field::text:
      filter.text = in.text();
      break;
    default:
      read_added_field(in, filter);
  }
}

std::vector<task_id> read_ids(std::string_view bytes) {
  std::vector<task_id> ids;
  for (; bytes.size() >= bytes_of_id; bytes.remove_prefix(bytes_of_id))
    ids.push_back(*read_id(bytes.substr(0, bytes_of_id)));
  return ids;
}

void read_job(record_reader& in, bulk_job& job) {
  switch (in.field()) {
    case field::action:
      job.action = in.word(bulk_action::remove);
      break;
    case field::status:
      job.status = in.word(bulk_status::canceled);
      break;
    case field::created_at:
      job.created_at = in.moment();
      break;
    case field::finished_at:
      job.finished_at = in.moment();
      break;
    case field::total:
      job.total = in.number();
      break;
    case field::changed:
      job.changed = in.number();
      break;
    case field::conflicts:
      job.conflicts = in.number();
      break;
    case field::failed:
      job.failed = in.number();
      break;
    case field::looked_at:
      job.looked_at = read_id(in.bytes());
      break;
    case field::piece:
      job.piece = read_ids(in.bytes());
      break;
    case field::is_last_piece:
      job.is_last_piece = in.number() != 0;
      break;
    default:
      break;
  }
}

}  // namespace

std::string encode_bulk(const bulk_row& row) {
  const auto& job = row.job;
  record_writer out{bulk_version};
  out.number(field::action, static_cast<std::int64_t>(job.action));
  out.number(field::status, static_cast<std::int64_t>(job.status));
  out.moment(field::created_at, job.created_at);
  out.moment(field::finished_at, job.finished_at);
  if (job.total)
    out.number(field::total, *job.total);
  out.number(field::changed, job.changed);
  out.number(field::conflicts, job.conflicts);
  out.number(field::failed, job.failed);
  if (job.looked_at)
    out.bytes(field::looked_at, id_bytes(*job.looked_at));
  std::string ids;
  ids.reserve(job.piece.size() * bytes_of_id);
  for (const auto& id : job.piece)
    ids += id_bytes(id);
  out.text(field::piece, ids);
  if (job.is_last_piece)
    out.number(field::is_last_piece, 1);
  write_filter(row.filter, out);
  return out.data();
}

expected<bulk_row> decode_bulk(const task_id& id, std::string_view record) {
  bulk_row row;
  row.job.id = id;
  record_reader in{record};
  while (in.next()) {
    read_job(in, row.job);
    read_filter(in, row.filter);
  }
  if (!in.ok() || in.version() != bulk_version)
    return problem{problem_kind::corrupt, "the row of a bulk job does not decode"};
  return row;
}

void encode_bulk_change(const bulk_row& row, change_set& out) {
  out.put(space::rows, keys::bulk_row(row.job.id), encode_bulk(row));
}

void encode_bulk_removal(const task_id& job, change_set& out) {
  out.erase(space::rows, keys::bulk_row(job));
}

expected<std::optional<bulk_row>> load_bulk(const engine& disk, const task_id& job) {
  const auto record = disk.get(space::rows, keys::bulk_row(job));
  if (!record)
    return record.error();
  if (!*record)
    return std::optional<bulk_row>{};
  auto row = decode_bulk(job, **record);
  if (!row)
    return row.error();
  return std::optional<bulk_row>{*std::move(row)};
}

expected<std::vector<bulk_row>> load_bulks(const engine& disk) {
  std::vector<bulk_row> found;
  const auto prefix = keys::bulk_prefix();
  const auto at = std::move(disk.read(space::rows, 1).front());
  for (at->seek(prefix); at->valid() && at->key().starts_with(prefix); at->next()) {
    auto row = decode_bulk(keys::id_at_end(at->key()), at->value());
    if (!row)
      return row.error();
    found.push_back(*std::move(row));
  }
  std::ranges::reverse(found);
  return found;
}

}  // namespace carillon::storage
