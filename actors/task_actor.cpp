#include "actors/task_actor.hpp"

#include <algorithm>
#include <utility>

#include "actors/errands.hpp"
#include "actors/marks.hpp"
#include "model/overloaded.hpp"

namespace carillon {
namespace {

/// How long a tick, or the news of a start, waits that could not be saved.
constexpr duration retick_delay = std::chrono::seconds{1};

/// A task that waits longer than this for its next moment need not stay awake.
constexpr duration stay_awake_max = std::chrono::seconds{10};

}  // namespace

void task_actor_state::init(task_actor::stateful_pointer<task_actor_state> self, const house* home,
                            task_ptr restored) {
  self_ = self;
  home_ = home;
  facts_ = facts_of(*restored);
  durable_ = std::move(restored);
}

void task_actor_state::on_ask(task_ask& ask) {
  ++handled_;
  inbox_.push_back(std::move(ask));
  work();
}

// -- apply, save, act ---------------------------------------------------------

void task_actor_state::work() {
  if (saving_ || inbox_.empty())
    return;
  commit made{durable_, facts_, {}, {}, {}, {}, {}};
  made.removed = is_removed_;
  std::vector<task_news> news;
  for (const auto& ask : std::exchange(inbox_, {}))
    decide(ask, made, news);
  if (made.after == durable_) {
    act(made);
    rest_if_done();
    return;
  }
  made.facts = facts_of(*made.after);
  if (home_->changes.is_on())
    made.news = news;
  storage::change_set changes;
  encode({made.after, facts_, std::move(news), made.removed, made.parts}, changes);
  encode_born(made.born, changes);
  for (const auto& [reply, outcome] : made.replies)
    if (outcome)
      leave_mark(reply, made.after->id, changes);
  saving_ = std::move(made);
  home_->writer->submit(std::move(changes),
                        [to = caf::actor_cast<task_actor>(self_)](storage::commit_status status) {
                          caf::anon_send(to, saved{status});
                        });
}

void task_actor_state::decide(const task_ask& ask, commit& made, std::vector<task_news>& news) {
  made.holds.push_back(ask.until_decided);
  if (made.removed) {
    made.replies.emplace_back(ask.reply, problem{problem_kind::not_found, "no such task"});
    return;
  }
  made.has_tick |= std::holds_alternative<event::tick>(ask.event);
  if (const auto* start = std::get_if<event::server_started>(&ask.event))
    made.start = *start;
  auto decided = lifecycle::apply(*made.after, ask.event, home_->time->now());
  if (!decided) {
    made.replies.emplace_back(ask.reply, decided.error());
    return;
  }
  if (decided->changed) {
    made.removed = decided->removed;
    made.was_granted |= std::holds_alternative<event::grant>(ask.event);
    made.after = std::make_shared<const task>(std::move(decided->next));
    std::ranges::move(decided->news, std::back_inserter(news));
    std::ranges::move(decided->parts, std::back_inserter(made.parts));
    for (auto& one : decided->born)
      made.born.push_back(std::make_shared<const task>(std::move(one)));
  }
  std::ranges::move(decided->effects, std::back_inserter(made.effects));
  made.replies.emplace_back(ask.reply, made.after);
}

void task_actor_state::on_saved(storage::commit_status status) {
  auto done = std::move(*saving_);
  saving_.reset();
  if (status == storage::commit_status::durable)
    act(done);
  else
    undo(done);
  work();
  rest_if_done();
}

void task_actor_state::act(commit& done) {
  announcements told{*home_};
  if (done.facts.next_moment != facts_.next_moment)
    told.arm(done.after->id, done.facts.next_moment);
  told.tell_schedule(*done.after, facts_);
  told.tell_batch(*done.after, facts_);
  if (done.after != durable_)
    told.show(durable_, done.after, done.removed);
  told.report(*done.after, done.news);
  const hold all{nullptr, [holds = std::move(done.holds)](void*) {}};
  tell_gate(done, all);
  durable_ = done.after;
  facts_ = done.facts;
  is_removed_ = done.removed;
  for (const auto& effect : done.effects)
    perform(effect, told, all);
  for (const auto& one : done.born)
    told.born(one);
  if (is_removed_ && runs_in_steps(*durable_->spec))
    forget_children(*home_, durable_->id);
  told.send(all);
  for (auto& [reply, value] : done.replies)
    reply(std::move(value));
}

/// Before anybody else hears of it, so that whoever takes the task next finds its key as it is.
void task_actor_state::tell_gate(const commit& done, const hold& until_decided) {
  const auto& spec = *done.after->spec;
  const bool runs = done.facts.status == task_status::processing;
  const bool ran = facts_.status == task_status::processing;
  const auto tell = [&](const std::string& key) {
    if (runs && !ran)
      home_->gates->confirm(key, done.after->id);
    if (!runs && (ran || done.was_granted))
      home_->gates->release(key, done.after->id, until_decided);
  };
  if (!spec.limit.key.empty())
    tell(spec.limit.key);
  if (const auto queue = queue_of(spec); home_->queue_rules->tracks(queue))
    tell(limit_of_queue(queue, {}).key);
}

void task_actor_state::perform(const task_effect& effect, announcements& told,
                               const hold& until_decided) {
  std::visit(
      overloaded{
          [&](const effect::offer&) { told.offer(*durable_); },
          [&](const effect::start_call& start) {
            self_->send(home_->runner_of(*durable_->spec), start_delivery{durable_, start.token});
          },
          [&](const effect::stop_call& stop) {
            self_->send(home_->runner_of(*durable_->spec), stop_delivery{durable_->id, stop.token});
          },
          [&](const effect::drop_log& drop) { told.drop_log(*durable_, drop.attempt); },
          [&](const effect::tell_parent&) { tell_parent(*home_, durable_, until_decided); },
          [&](const effect::stop_children& stop) {
            for (const auto& child : stop.ids)
              tell_surely(*home_,
                          {child, event::cancel{false, end_reason::stopped}, {}, until_decided});
          },
          [&](const effect::ask_children& ask) { ask_children(*home_, durable_->id, ask.ids); },
          [&](const effect::go_on& word) {
            tell_surely(*home_, {durable_->id, event::proceed{word.token}, {}, until_decided});
          },
      },
      effect);
}

/// Nothing was written: the task is what it was, and askers are told so.
void task_actor_state::undo(commit& lost) {
  for (auto& [reply, value] : lost.replies)
    reply(problem{problem_kind::unavailable, "the disk is full: nothing was saved"});
  if (lost.has_tick) {
    announcements told{*home_};
    told.arm(durable_->id, home_->time->now() + retick_delay);
    told.send({});
  }
  if (lost.start) {
    ask_tasks again;
    again.asks.push_back({durable_->id, *lost.start});
    caf::delayed_anon_send(home_->shard_for(durable_->id), retick_delay, std::move(again));
  }
}

// -- sleep --------------------------------------------------------------------

void task_actor_state::rest_if_done() {
  if (saving_ || !inbox_.empty())
    return;
  const auto moment = facts_.next_moment;
  const auto* running = std::get_if<processing>(&durable_->state);
  const bool sleeps = running == nullptr || !facts_.topic.empty() || running->waits.until
                      || running->runner == runner_kind::callback;
  const bool far = sleeps && moment && *moment > home_->time->now() + stay_awake_max;
  if (has_ended(*durable_) || far || (!facts_.topic.empty() && !moment))
    on_please_rest();
}

void task_actor_state::on_please_rest() {
  if (!saving_ && inbox_.empty())
    self_->send(home_->shard_for(durable_->id), may_rest{durable_->id, handled_});
}

void task_actor_state::on_rest_now() {
  self_->quit();
}

task_actor::behavior_type task_behavior(task_actor::stateful_pointer<task_actor_state> self,
                                        const house* home, task_ptr restored) {
  auto& state = self->state;
  state.init(self, home, std::move(restored));
  return {
      [&state](task_ask& ask) { state.on_ask(ask); },
      [&state](const saved& outcome) { state.on_saved(outcome.status); },
      [&state](please_rest) { state.on_please_rest(); },
      [&state](rest_now) { state.on_rest_now(); },
  };
}

}  // namespace carillon
