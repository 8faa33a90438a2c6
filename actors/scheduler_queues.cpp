#include "actors/scheduler_parts.hpp"
#include "storage/queue_record.hpp"

// The part of the scheduler that is about the queues of outside workers.

namespace carillon {

void scheduler::change_queue(std::string queue, queue_change change, answer<queue_settings> reply) {
  const auto& owner = parts_->home.queue_for(queue);
  caf::anon_send(owner,
                 carillon::change_queue{std::move(queue), change, counted(std::move(reply))});
}

void scheduler::find_queue(std::string queue, answer<queue_facts> reply) const {
  parts_->queries.post(
      [queue = std::move(queue), reply = std::move(reply)](const storage::task_store& store) {
        reply(storage::look_at_queue(store.disk(), queue));
      });
}

void scheduler::list_queues(answer<std::vector<queue_facts>> reply) const {
  parts_->queries.post([reply = std::move(reply)](const storage::task_store& store) {
    reply(storage::list_queues(store.disk()));
  });
}

}  // namespace carillon
