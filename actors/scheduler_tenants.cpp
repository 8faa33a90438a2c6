#include "actors/scheduler_parts.hpp"
#include "storage/tenant_store.hpp"

// How much there may be in this scheduler, and who has one beside it.

namespace carillon {
namespace {

const problem not_saved{problem_kind::unavailable, "the disk is full: nothing was saved"};

}  // namespace

void scheduler::set_limits(const scheduler_limits& limits) {
  parts_->tasks_max = limits.open_tasks;
  parts_->schedules_max = limits.schedules;
}

bool scheduler::has_all_tasks() const {
  const auto most = parts_->tasks_max.load();
  return most > 0 && parts_->store.open_tasks() + parts_->tasks_under_way >= most;
}

scheduler_usage scheduler::usage() const {
  return {parts_->store.open_tasks(), parts_->store.open_schedules(), parts_->commands_in_flight};
}

expected<std::vector<tenant>> scheduler::tenants() const {
  return storage::load_tenants(*parts_->disk);
}

void scheduler::save_tenant(tenant subject, answer<tenant> reply) {
  storage::change_set changes;
  storage::encode_tenant(subject, changes);
  parts_->writer.submit(std::move(changes),
                        [subject = std::move(subject),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status != storage::commit_status::durable)
                            return reply(not_saved);
                          reply(subject);
                        });
}

void scheduler::remove_tenant(tenant subject, answer<tenant> reply) {
  storage::change_set changes;
  storage::encode_tenant_removal(subject.name, changes);
  parts_->writer.submit(std::move(changes),
                        [subject = std::move(subject),
                         reply = counted(std::move(reply))](storage::commit_status status) {
                          if (status != storage::commit_status::durable)
                            return reply(not_saved);
                          reply(subject);
                        });
}

}  // namespace carillon
