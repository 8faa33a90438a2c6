#include <utility>

#include "actors/marks.hpp"
#include "actors/scheduler_parts.hpp"
#include "storage/group_store.hpp"

// The part of the scheduler that is about groups of addresses. They change seldom: each change is
// read, decided and saved by the one thread that answers questions.

namespace carillon {
namespace {

const problem no_such_group{problem_kind::not_found, "no such group"};
const problem disk_full{problem_kind::unavailable, "the disk is full: nothing was saved"};

/// Answers with the group once the changes are on disk.
storage::commit_queue::on_committed group_saved(url_group subject, answer<url_group> reply) {
  return [subject = std::move(subject), reply = std::move(reply)](storage::commit_status status) {
    if (status == storage::commit_status::durable)
      reply(subject);
    else
      reply(disk_full);
  };
}

}  // namespace

void scheduler::create_group(url_group subject, answer<url_group> reply) {
  parts_->queries.post([this, subject = std::move(subject),
                        reply = counted(std::move(reply))](const storage::task_store& store) {
    const auto known = storage::find_group(store.disk(), subject.name);
    if (!known)
      return reply(known.error());
    if (*known)
      return reply(problem{problem_kind::conflict, "there is a group of this name"});
    storage::change_set changes;
    storage::encode_group(subject, changes);
    leave_mark(reply, {}, changes);
    parts_->writer.submit(std::move(changes), group_saved(subject, reply));
  });
}

void scheduler::change_group(std::string name, std::vector<std::string> urls,
                             answer<url_group> reply) {
  find_group(std::move(name),
             answer<url_group>{[this, urls = std::move(urls),
                                reply = counted(std::move(reply))](expected<url_group> found) {
               if (!found)
                 return reply(found.error());
               found->urls = urls;
               found->updated_at = now();
               storage::change_set changes;
               storage::encode_group(*found, changes);
               leave_mark(reply, {}, changes);
               parts_->writer.submit(std::move(changes), group_saved(*found, reply));
             }});
}

void scheduler::find_group(std::string name, answer<url_group> reply) const {
  parts_->queries.post(
      [name = std::move(name), reply = std::move(reply)](const storage::task_store& store) {
        auto found = storage::find_group(store.disk(), name);
        if (!found)
          return reply(found.error());
        if (!*found)
          return reply(no_such_group);
        reply(**std::move(found));
      });
}

void scheduler::list_groups(answer<std::vector<url_group>> reply) const {
  parts_->queries.post([reply = std::move(reply)](const storage::task_store& store) {
    reply(storage::all_groups(store.disk()));
  });
}

void scheduler::remove_group(std::string name, answer<url_group> reply) {
  find_group(
      std::move(name),
      answer<url_group>{[this, reply = counted(std::move(reply))](expected<url_group> found) {
        if (!found)
          return reply(found.error());
        storage::change_set changes;
        storage::encode_group_removal(*found, changes);
        leave_mark(reply, {}, changes);
        parts_->writer.submit(std::move(changes), group_saved(*found, reply));
      }});
}

}  // namespace carillon
