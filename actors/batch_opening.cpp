#include <utility>

#include "actors/batches.hpp"
#include "actors/marks.hpp"

// Who may add children: the client that opens a batch, and whoever goes on with it.

namespace carillon {
namespace {

const problem disk_full{problem_kind::unavailable, "the disk is full: nothing was saved"};

bool same_header(const batch_spec& one, const batch_spec& other) {
  return one.name == other.name && one.on_complete == other.on_complete
         && one.metadata == other.metadata;
}

}  // namespace

void batches_state::on_open(open_batch& ask) {
  const auto now = home_->time->now();
  const auto key = ask.spec->idempotency_key;
  if (key.empty())
    return create(std::move(ask), home_->ids->next(now));
  const auto [waiting, is_first] = keys_.try_emplace(key);
  waiting->second.push_back(std::move(ask));
  if (!is_first)
    return;
  home_->lookups->post(
      [to = caf::actor_cast<batches_actor>(self_), key](const storage::task_store& store) {
        caf::anon_send(to, batch_key_found{key, storage::batch_store{store.disk()}.find(key)});
      });
}

void batches_state::on_key_found(const batch_key_found& found) {
  auto& waiting = keys_.at(found.key);
  if (found.owner && !*found.owner) {
    auto first = std::move(waiting.front());
    waiting.erase(waiting.begin());  // the others stay in the map until it is on disk
    const auto id = home_->ids->next_beside(found.key, home_->time->now());
    return create(std::move(first), id);
  }
  auto known = keys_.extract(found.key);
  for (auto& ask : known.mapped()) {
    if (found.owner)
      resume(**found.owner, std::move(ask));
    else
      ask.reply(found.owner.error());
  }
}

void batches_state::create(open_batch ask, const batch_id& id) {
  batch subject{id, ask.spec};
  storage::change_set changes;
  storage::encode_new_batch(subject, changes);
  leave_mark(ask.reply, id, changes);
  unborn_.emplace(id, std::pair{std::move(subject), std::move(ask)});
  home_->writer->submit(std::move(changes), [me = caf::actor_cast<batches_actor>(self_),
                                             id](storage::commit_status status) {
    caf::anon_send(me, batch_opened{id, status});
  });
}

void batches_state::on_opened(const batch_opened& outcome) {
  auto born = unborn_.extract(outcome.id);
  auto& [subject, ask] = born.mapped();
  const bool durable = outcome.status == storage::commit_status::durable;
  auto others = keys_.extract(ask.spec->idempotency_key);
  if (durable) {
    if (home_->changes.is_on())
      home_->changes.publish(change_of(subject, "created", home_->time->now()));
    auto feed = new_feed(outcome.id, {});
    directory_[outcome.id].feed = feed;
    ask.reply(opened_batch{{std::move(subject), {}}, true, std::move(feed)});
  } else {
    ask.reply(disk_full);
  }
  if (others.empty())
    return;
  for (auto& other : others.mapped()) {
    if (durable)
      resume(outcome.id, std::move(other));
    else
      other.reply(disk_full);
  }
}

std::shared_ptr<batch_feed> batches_state::new_feed(const batch_id& id, std::vector<bool> taken) {
  return std::make_shared<batch_feed>(id, ++sessions_, std::move(taken));
}

// -- a client goes on -----------------------------------------------------------

void batches_state::resume(const batch_id& id, open_batch ask) {
  add(id, {std::move(ask)});
}

/// It is this client's turn, and nobody else adds children.
void batches_state::answer_resumed(const batch_id& id, entry& known, batch_view view) {
  auto& ask = std::get<open_batch>(known.waiting.front().what);
  if (!same_header(*view.subject.spec, *ask.spec)) {
    ask.reply(problem{problem_kind::conflict,
                      "the idempotency_key belongs to a batch with another name, on_complete or "
                      "metadata"});
    return end_job(id, known, std::move(view));
  }
  if (view.subject.sealed_at) {
    ask.reply(opened_batch{view, false, nullptr});
    return end_job(id, known, std::move(view));
  }
  known.resumed = std::move(view);
  home_->housekeeping->post(
      [to = caf::actor_cast<batches_actor>(self_), id](const storage::task_store& store) {
        caf::anon_send(to, batch_places_found{id, storage::batch_store{store.disk()}.places(id)});
      });
}

void batches_state::on_places_found(batch_places_found& found) {
  auto& known = directory_.at(found.id);
  known.feed = new_feed(found.id, std::move(found.taken));
  auto view = *std::exchange(known.resumed, {});
  std::get<open_batch>(known.waiting.front().what).reply(opened_batch{view, false, known.feed});
  end_job(found.id, known, std::move(view));
}

}  // namespace carillon
