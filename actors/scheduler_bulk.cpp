#include <algorithm>

#include "actors/scheduler_parts.hpp"
#include "storage/bulk_scan.hpp"

// The part of the scheduler that is about bulk jobs.

namespace carillon {
namespace {

/// A rest after which the disk and the actors have caught up with much of what was queued.
constexpr duration long_rest = std::chrono::milliseconds{200};

/// A count that nobody waits for. Each look is short, so that others come in between.
struct bulk_count {
  storage::lookup_queue& reader;
  bulk_action action;
  storage::task_filter filter;
  task_id before;
  std::function<bool()> is_wanted;
  answer<std::int64_t> reply;
  std::int64_t count = 0;
  std::optional<task_id> looked_at = {};
};

void count_on(const std::shared_ptr<bulk_count>& what) {
  what->reader.post([what](const storage::task_store& store) {
    if (!what->is_wanted())
      return;
    if (!what->looked_at) {
      const auto known = storage::count_for_bulk(store, what->action, what->filter);
      if (!known || *known)
        return what->reply(known ? expected<std::int64_t>{**known} : known.error());
    }
    const auto seen = storage::find_for_bulk(store, what->action, what->filter, what->before,
                                             what->looked_at, SIZE_MAX);
    what->count += static_cast<std::int64_t>(seen.ids.size());
    what->looked_at = seen.looked_at;
    if (seen.is_last)
      return what->reply(what->count);
    count_on(what);
  });
}

}  // namespace

/// While nobody else wants anything, a job takes what there is; otherwise it takes half of the
/// time, and next to nothing when much is queued.
duration scheduler::parts::rest_after(duration worked) const {
  if (commands_in_flight > settings.commands_in_flight_max / 8
      || writer.queued_bytes() > settings.write_queue_bytes_max / 8)
    return std::max(worked, long_rest);
  const auto begun = commands_begun.load();
  return commands_rested_for.exchange(begun) == begun ? duration{0} : worked;
}

void scheduler::count_bulk(bulk_action action, storage::task_filter filter,
                           std::function<bool()> is_wanted, answer<std::int64_t> reply) const {
  count_on(std::make_shared<bulk_count>(bulk_count{parts_->housekeeping, action, std::move(filter),
                                                   parts_->ids.next(now()), std::move(is_wanted),
                                                   std::move(reply)}));
}

void scheduler::start_bulk_job(bulk_action action, storage::task_filter filter,
                               answer<storage::bulk_row> reply) {
  caf::anon_send(parts_->home.bulk_jobs,
                 start_bulk{action, std::move(filter), counted(std::move(reply))});
}

void scheduler::ask_bulk_job(const task_id& job, bulk_request what,
                             answer<storage::bulk_row> reply) {
  caf::anon_send(parts_->home.bulk_jobs, ask_bulk{job, what, counted(std::move(reply))});
}

void scheduler::find_bulk_job(const task_id& job, answer<storage::bulk_row> reply) const {
  parts_->queries.post([job, reply = std::move(reply)](const storage::task_store& store) {
    auto found = storage::load_bulk(store.disk(), job);
    if (!found)
      return reply(found.error());
    if (!*found)
      return reply(problem{problem_kind::not_found, "no such job"});
    reply(**std::move(found));
  });
}

void scheduler::list_bulk_jobs(answer<std::vector<storage::bulk_row>> reply) const {
  parts_->queries.post([reply = std::move(reply)](const storage::task_store& store) {
    reply(storage::load_bulks(store.disk()));
  });
}

}  // namespace carillon
