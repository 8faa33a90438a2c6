#include <chrono>

#include "actors/scheduler_parts.hpp"
#include "model/log.hpp"
#include "storage/backup.hpp"

// The part of the scheduler that copies its store while it runs.

namespace carillon {
namespace {

expected<finished_backup> timed_backup(const storage::disk_engine& disk,
                                       const scheduler_settings& settings, const std::string& to,
                                       const storage::backup_addition& also) {
  const auto place = storage::backup_path(settings.backups, to);
  if (!place)
    return place.error();
  const auto begun = std::chrono::steady_clock::now();
  auto facts = storage::make_backup(disk, settings.data_folder, *place, also);
  if (!facts)
    return facts.error();
  const auto took = std::chrono::floor<duration>(std::chrono::steady_clock::now() - begun);
  return finished_backup{*std::move(facts), took};
}

}  // namespace

void scheduler::make_backup(std::string to, storage::backup_addition also,
                            answer<finished_backup> reply) {
  if (parts_->settings.backups.empty())
    return reply(
        problem{problem_kind::conflict, "nobody said where backups may go: set store.backups"});
  if (parts_->is_backing_up.exchange(true))
    return reply(problem{problem_kind::conflict, "another backup is being made"});
  parts_->backups.post([this, to = std::move(to), also = std::move(also),
                        reply = std::move(reply)](const storage::task_store&) {
    auto made = timed_backup(*parts_->disk, parts_->settings, to, also);
    parts_->is_backing_up = false;
    if (made)
      log(log_level::info, "made a backup",
          {{"folder", made->facts.folder}, {"bytes", std::to_string(made->facts.bytes)}});
    else if (made.error().kind == problem_kind::unavailable)
      log(log_level::error, "a backup failed", {{"cause", made.error().detail}});
    reply(std::move(made));
  });
}

expected<std::int64_t> scheduler::copy_store(const std::string& to) const {
  return storage::copy_store(*parts_->disk, parts_->settings.data_folder, to);
}

}  // namespace carillon
