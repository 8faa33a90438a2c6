#include "actors/batches.hpp"

#include <utility>

namespace carillon {
namespace {

/// How long a change waits that nobody asked for and that could not be saved.
constexpr duration again_delay = std::chrono::seconds{1};

constexpr std::size_t sweep_size = 256;

const problem disk_full{problem_kind::unavailable, "the disk is full: nothing was saved"};

/// Whether those who add children must have left before it.
bool ends_feed(const std::variant<batch_change, open_batch>& what) {
  const auto* change = std::get_if<batch_change>(&what);
  return change == nullptr || std::holds_alternative<batch_event::seal>(*change)
         || std::holds_alternative<batch_event::cancel>(*change);
}

/// What has happened to a batch, for those who look on.
std::string_view word_of(const batch_change& what, bool has_finished) {
  if (has_finished)
    return "finished";
  if (std::holds_alternative<batch_event::seal>(what))
    return "sealed";
  if (std::holds_alternative<batch_event::cancel>(what))
    return "canceled";
  return std::holds_alternative<batch_event::retry_failed>(what) ? "retried" : "changed";
}

/// Whether it comes from the actor itself, or from one that asks but once.
bool is_own(const batch_change& what) {
  return std::holds_alternative<batch_event::look>(what)
         || std::holds_alternative<batch_event::passed>(what)
         || std::holds_alternative<batch_event::told>(what);
}

}  // namespace

void batches_state::init(batches_actor::stateful_pointer<batches_state> self, const house* home) {
  self_ = self;
  home_ = home;
}

// -- one thing after the other ----------------------------------------------------

void batches_state::on_ask(ask_batch& ask) {
  add(ask.id,
      {std::move(ask.what), std::move(ask.reply), ask.session, std::move(ask.until_decided)});
}

void batches_state::add(const batch_id& id, job added) {
  directory_[id].waiting.push_back(std::move(added));
  next(id);
}

void batches_state::next(const batch_id& id) {
  const auto found = directory_.find(id);
  auto& known = found->second;
  if (known.busy)
    return;
  if (known.waiting.empty()) {
    if (!known.feed && !known.passes && !known.tells)
      directory_.erase(found);
    return;
  }
  known.busy = true;
  const auto& first = known.waiting.front();
  if (first.session != 0 && (!known.feed || known.feed->session() != first.session))
    return end_job(id, known,
                   problem{problem_kind::conflict, "another request has taken the batch over"});
  if (!known.feed || !ends_feed(first.what))
    return load(id);
  const auto feed = std::exchange(known.feed, nullptr);
  feed->close(
      [to = caf::actor_cast<batches_actor>(self_), id] { caf::anon_send(to, batch_drained{id}); });
}

void batches_state::on_drained(const batch_drained& news) {
  load(news.id);
}

void batches_state::load(const batch_id& id) {
  home_->bell.begin_look(id);
  home_->lookups->post(
      [to = caf::actor_cast<batches_actor>(self_), id](const storage::task_store& store) {
        caf::anon_send(to, batch_loaded{id, storage::batch_store{store.disk()}.view(id)});
      });
}

void batches_state::on_loaded(batch_loaded& loaded) {
  auto& known = directory_.at(loaded.id);
  if (loaded.found && *loaded.found) {
    auto view = **std::move(loaded.found);
    if (std::holds_alternative<batch_change>(known.waiting.front().what))
      return decide(loaded.id, known, std::move(view));
    follow_up(known, view, batch_event::look{});
    return answer_resumed(loaded.id, known, std::move(view));
  }
  home_->bell.forget(loaded.id);
  end_job(loaded.id, known,
          loaded.found ? problem{problem_kind::not_found, "no such batch"} : loaded.found.error());
}

void batches_state::decide(const batch_id& id, entry& known, batch_view view) {
  const auto& what = std::get<batch_change>(known.waiting.front().what);
  auto decided = batch_lifecycle::apply(view.subject, view.counts, what, home_->time->now());
  if (!decided || !decided->changed) {
    follow_up(known, view, what);
    return end_job(id, known, decided ? expected<batch_view>{std::move(view)} : decided.error());
  }
  auto save = std::make_unique<saving>(saving{*std::move(decided), view.counts, {}});
  auto& after = save->decided.next;
  storage::change_set changes;
  if (save->decided.finished)
    save->notices = make_notices(after, view.counts);
  for (const auto& notice : save->notices)
    encode({notice, {}, {}}, changes);
  storage::encode_batch_change(view.subject, after, changes);
  known.save = std::move(save);
  home_->writer->submit(std::move(changes), [me = caf::actor_cast<batches_actor>(self_),
                                             id](storage::commit_status status) {
    caf::anon_send(me, batch_saved{id, status});
  });
}

void batches_state::on_saved(const batch_saved& outcome) {
  auto& known = directory_.at(outcome.id);
  const auto save = std::move(known.save);
  const auto& first = known.waiting.front();
  const auto& what = std::get<batch_change>(first.what);
  if (outcome.status != storage::commit_status::durable) {
    if (is_own(what))
      return put_off(outcome.id, known);
    // What the bell was told while it was muted may have been the last end.
    caf::anon_send(caf::actor_cast<batches_actor>(self_),
                   ask_batch{outcome.id, batch_event::look{}});
    return end_job(outcome.id, known, disk_full);
  }
  if (home_->changes.is_on())
    home_->changes.publish(
        change_of(save->decided.next, word_of(what, save->decided.finished), home_->time->now()));
  announcements told{*home_};
  for (const auto& notice : save->notices)
    told.born(notice);
  told.send(first.until_decided);
  batch_view view{std::move(save->decided.next), save->counts};
  follow_up(known, view, what);
  end_job(outcome.id, known, std::move(view));
}

/// The first that waits is done.
void batches_state::end_job(const batch_id& id, entry& known, expected<batch_view> outcome) {
  const auto done = std::move(known.waiting.front());
  known.waiting.pop_front();
  known.busy = false;
  done.reply(std::move(outcome));
  next(id);
}

/// The first that waits is tried again later.
void batches_state::put_off(const batch_id& id, entry& known) {
  auto& first = known.waiting.front();
  caf::delayed_anon_send(caf::actor_cast<batches_actor>(self_), again_delay,
                         ask_batch{id, std::get<batch_change>(first.what), first.reply,
                                   first.session, first.until_decided});
  first.reply = {};
  end_job(id, known, disk_full);
}

/// What a batch needs that is like this, whatever happened before.
void batches_state::follow_up(entry& known, const batch_view& view, const batch_change& what) {
  const auto& subject = view.subject;
  if (std::holds_alternative<batch_event::passed>(what))
    known.passes = false;
  if (std::holds_alternative<batch_event::told>(what))
    known.tells = false;
  if (subject.pass && !std::exchange(known.passes, true))
    find_piece(subject.id, *subject.pass);
  if (subject.is_event_due && !std::exchange(known.tells, true))
    publish_end(view);
  if (!subject.sealed_at || subject.finished_at || subject.pass)
    home_->bell.forget(subject.id);
  else if (home_->bell.ring_after(subject.id, view.counts.open()))
    caf::anon_send(caf::actor_cast<batches_actor>(self_),
                   ask_batch{subject.id, batch_event::look{}});
}

// -- the start, and the end of old ones -------------------------------------------

void batches_state::on_resume() {
  home_->lookups->post(
      [to = caf::actor_cast<batches_actor>(self_)](const storage::task_store& store) {
        for (const auto& id : storage::batch_store{store.disk()}.unfinished())
          caf::anon_send(to, ask_batch{id, batch_event::look{}});
      });
}

void batches_state::on_sweep(const sweep_batches& order) {
  home_->housekeeping->post([to = caf::actor_cast<batches_actor>(self_),
                             bound = order.bound](const storage::task_store& store) {
    caf::anon_send(
        to, empty_batches_found{storage::batch_store{store.disk()}.empty_ones(bound, sweep_size)});
  });
}

/// Nothing happens any more to a batch that has ended and has no children.
void batches_state::on_empty_found(const empty_batches_found& found) {
  if (found.batches.empty())
    return;
  storage::change_set changes;
  for (const auto& one : found.batches)
    storage::encode_batch_removal(one, changes);
  home_->writer->submit(std::move(changes), [](storage::commit_status) {});
}

batches_actor::behavior_type batches_behavior(batches_actor::stateful_pointer<batches_state> self,
                                              const house* home) {
  auto& state = self->state;
  state.init(self, home);
  return {
      [&state](open_batch& ask) { state.on_open(ask); },
      [&state](ask_batch& ask) { state.on_ask(ask); },
      [&state](resume_batches) { state.on_resume(); },
      [&state](const sweep_batches& order) { state.on_sweep(order); },
      [&state](const batch_key_found& found) { state.on_key_found(found); },
      [&state](const batch_opened& outcome) { state.on_opened(outcome); },
      [&state](const batch_drained& news) { state.on_drained(news); },
      [&state](batch_loaded& loaded) { state.on_loaded(loaded); },
      [&state](const batch_saved& outcome) { state.on_saved(outcome); },
      [&state](batch_places_found& found) { state.on_places_found(found); },
      [&state](const batch_piece_found& found) { state.on_piece_found(found); },
      [&state](const batch_piece_decided& decided) { state.on_piece_decided(decided); },
      [&state](const batch_told& news) { state.on_told(news); },
      [&state](const empty_batches_found& found) { state.on_empty_found(found); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
