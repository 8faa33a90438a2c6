#include "actors/event_hub.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "actors/event_digest.hpp"
#include "actors/event_listeners.hpp"
#include "actors/marks.hpp"

namespace carillon {
namespace {

/// How long an event waits that could not be saved.
constexpr duration retry_delay = std::chrono::seconds{1};

/// What is under way of one event at a time: its payload goes into every task it leads to.
constexpr std::size_t piece_bytes_max = 16 << 20;
constexpr std::size_t piece_max = 16'384;
constexpr std::size_t piece_min = 16;
constexpr std::size_t task_bytes = 1'024;  ///< About, without the payload.

constexpr std::int64_t events_kept_max = 100'000;
constexpr std::size_t sweep_piece = 1'024;
constexpr duration sweep_interval = std::chrono::minutes{10};
/// A manual clock moves without a word: real time between two looks at it.
constexpr duration look_interval = std::chrono::milliseconds{250};

const problem disk_full{problem_kind::unavailable, "the disk is full: nothing was saved"};
const problem disk_full_amid{problem_kind::unavailable,
                             "the disk is full: the event is told when there is room again"};
const problem unreadable{problem_kind::corrupt, "the event with this id cannot be read"};
const problem other_event{problem_kind::invalid,
                          "another event was published with this id less than a day ago"};

std::size_t piece_of(const topic_event& subject) {
  return std::clamp(piece_bytes_max / (subject.payload.size() + task_bytes), piece_min, piece_max);
}

}  // namespace

void publish(const house& home, new_event what, answer<published_event> reply) {
  auto digest = digest_of(what);
  caf::anon_send(home.events, publish_event{std::move(what), std::move(digest), std::move(reply)});
}

void event_hub_state::init(event_hub_actor::stateful_pointer<event_hub_state> self,
                           const house* home) {
  self_ = self;
  home_ = home;
  sweep_later(sweep_interval);
}

// -- what the last life began -------------------------------------------------------

void event_hub_state::on_resume() {
  home_->lookups->post(
      [to = caf::actor_cast<event_hub_actor>(self_)](const storage::task_store& store) {
        caf::anon_send(to, events_restored{storage::event_store{store.disk()}.open_events()});
      });
}

void event_hub_state::on_restored(events_restored& last_life) {
  is_restored_ = true;
  for (auto& one : last_life.events) {
    running subject{std::make_shared<const topic_event>(std::move(one.subject)), stage::telling};
    subject.is_restored = true;
    std::unordered_map<task_id, const listener_told*> claims;
    for (const auto& told : one.told)
      claims.emplace(told.listener.id, &told);
    for (const auto& listener : one.listeners) {
      const auto claim = claims.find(listener.id);
      if (claim == claims.end())
        subject.left.push_back(subject.told.size());
      subject.told.push_back(claim == claims.end() ? listener_told{listener} : *claim->second);
    }
    const auto key = name_of(*subject.subject);
    tell(key, under_way_.emplace(key, std::move(subject)).first->second);
  }
  for (auto& ask : std::exchange(early_, {}))
    on_publish(ask);
}

// -- a new one ------------------------------------------------------------------------

void event_hub_state::on_publish(publish_event& ask) {
  if (!is_restored_) {
    early_.push_back(std::move(ask));
    return;
  }
  const auto known = under_way_.find(ask.what.id);
  if (!ask.what.id.empty() && known != under_way_.end())
    return join(known->second, ask);
  const auto now = home_->time->now();
  auto& what = ask.what;
  const auto id = what.id.empty() ? home_->ids->next(now) : home_->ids->next_beside(what.id, now);
  running fresh{std::make_shared<const topic_event>(
      topic_event{id, std::move(what.id), std::move(what.topic), std::move(what.payload),
                  std::move(what.source), now, ask.digest, std::move(what.trace)})};
  home_->figures.events_published.add();
  fresh.askers.push_back({std::move(ask.digest), std::move(ask.reply), false});
  const auto key = name_of(*fresh.subject);
  look_up(key, under_way_.insert_or_assign(key, std::move(fresh)).first->second);
}

void event_hub_state::join(running& known, publish_event& ask) {
  if (known.now != stage::looking && ask.digest != known.subject->digest)
    return ask.reply(other_event);
  if (known.is_stalled)
    return ask.reply(disk_full_amid);
  known.askers.push_back({std::move(ask.digest), std::move(ask.reply), true});
}

void event_hub_state::look_up(const std::string& key, const running& fresh) {
  home_->lookups->post([to = caf::actor_cast<event_hub_actor>(self_), key,
                        subject = fresh.subject](const storage::task_store& disk) {
    const storage::event_store store{disk.disk()};
    event_looked_up found{key, std::optional<published_event>{}, {}};
    const auto owner = subject->name.empty() ? std::nullopt : store.find_name(subject->name);
    if (owner && owner->until > subject->at)
      found.known = store.load(owner->event);
    if (found.known && !*found.known)
      found.listeners = store.listeners(subject->topic);
    caf::anon_send(to, std::move(found));
  });
}

void event_hub_state::on_looked_up(event_looked_up& found) {
  const auto known = under_way_.find(found.name);
  auto& subject = known->second;
  // An open event would be under way, had it been readable at the start.
  const bool is_unreadable = found.known && *found.known && !(*found.known)->told;
  if (!found.known || is_unreadable) {
    refuse_all(subject, is_unreadable ? unreadable : found.known.error());
    under_way_.erase(known);
    return;
  }
  const auto& before = *found.known;
  const auto& digest = before ? before->subject->digest : subject.subject->digest;
  std::erase_if(subject.askers, [&](const asker& one) {
    if (one.digest != digest)
      one.reply(other_event);
    return one.digest != digest;
  });
  if (before) {
    for (auto& one : subject.askers)
      one.is_repeat = true;
    answer_all(subject, *before);
    under_way_.erase(known);
    return;
  }
  for (const auto& listener : found.listeners) {
    subject.left.push_back(subject.told.size());
    subject.told.push_back({listener});
  }
  save(found.name, subject);
}

void event_hub_state::save(const std::string& key, running& fresh) {
  fresh.now = stage::saving;
  std::vector<event_listener> listeners;
  listeners.reserve(fresh.told.size());
  for (const auto& one : fresh.told)
    listeners.push_back(one.listener);
  storage::change_set changes;
  storage::encode_new_event(*fresh.subject, listeners, changes);
  leave_mark(fresh.askers.front().reply, fresh.subject->id, changes);
  if (listeners.empty()) {
    fresh.now = stage::finishing;
    storage::encode_event_told(*fresh.subject, {}, changes);
  }
  if (sweeps_ && !fresh.subject->name.empty())
    taken_in_sweep_.insert(fresh.subject->name);
  submit(std::move(changes), key);
}

void event_hub_state::submit(storage::change_set changes, const std::string& key) {
  home_->writer->submit(std::move(changes), [to = caf::actor_cast<event_hub_actor>(self_),
                                             key](storage::commit_status status) {
    caf::anon_send(to, event_saved{key, status});
  });
}

void event_hub_state::on_saved(const event_saved& outcome) {
  const auto known = under_way_.find(outcome.name);
  auto& subject = known->second;
  const bool is_new = subject.now == stage::saving || subject.told.empty();
  if (outcome.status != storage::commit_status::durable && !is_new)
    return stall(outcome.name, subject);
  if (outcome.status != storage::commit_status::durable) {
    refuse_all(subject, disk_full);
    under_way_.erase(known);
  } else if (subject.now == stage::saving) {
    tell(outcome.name, subject);
  } else {
    answer_all(subject, {subject.subject, std::make_shared<const std::vector<listener_told>>(
                                              std::move(subject.told))});
    under_way_.erase(known);
  }
}

// -- telling --------------------------------------------------------------------------

void event_hub_state::tell(const std::string& key, running& subject) {
  subject.now = stage::telling;
  if (subject.left.empty())
    return finish(key, subject);
  const auto count = std::min(subject.left.size(), piece_of(*subject.subject));
  const auto first = subject.left.end() - static_cast<std::ptrdiff_t>(count);
  subject.asked.assign(first, subject.left.end());
  subject.left.erase(first, subject.left.end());
  std::vector<event_listener> listeners;
  listeners.reserve(count);
  for (const auto place : subject.asked)
    listeners.push_back(subject.told[place].listener);
  const auto slots = std::make_shared<gather<listener_told>>(
      count, [to = caf::actor_cast<event_hub_actor>(self_), key](auto outcomes) {
        caf::anon_send(to, listeners_told{key, std::move(outcomes)});
      });
  tell_listeners(*home_, *subject.subject, listeners, subject.is_restored, slots);
}

void event_hub_state::on_told(listeners_told& piece) {
  auto& subject = under_way_.at(piece.name);
  bool has_failed = false;
  for (std::size_t at = 0; at < piece.outcomes.size(); ++at) {
    const auto place = subject.asked[at];
    if (piece.outcomes[at])
      subject.told[place] = *piece.outcomes[at];
    else
      subject.left.push_back(place);
    has_failed |= !piece.outcomes[at].has_value();
  }
  if (has_failed)
    return stall(piece.name, subject);
  tell(piece.name, subject);
}

void event_hub_state::finish(const std::string& key, running& subject) {
  subject.now = stage::finishing;
  storage::change_set changes;
  storage::encode_event_told(*subject.subject, subject.told, changes);
  submit(std::move(changes), key);
}

void event_hub_state::stall(const std::string& key, running& subject) {
  subject.is_stalled = true;
  refuse_all(subject, disk_full_amid);
  self_->delayed_send(self_, retry_delay, tell_again{key});
}

void event_hub_state::on_tell_again(const tell_again& which) {
  tell(which.name, under_way_.at(which.name));
}

void event_hub_state::answer_all(running& subject, const published_event& outcome) {
  for (const auto& one : std::exchange(subject.askers, {})) {
    auto mine = outcome;
    mine.is_repeat = one.is_repeat;
    one.reply(std::move(mine));
  }
}

void event_hub_state::refuse_all(running& subject, const problem& cause) {
  for (const auto& one : std::exchange(subject.askers, {}))
    one.reply(cause);
}

// -- old ones -------------------------------------------------------------------------

void event_hub_state::sweep_later(duration from_now) {
  next_sweep_ = home_->time->now() + from_now;
  self_->delayed_send(self_, home_->manual_time != nullptr ? look_interval : from_now,
                      sweep_events{});
}

void event_hub_state::on_sweep() {
  const auto now = home_->time->now();
  if (home_->manual_time != nullptr && now < next_sweep_) {
    self_->delayed_send(self_, look_interval, sweep_events{});
    return;
  }
  sweeps_ = true;
  for (const auto& [unused, one] : under_way_)
    taken_in_sweep_.insert(one.subject->name);
  home_->housekeeping->post([to = caf::actor_cast<event_hub_actor>(self_),
                             before = now - event_memory](const storage::task_store& store) {
    caf::anon_send(to, old_events_found{storage::event_store{store.disk()}.old_events(
                           before, events_kept_max, sweep_piece)});
  });
}

/// A name that somebody else took since they were looked for is not theirs to give back.
void event_hub_state::on_old_found(const old_events_found& old) {
  sweeps_ = false;
  storage::change_set changes;
  for (auto gone : old.events) {
    if (taken_in_sweep_.contains(gone.name))
      gone.name.clear();
    storage::encode_event_removal(gone, changes);
  }
  taken_in_sweep_.clear();
  if (old.events.empty())
    return sweep_later(sweep_interval);
  // Not before this piece is gone: the next look must not find it again.
  home_->writer->submit(std::move(changes), [to = caf::actor_cast<event_hub_actor>(self_)](
                                                storage::commit_status status) {
    const bool is_gone = status == storage::commit_status::durable;
    caf::delayed_anon_send(to, is_gone ? duration{0} : retry_delay, sweep_events{});
  });
}

event_hub_actor::behavior_type event_hub_behavior(
    event_hub_actor::stateful_pointer<event_hub_state> self, const house* home) {
  auto& state = self->state;
  state.init(self, home);
  return {
      [&state](publish_event& ask) { state.on_publish(ask); },
      [&state](resume_events) { state.on_resume(); },
      [&state](events_restored& last_life) { state.on_restored(last_life); },
      [&state](event_looked_up& found) { state.on_looked_up(found); },
      [&state](const event_saved& outcome) { state.on_saved(outcome); },
      [&state](listeners_told& piece) { state.on_told(piece); },
      [&state](const tell_again& which) { state.on_tell_again(which); },
      [&state](sweep_events) { state.on_sweep(); },
      [&state](const old_events_found& old) { state.on_old_found(old); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
