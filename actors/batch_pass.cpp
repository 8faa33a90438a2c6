#include <algorithm>
#include <map>
#include <utility>

#include "actors/batches.hpp"
#include "actors/gather.hpp"

// A pass over the children of a batch: it goes on from piece to piece, each of which is decided
// before the batch notes how far it is. After a crash the piece that was under way comes again.

namespace carillon {
namespace {

constexpr std::size_t piece_size = 512;
constexpr duration again_delay = std::chrono::seconds{1};

std::vector<task_status> statuses_for(batch_pass_kind kind) {
  if (kind == batch_pass_kind::retry_failed)
    return {task_status::failed};
  return {task_status::scheduled, task_status::queued, task_status::processing,
          task_status::retrying};
}

task_event event_for(batch_pass_kind kind) {
  if (kind == batch_pass_kind::retry_failed)
    return event::retry{};
  return event::cancel{};
}

}  // namespace

void batches_state::find_piece(const batch_id& id, const batch_pass& pass) {
  home_->lookups->post(
      [to = caf::actor_cast<batches_actor>(self_), id, pass](const storage::task_store& store) {
        auto children = storage::batch_store{store.disk()}.children(
            id, {statuses_for(pass.kind), pass.next, piece_size});
        caf::anon_send(to, batch_piece_found{id, pass.kind, std::move(children)});
      });
}

void batches_state::on_piece_found(const batch_piece_found& found) {
  if (found.children.empty())
    return add(found.id, {batch_event::passed{found.kind, {}}});
  const auto whole = std::make_shared<gather<task_ptr>>(
      found.children.size(),
      [to = caf::actor_cast<batches_actor>(self_), found](const auto& outcomes) {
        const bool disk_is_full = std::ranges::any_of(outcomes, [](const auto& outcome) {
          return !outcome && outcome.error().kind == problem_kind::unavailable;
        });
        caf::anon_send(to, batch_piece_decided{found, disk_is_full});
      });
  std::map<unsigned, ask_tasks> by_shard;
  for (std::size_t at = 0; at < found.children.size(); ++at) {
    const auto& id = found.children[at].id;
    by_shard[shard_of(id)].asks.push_back({id, event_for(found.kind), slot_of(whole, at)});
  }
  for (auto& [shard, asks] : by_shard)
    self_->send(home_->shards[shard], std::move(asks));
}

/// One that ended by itself meanwhile, or was retried by hand, has nothing to say.
void batches_state::on_piece_decided(const batch_piece_decided& decided) {
  const auto& piece = decided.piece;
  if (decided.disk_is_full) {
    caf::delayed_anon_send(caf::actor_cast<batches_actor>(self_), again_delay, piece);
    return;
  }
  add(piece.id, {batch_event::passed{piece.kind, piece.children.back().number + 1}});
}

}  // namespace carillon
