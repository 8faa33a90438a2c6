#include "actors/shard.hpp"

#include <utility>

#include "actors/marks.hpp"
#include "actors/task_actor.hpp"

namespace carillon {
namespace {

constexpr int due_shares_max = 2;
constexpr std::size_t due_share_size = 64;
constexpr std::size_t remembered_payload_max = 4'096;

/// A new task that was decided and is being saved.
struct newborn {
  task_ptr subject;
  std::vector<task_effect> effects;
  answer<created_task> reply;
  std::vector<task_ptr> told;  ///< Those who are told of it.
};

/// Runs on the writer's thread: a task that is far from due needs no actor to be answered.
void announce(const house& home, std::vector<newborn>& born, storage::commit_status status) {
  if (status != storage::commit_status::durable) {
    for (auto& one : born)
      one.reply(problem{problem_kind::unavailable, "the disk is full: nothing was saved"});
    return;
  }
  announcements told{home};
  for (const auto& one : born) {
    told.arm(one.subject->id, facts_of(*one.subject).next_moment);
    if (!one.effects.empty())
      told.offer(*one.subject);
    told.show(nullptr, one.subject);
    for (const auto& notice : one.told)
      told.born(notice);
  }
  told.send({});
  for (auto& one : born)
    one.reply(created_task{std::move(one.subject)});
}

}  // namespace

void shard_state::init(shard_actor::stateful_pointer<shard_state> self, const house* home) {
  self_ = self;
  home_ = home;
}

// -- creation -----------------------------------------------------------------

void shard_state::on_create(create_tasks& ask) {
  std::vector<new_task> plain;
  plain.reserve(ask.tasks.size());
  for (auto& task : ask.tasks) {
    if (task.spec->unique_id.empty())
      plain.push_back(std::move(task));
    else
      create_unique(std::move(task));
  }
  if (!plain.empty())
    save_new(std::move(plain));
}

void shard_state::save_new(std::vector<new_task> tasks) {
  const auto now = home_->time->now();
  std::vector<newborn> born;
  born.reserve(tasks.size());
  storage::change_set changes;
  for (auto& task : tasks) {
    auto decided = lifecycle::create(task.id, std::move(task.spec), now);
    auto subject = std::make_shared<const carillon::task>(std::move(decided.next));
    encode({subject, {}, {}}, changes);
    std::vector<task_ptr> told;
    for (auto& notice : decided.born)
      told.push_back(std::make_shared<const carillon::task>(std::move(notice)));
    encode_born(told, changes);
    leave_mark(task.reply, subject->id, changes);
    if (!decided.effects.empty())
      remember(subject);
    born.push_back(
        {std::move(subject), std::move(decided.effects), std::move(task.reply), std::move(told)});
  }
  // std::function copies its target: the newborn are shared, not copied.
  auto all = std::make_shared<std::vector<newborn>>(std::move(born));
  home_->writer->submit(std::move(changes), [home = home_, all](storage::commit_status status) {
    announce(*home, *all, status);
  });
}

/// The first with a name looks whether the store has it already; the others wait for the first.
void shard_state::create_unique(new_task task) {
  const auto unique_id = task.spec->unique_id;
  const auto [waiting, is_first] = unique_waiting_.try_emplace(unique_id);
  waiting->second.push_back(std::move(task));
  if (!is_first)
    return;
  home_->lookups->post(
      [to = caf::actor_cast<shard_actor>(self_), unique_id](const storage::task_store& store) {
        const auto look = [&]() -> expected<task_ptr> {
          const auto id = store.find_unique(unique_id);
          if (!id)
            return id.error();
          if (!*id)
            return task_ptr{};
          auto owner = store.load(**id);
          if (!owner)
            return owner.error();
          return *owner ? std::make_shared<const carillon::task>(**std::move(owner)) : task_ptr{};
        };
        caf::anon_send(to, unique_looked_up{unique_id, look()});
      });
}

void shard_state::on_unique_looked_up(unique_looked_up& found) {
  if (!found.owner || *found.owner) {
    unique_saved known{std::move(found.unique_id), std::move(found.owner)};
    on_unique_saved(known);
    return;
  }
  // The others stay in the map until the first is on disk.
  auto& waiting = unique_waiting_[found.unique_id];
  auto first = std::move(waiting.front());
  waiting.erase(waiting.begin());
  const auto mark = first.reply.mark();
  first.reply = answer<created_task>{
      [to = caf::actor_cast<shard_actor>(self_), unique_id = found.unique_id,
       reply = std::move(first.reply)](expected<created_task> made) {
        unique_saved outcome{unique_id, made ? expected<task_ptr>{made->subject} : made.error()};
        reply(std::move(made));
        caf::anon_send(to, std::move(outcome));
      },
      mark};
  std::vector<new_task> alone;
  alone.push_back(std::move(first));
  save_new(std::move(alone));
}

void shard_state::on_unique_saved(unique_saved& first) {
  auto waiting = unique_waiting_.extract(first.unique_id);
  if (waiting.empty())
    return;
  for (auto& task : waiting.mapped()) {
    if (first.owner)
      task.reply(created_task{*first.owner, false});
    else
      task.reply(first.owner.error());
  }
}

void shard_state::remember(task_ptr subject) {
  if (subject->spec->payload.size() > remembered_payload_max)
    return;
  const auto id = subject->id;
  recent_order_.push_back(id);
  recent_.emplace(id, std::move(subject));
  if (recent_order_.size() <= home_->settings.awake_tasks_max / shard_count)
    return;
  recent_.erase(recent_order_.front());
  recent_order_.pop_front();
}

task_ptr shard_state::recall(const task_id& id) {
  const auto found = recent_.find(id);
  if (found == recent_.end())
    return nullptr;
  auto known = std::move(found->second);
  recent_.erase(found);
  return known;
}

// -- what is meant for a task -------------------------------------------------

void shard_state::on_asks(ask_tasks& batch) {
  std::vector<task_id> asleep;
  for (auto& ask : batch.asks) {
    const auto id = ask.id;
    const auto [found, added] = directory_.try_emplace(id);
    deliver(found->second, std::move(ask));
    if (!added)
      continue;
    if (auto known = recall(id))
      wake(id, found->second, std::move(known));
    else
      asleep.push_back(id);
  }
  if (!asleep.empty())
    load(std::move(asleep));
}

void shard_state::deliver(entry& to, task_ask ask) {
  if (!to.actor) {
    to.waiting.push_back(std::move(ask));
    return;
  }
  ++to.sent;
  self_->send(to.actor, std::move(ask));
}

void shard_state::load(std::vector<task_id> ids) {
  home_->lookups->post([to = caf::actor_cast<shard_actor>(self_),
                        ids = std::move(ids)](const storage::task_store& store) {
    tasks_loaded batch;
    batch.found.reserve(ids.size());
    for (const auto& id : ids)
      batch.found.emplace_back(id, store.load(id));
    caf::anon_send(to, std::move(batch));
  });
}

void shard_state::on_loaded(tasks_loaded& batch) {
  std::vector<ticked_task> ticked;
  for (auto& [id, found] : batch.found) {
    const auto sleeper = directory_.find(id);
    if (sleeper == directory_.end())
      continue;
    if (found && *found) {
      auto restored = std::make_shared<const task>(**std::move(found));
      if (needs_no_actor(sleeper->second, *restored))
        ticked.push_back({std::move(restored), {}, {}});
      else
        wake(id, sleeper->second, std::move(restored));
      continue;
    }
    const auto cause = found ? problem{problem_kind::not_found, "no such task"} : found.error();
    for (auto& ask : sleeper->second.waiting)
      ask.reply(cause);
    directory_.erase(sleeper);
  }
  if (!ticked.empty())
    save_ticks(std::move(ticked));
}

void shard_state::wake(task_id id, entry& sleeper, task_ptr restored) {
  sleeper.actor = self_->spawn(task_behavior, home_, std::move(restored));
  for (auto& ask : std::exchange(sleeper.waiting, {}))
    deliver(sleeper, std::move(ask));
  awake_.push_back(id);
  if (awake_.size() <= home_->settings.awake_tasks_max / shard_count)
    return;
  const auto oldest = awake_.front();
  awake_.pop_front();
  const auto known = directory_.find(oldest);
  if (known != directory_.end() && known->second.actor) {
    awake_.push_back(oldest);  // it may be busy; its turn comes again
    self_->send(known->second.actor, please_rest{});
  }
}

void shard_state::on_may_rest(const may_rest& offer) {
  const auto found = directory_.find(offer.id);
  if (found == directory_.end() || !found->second.actor || found->second.sent != offer.handled)
    return;
  self_->send(found->second.actor, rest_now{});
  directory_.erase(found);
}

// -- what is due --------------------------------------------------------------

void shard_state::on_due(tasks_due& batch) {
  for (const auto& id : batch.ids)
    due_.push_back({id, batch.until_decided});
  batch.until_decided.reset();
  start_due_shares();
}

void shard_state::on_due_share_decided() {
  --due_shares_;
  start_due_shares();
}

void shard_state::start_due_shares() {
  while (due_shares_ < due_shares_max && !due_.empty()) {
    ++due_shares_;
    const auto share = make_hold(
        [to = caf::actor_cast<shard_actor>(self_)] { caf::anon_send(to, due_share_decided{}); });
    ask_tasks batch;
    while (batch.asks.size() < due_share_size && !due_.empty()) {
      // Both are kept until the task is decided: the share's and the clock's.
      hold both{nullptr, [share, clock = std::move(due_.front().until_decided)](void*) {}};
      batch.asks.push_back({due_.front().id, event::tick{}, {}, std::move(both)});
      due_.pop_front();
    }
    on_asks(batch);
  }
}

void shard_state::on_shut_down() {
  for (auto& [id, awake] : std::exchange(directory_, {}))
    if (awake.actor)
      self_->send(awake.actor, rest_now{});
  self_->quit();
}

shard_actor::behavior_type shard_behavior(shard_actor::stateful_pointer<shard_state> self,
                                          const house* home) {
  auto& state = self->state;
  state.init(self, home);
  return {
      [&state](create_tasks& ask) { state.on_create(ask); },
      [&state](ask_tasks& batch) { state.on_asks(batch); },
      [&state](tasks_due& batch) { state.on_due(batch); },
      [&state](due_share_decided) { state.on_due_share_decided(); },
      [&state](const ticks_saved& ticks) { state.on_ticks_saved(ticks); },
      [&state](tasks_loaded& batch) { state.on_loaded(batch); },
      [&state](unique_looked_up& found) { state.on_unique_looked_up(found); },
      [&state](unique_saved& first) { state.on_unique_saved(first); },
      [&state](const may_rest& offer) { state.on_may_rest(offer); },
      [self](const tell_mailbox& ask) { ask.reply(self->mailbox().size()); },
      [&state](shut_down) { state.on_shut_down(); },
  };
}

}  // namespace carillon
