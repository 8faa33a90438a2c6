#include <utility>

#include "actors/scheduler_parts.hpp"
#include "storage/audit_store.hpp"
#include "storage/mark_record.hpp"

// The part of the scheduler that is about who did what, and about answers that are kept.

namespace carillon {

std::shared_ptr<request_mark> scheduler::new_mark() const {
  auto mark = std::make_shared<request_mark>();
  mark->record.at = now();
  mark->record.id = parts_->ids.next(mark->record.at);
  return mark;
}

void scheduler::save_mark(const std::optional<audit_record>& record, const std::string& key,
                          const kept_answer& kept, answer<bool> reply) {
  storage::change_set changes;
  if (record)
    storage::encode_audit(*record, changes);
  if (!key.empty())
    storage::encode_kept(key, kept, changes);
  parts_->writer.submit(
      std::move(changes), [reply = counted(std::move(reply))](storage::commit_status status) {
        if (status == storage::commit_status::durable)
          return reply(true);
        reply(problem{problem_kind::unavailable, "the disk is full: the change was not recorded"});
      });
}

void scheduler::find_kept(std::string key, answer<std::optional<kept_answer>> reply) const {
  parts_->lookups.post(
      [key = std::move(key), reply = std::move(reply)](const storage::task_store& store) {
        reply(storage::audit_store{store.disk()}.find_kept(key));
      });
}

void scheduler::list_audit(storage::audit_filter filter, std::optional<task_id> cursor,
                           std::size_t limit, answer<storage::audit_page> reply) const {
  parts_->housekeeping.post([filter = std::move(filter), cursor, limit,
                             reply = std::move(reply)](const storage::task_store& store) {
    reply(storage::audit_store{store.disk()}.list(filter, cursor, limit));
  });
}

}  // namespace carillon
