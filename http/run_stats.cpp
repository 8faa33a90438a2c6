#include "http/run_stats.hpp"

#include <algorithm>
#include <numeric>

#include "http/work_output.hpp"

namespace carillon::http {
namespace {

constexpr std::array shown{task_status::queued, task_status::processing, task_status::completed,
                           task_status::failed, task_status::canceled,   task_status::expired};

/// Null when there is nothing to divide by.
void add_ratio(json::writer& out, std::string_view name, double part, std::int64_t of) {
  out.key(name);
  if (of == 0)
    out.null();
  else
    out.number(part / static_cast<double>(of));
}

}  // namespace

void run_stats::add(const run_row& row) {
  ++by_status_[static_cast<std::size_t>(status_of(row))];
  if (row.tried != nullptr)
    last_ = std::max(last_.value_or(row.tried->started_at), row.tried->started_at);
  const auto success = success_of(row);
  if (!success)
    return;
  ++(*success ? successful_ : failed_);
  busy_ += *row.tried->finished_at - row.tried->started_at;
}

void run_stats::write(json::writer& out) const {
  const auto finished = successful_ + failed_;
  out.field("total_runs", std::accumulate(by_status_.begin(), by_status_.end(), std::int64_t{0}));
  out.field("successful_runs", successful_);
  out.field("failed_runs", failed_);
  out.field("running_runs", by_status_[static_cast<std::size_t>(task_status::processing)]);
  out.key("runs_by_status").begin_object();
  for (const auto status : shown)
    out.field(to_string(status), by_status_[static_cast<std::size_t>(status)]);
  out.end_object();
  add_ratio(out, "success_rate", static_cast<double>(successful_), finished);
  add_ratio(out, "average_duration_seconds", std::chrono::duration<double>{busy_}.count(),
            finished);
  carillon::http::add(out, "last_run_at", last_);
}

}  // namespace carillon::http
