#include "model/bulk_job.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace carillon {
namespace bulk {
namespace {

constexpr std::array open_statuses{task_status::scheduled, task_status::queued,
                                   task_status::processing, task_status::retrying};

bool is_open(task_status status) {
  return std::ranges::find(open_statuses, status) != open_statuses.end();
}

/// The task is what the action makes of it.
bool has_been_done(bulk_action action, std::optional<task_status> now_is) {
  switch (action) {
    case bulk_action::cancel:
      return now_is == task_status::canceled;
    case bulk_action::retry:
      return now_is && (is_open(*now_is) || *now_is == task_status::completed);
    case bulk_action::trigger:
      return now_is && *now_is != task_status::canceled && *now_is != task_status::skipped;
    case bulk_action::remove:
      return !now_is;
  }
  return false;
}

}  // namespace

bool applies(bulk_action action, task_status status) {
  switch (action) {
    case bulk_action::cancel:
      return is_open(status);
    case bulk_action::retry:
      return status == task_status::failed || status == task_status::retrying;
    case bulk_action::trigger:
      return status == task_status::scheduled;
    case bulk_action::remove:
      return !is_open(status);
  }
  return false;
}

std::vector<task_status> statuses_for(bulk_action action, const std::vector<task_status>& wanted) {
  std::vector<task_status> found;
  for (std::size_t number = 0; number < task_status_count; ++number) {
    const auto status = static_cast<task_status>(number);
    const bool asked = wanted.empty()
                           ? action != bulk_action::retry || status == task_status::failed
                           : std::ranges::find(wanted, status) != wanted.end();
    if (asked && applies(action, status))
      found.push_back(status);
  }
  return found;
}

task_event event_of(bulk_action action) {
  switch (action) {
    case bulk_action::cancel:
      return event::cancel{};
    case bulk_action::retry:
      return event::retry{};
    case bulk_action::trigger:
      return event::trigger{};
    case bulk_action::remove:
      break;
  }
  return event::forget{};
}

bool is_over(const bulk_job& job) {
  return job.status == bulk_status::completed || job.status == bulk_status::canceled;
}

std::int64_t done(const bulk_job& job) {
  return job.changed + job.conflicts + job.failed;
}

int percent(const bulk_job& job) {
  if (job.status == bulk_status::completed)
    return 100;
  if (!job.total || *job.total == 0)
    return 0;
  return static_cast<int>(std::min<std::int64_t>(99, done(job) * 100 / *job.total));
}

void take(bulk_job& job, std::vector<task_id> piece, std::optional<task_id> looked_at, bool is_last,
          instant now) {
  job.piece = std::move(piece);
  if (looked_at)
    job.looked_at = looked_at;
  job.is_last_piece = is_last;
  if (!is_last || !job.piece.empty())
    return;
  job.status = bulk_status::completed;
  job.finished_at = now;
}

void note(bulk_job& job, const std::vector<expected<task_ptr>>& outcomes) {
  std::vector<task_id> undecided;
  for (std::size_t at = 0; at < outcomes.size(); ++at) {
    if (outcomes[at]) {
      ++job.changed;
      continue;
    }
    switch (outcomes[at].error().kind) {
      case problem_kind::conflict:
      case problem_kind::not_found:
        ++job.conflicts;
        break;
      case problem_kind::unavailable:
        undecided.push_back(job.piece[at]);
        break;
      default:
        ++job.failed;
    }
  }
  job.piece = std::move(undecided);
}

void settle_interrupted(bulk_job& job, const std::vector<std::optional<task_status>>& now_are) {
  std::vector<task_id> undecided;
  for (std::size_t at = 0; at < now_are.size(); ++at) {
    if (now_are[at] && applies(job.action, *now_are[at]))
      undecided.push_back(job.piece[at]);
    else if (has_been_done(job.action, now_are[at]))
      ++job.changed;
    else
      ++job.conflicts;
  }
  job.piece = std::move(undecided);
}

expected<void> apply(bulk_job& job, bulk_request what, instant now) {
  const bool wants_end = what == bulk_request::cancel;
  if (wants_end && job.status == bulk_status::canceled)
    return {};
  if (is_over(job))
    return problem{problem_kind::conflict, "the job is " + std::string{to_string(job.status)}};
  if (!wants_end) {
    job.status = what == bulk_request::pause ? bulk_status::paused : bulk_status::running;
    return {};
  }
  job.status = bulk_status::canceled;
  job.finished_at = now;
  job.piece.clear();
  return {};
}

}  // namespace bulk

std::string_view to_string(bulk_action action) {
  constexpr std::array<std::string_view, 4> words{"cancel", "retry", "trigger", "delete"};
  return words[static_cast<std::size_t>(action)];
}

std::string_view to_string(bulk_status status) {
  constexpr std::array<std::string_view, 4> words{"running", "paused", "completed", "canceled"};
  return words[static_cast<std::size_t>(status)];
}

}  // namespace carillon
