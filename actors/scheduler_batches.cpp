#include <utility>

#include "actors/scheduler_parts.hpp"

// The part of the scheduler that is about batches.

namespace carillon {
namespace {

const problem no_such_batch{problem_kind::not_found, "no such batch"};

expected<storage::child_page> page_of(const storage::task_store& store, const batch_id& id,
                                      storage::child_page_request page) {
  const storage::batch_store batches{store.disk()};
  const auto known = batches.view(id);
  if (!known)
    return known.error();
  if (!*known)
    return no_such_batch;
  storage::child_page shown;
  const auto& counts = (*known)->counts;
  for (const auto status : page.statuses)
    shown.total += counts.kept(status);
  if (page.statuses.empty())
    shown.total = counts.kept();
  const auto limit = page.limit++;  // one more tells whether there is a next page
  for (const auto& one : batches.children(id, page)) {
    if (shown.items.size() == limit) {
      shown.next = one.number;
      break;
    }
    auto found = store.load(one.id);
    if (!found)
      return found.error();
    if (*found)
      shown.items.push_back(**std::move(found));
  }
  return shown;
}

}  // namespace

void scheduler::open_batch(std::shared_ptr<const batch_spec> spec, answer<opened_batch> reply) {
  caf::anon_send(parts_->home.batches,
                 carillon::open_batch{std::move(spec), counted(std::move(reply))});
}

void scheduler::ask_batch(const batch_id& id, batch_change what, answer<batch_view> reply,
                          std::uint64_t session) {
  caf::anon_send(parts_->home.batches,
                 carillon::ask_batch{id, std::move(what), counted(std::move(reply)), session});
}

void scheduler::find_batch(const batch_id& id, answer<batch_view> reply) const {
  parts_->queries.post([id, reply = std::move(reply)](const storage::task_store& store) {
    auto found = storage::batch_store{store.disk()}.view(id);
    if (!found)
      return reply(found.error());
    if (!*found)
      return reply(no_such_batch);
    reply(**std::move(found));
  });
}

void scheduler::list_batches(storage::page_request page, answer<storage::batch_page> reply) const {
  parts_->queries.post([page, reply = std::move(reply)](const storage::task_store& store) {
    reply(storage::batch_store{store.disk()}.list(page));
  });
}

void scheduler::list_children(const batch_id& id, storage::child_page_request page,
                              answer<storage::child_page> reply) const {
  parts_->queries.post([id, page = std::move(page), reply = std::move(reply)](
                           const storage::task_store& store) { reply(page_of(store, id, page)); });
}

}  // namespace carillon
