#include "http/run_output.hpp"

#include "http/work_output.hpp"

namespace carillon::http {
namespace {

bool is_last(const run_row& row) {
  return row.tried == nullptr || row.tried == &row.subject->attempts.back();
}

std::string_view reason_of(const run_row& row) {
  const auto* end = std::get_if<ended>(&row.subject->state);
  if (end != nullptr && is_last(row))
    return to_string(end->reason);
  const bool has_ended = row.tried != nullptr && row.tried->finished_at;
  return has_ended ? to_string(row.tried->outcome) : std::string_view{};
}

/// When it was made: the first with its task, a retry when it began.
instant created_at(const run_row& row) {
  return row.number() == 1 ? row.subject->spec->created_at : row.tried->started_at;
}

void write_lease(json::writer& out, const run_row& row) {
  add_text(out, "lease_owner", row.tried == nullptr ? std::string_view{} : row.tried->worker);
  const auto* running = std::get_if<processing>(&row.subject->state);
  const bool holds_lease = running != nullptr && row.tried != nullptr && is_last(row);
  add(out, "leased_until", holds_lease ? running->lease_until : std::nullopt);
}

void write_outcome(json::writer& out, const run_row& row, bool with_error) {
  const auto success = success_of(row);
  out.key("success");
  if (success)
    out.boolean(*success);
  else
    out.null();
  const bool shows_error = with_error && row.tried != nullptr;
  add_text(out, "error", shows_error ? std::string_view{row.tried->error} : std::string_view{});
  out.key("output");
  if (success == true && !row.subject->result.empty())
    out.raw(row.subject->result);
  else
    out.null();
}

}  // namespace

std::vector<run_row> rows_of(const task& subject) {
  std::vector<run_row> rows;
  if (!subject.spec->schedule)
    return rows;
  for (auto each = subject.attempts.rbegin(); each != subject.attempts.rend(); ++each)
    rows.push_back({&subject, &*each});
  if (rows.empty() && subject.triggered_at)
    rows.push_back({&subject, nullptr});
  return rows;
}

task_status status_of(const run_row& row) {
  if (row.tried == nullptr)
    return status_of(*row.subject);
  switch (row.tried->outcome) {
    case attempt_outcome::running:
      return task_status::processing;
    case attempt_outcome::success:
      return task_status::completed;
    case attempt_outcome::canceled:
      return task_status::canceled;
    default:
      return task_status::failed;
  }
}

std::optional<bool> success_of(const run_row& row) {
  if (row.tried == nullptr || !row.tried->finished_at)
    return std::nullopt;
  return row.tried->outcome == attempt_outcome::success;
}

instant time_of(const run_row& row) {
  return row.tried == nullptr ? row.subject->spec->created_at : row.tried->started_at;
}

void write_run(json::writer& out, const run_row& row, bool with_error) {
  const auto& spec = *row.subject->spec;
  const bool has_begun = row.tried != nullptr;
  out.begin_object();
  out.field("id", to_uuid(run_id(row.subject->id, row.number())));
  out.field("task_id", to_uuid(*spec.schedule));
  out.field("attempt", row.number());
  out.field("status", to_string(status_of(row)));
  add_text(out, "reason", reason_of(row));
  write_lease(out, row);
  add(out, "scheduled_for", spec.scheduled_for);
  out.field("triggered_by", to_string(spec.cause));
  add(out, "started_at", has_begun ? std::optional{row.tried->started_at} : std::nullopt);
  add(out, "finished_at", has_begun ? row.tried->finished_at : std::nullopt);
  write_outcome(out, row, with_error);
  add(out, "created_at", created_at(row));
  out.end_object();
}

}  // namespace carillon::http
