#include "actors/schedule_actor.hpp"

#include <algorithm>
#include <atomic>

#include "actors/marks.hpp"
#include "actors/schedule_commit.hpp"
#include "actors/schedule_prepare.hpp"
#include "model/log.hpp"
#include "storage/schedule_record.hpp"

namespace carillon {
namespace {

/// How long an event waits that could not be saved.
constexpr duration retry_delay = std::chrono::seconds{1};

/// A schedule that waits longer than this for its next moment need not stay awake.
constexpr duration stay_awake_max = std::chrono::seconds{5};

bool holds_tasks(const schedule_lifecycle::state& subject) {
  return std::ranges::any_of(
      subject.open, [](const open_task& one) { return one.is_held || one.ordered.has_value(); });
}

/// Nobody would say it again.
bool is_news(const schedule_change& what) {
  return std::holds_alternative<schedule_event::told>(what)
         || std::holds_alternative<schedule_event::restored>(what)
         || std::holds_alternative<schedule_event::zone_changed>(what);
}

/// What a person may do to a definition.
bool is_change_of_definition(const std::variant<schedule_change, schedule_patch>& what) {
  const auto* change = std::get_if<schedule_change>(&what);
  return change == nullptr || std::holds_alternative<schedule_event::snooze>(*change)
         || std::holds_alternative<schedule_event::pause>(*change)
         || std::holds_alternative<schedule_event::resume>(*change)
         || std::holds_alternative<schedule_event::restart>(*change)
         || std::holds_alternative<schedule_event::cancel>(*change)
         || std::holds_alternative<schedule_event::remove>(*change);
}

void log_move(const schedule& before, const schedule& after) {
  if (before.next_at != after.next_at)
    log(log_level::info, "a changed zone moved the next moment of a schedule",
        {{"schedule", to_text(after.id)},
         {"zone", after.spec->timezone},
         {"from", before.next_at ? format_instant(*before.next_at) : "none"},
         {"to", after.next_at ? format_instant(*after.next_at) : "none"}});
}

}  // namespace

void schedule_actor_state::init(schedule_actor::stateful_pointer<schedule_actor_state> self,
                                const house* home, schedule_lifecycle::state restored) {
  self_ = self;
  home_ = home;
  durable_ = std::move(restored);
}

void schedule_actor_state::on_ask(schedule_ask& ask) {
  ++handled_;
  inbox_.push_back(std::move(ask));
  work();
}

// -- prepare, apply, save, act ----------------------------------------------------

void schedule_actor_state::work() {
  while (!saving_ && !preparing_ && !inbox_.empty()) {
    if (refuse_change(inbox_.front()) || refuse_stale(inbox_.front())) {
      inbox_.pop_front();
      continue;
    }
    if (prepare(inbox_.front()))
      return;
    auto ask = std::move(inbox_.front());
    inbox_.pop_front();
    decide(std::get<schedule_change>(std::move(ask.what)), std::move(ask.reply),
           std::move(ask.until_decided), {});
  }
}

/// What the operator's file defines is changed there and nowhere else.
bool schedule_actor_state::refuse_change(const schedule_ask& ask) {
  if (ask.by_file || !durable_->subject.spec->file || !is_change_of_definition(ask.what))
    return false;
  ask.reply(problem{problem_kind::conflict,
                    "the schedule is owned by the operator's file: change it there and reload"});
  return true;
}

/// Nothing is decided between this and what is asked for, so the version is the one that it
/// changes.
bool schedule_actor_state::refuse_stale(const schedule_ask& ask) {
  const auto& subject = durable_->subject;
  if (!ask.only_if || std::ranges::count(*ask.only_if, storage::version_of(subject)) > 0)
    return false;
  schedule_outcome stale{std::make_shared<const schedule>(subject)};
  stale.is_stale = true;
  ask.reply(std::move(stale));
  return true;
}

/// Reads what the event needs from the store; false when it needs nothing.
bool schedule_actor_state::prepare(const schedule_ask& ask) {
  auto job = preparation_of(ask.what, *durable_, *home_);
  if (!job)
    return false;
  preparing_ = true;
  home_->lookups->post(
      [job = std::move(job), to = caf::actor_cast<schedule_actor>(self_)](
          const storage::task_store& store) { caf::anon_send(to, schedule_prepared{job(store)}); });
  return true;
}

void schedule_actor_state::on_prepared(schedule_prepared& ready) {
  preparing_ = false;
  auto ask = std::move(inbox_.front());
  inbox_.pop_front();
  if (!ready.change)
    ask.reply(ready.change.error());
  else
    decide(*std::move(ready.change), std::move(ask.reply), std::move(ask.until_decided), {});
  work();
  rest_if_done();
}

void schedule_actor_state::decide(schedule_change what, answer<schedule_outcome> reply,
                                  hold until_decided, schedule_outcome outcome) {
  const auto& id = durable_->subject.id;
  auto decided = schedule_lifecycle::apply(*durable_, what, surroundings_of(*home_, id));
  if (!decided) {
    reply(decided.error());
    return;
  }
  if (!decided->changed) {
    outcome.subject = std::make_shared<const schedule>(durable_->subject);
    reply(std::move(outcome));
    return;
  }
  storage::change_set changes;
  encode(*decided, &durable_->subject, changes);
  const bool runs = std::holds_alternative<schedule_event::run>(what) && !decided->made.empty();
  leave_mark(reply, runs ? decided->made.back().next.id : id, changes);
  saving_ = commit{*std::move(decided), std::move(what), std::move(reply), std::move(until_decided),
                   std::move(outcome)};
  home_->writer->submit(std::move(changes),
                        [to = caf::actor_cast<schedule_actor>(self_)](
                            storage::commit_status status) { caf::anon_send(to, saved{status}); });
}

void schedule_actor_state::on_saved(storage::commit_status status) {
  auto done = std::move(*saving_);
  saving_.reset();
  if (status == storage::commit_status::durable)
    act(done);
  else
    undo(done);
  work();
  rest_if_done();
}

void schedule_actor_state::act(commit& done) {
  const auto before = std::move(durable_->subject);
  auto& made = done.made;
  auto& outcome = done.outcome;
  for (auto& task : announce(*home_, made, &before, done.until_decided))
    outcome.made.push_back(std::move(task));
  outcome.count += made.count;
  durable_ = std::move(made.next);
  outcome.subject = std::make_shared<const schedule>(durable_->subject);
  if (std::holds_alternative<schedule_event::zone_changed>(done.what))
    log_move(before, durable_->subject);
  if (made.again) {
    tell(std::move(made.orders), done.until_decided, [] {});
    decide(std::move(done.what), std::move(done.reply), std::move(done.until_decided),
           std::move(outcome));
    return;
  }
  tell(std::move(made.orders), done.until_decided,
       [reply = std::move(done.reply), outcome = std::move(outcome)] { reply(outcome); });
}

void schedule_actor_state::tell(std::vector<schedule_lifecycle::order> orders,
                                const hold& until_decided, const std::function<void()>& all_heard) {
  if (orders.empty()) {
    all_heard();
    return;
  }
  auto left = std::make_shared<std::atomic<std::size_t>>(orders.size());
  for (const auto& word : orders)
    send_order(*home_, word, until_decided, [left, all_heard] {
      if (left->fetch_sub(1) == 1)
        all_heard();
    });
}

/// Nothing was written: the schedule is what it was.
void schedule_actor_state::undo(commit& lost) {
  take_back(*home_, lost.made);
  lost.reply(problem{problem_kind::unavailable, "the disk is full: nothing was saved"});
  const auto& id = durable_->subject.id;
  if (is_news(lost.what)) {
    ask_schedules again;
    again.asks.push_back({id, std::move(lost.what)});
    caf::delayed_anon_send(home_->keeper_for(id), retry_delay, std::move(again));
    return;
  }
  announcements told{*home_};
  told.arm(id, home_->time->now() + retry_delay);
  told.send({});
}

// -- sleep ------------------------------------------------------------------------

void schedule_actor_state::rest_if_done() {
  if (saving_ || preparing_ || !inbox_.empty())
    return;
  const auto wake_at = durable_->subject.wake_at;
  const bool soon = wake_at && *wake_at <= home_->time->now() + stay_awake_max;
  if (!soon && !holds_tasks(*durable_))
    on_please_rest();
}

void schedule_actor_state::on_please_rest() {
  if (saving_ || preparing_ || !inbox_.empty())
    return;
  const auto& id = durable_->subject.id;
  self_->send(home_->keeper_for(id), schedule_may_rest{id, handled_, holds_tasks(*durable_)});
}

void schedule_actor_state::on_rest_now() {
  self_->quit();
}

schedule_actor::behavior_type schedule_behavior(
    schedule_actor::stateful_pointer<schedule_actor_state> self, const house* home,
    schedule_lifecycle::state restored) {
  auto& state = self->state;
  state.init(self, home, std::move(restored));
  return {
      [&state](schedule_ask& ask) { state.on_ask(ask); },
      [&state](schedule_prepared& ready) { state.on_prepared(ready); },
      [&state](const saved& outcome) { state.on_saved(outcome.status); },
      [&state](please_rest) { state.on_please_rest(); },
      [&state](rest_now) { state.on_rest_now(); },
  };
}

}  // namespace carillon
