#include "actors/delivery.hpp"

#include "actors/attempt_report.hpp"
#include "actors/delivery_rules.hpp"
#include "actors/errands.hpp"

namespace carillon {

void delivery_state::init(delivery_actor::stateful_pointer<delivery_state> self, const house* home,
                          delivery_settings settings) {
  self_ = self;
  home_ = home;
  settings_ = std::move(settings);
}

std::size_t delivery_state::under_way() const {
  return commands_.size();
}

void delivery_state::ask_for_tasks() {
  if (asking_ || stopping_ || under_way() >= settings_.slots)
    return;
  asking_ = true;
  task_request wanted;
  wanted.queue = settings_.queue;
  wanted.max = settings_.slots - under_way();
  wanted.wait = duration{-1};
  const bool runs_commands = settings_.queue == command_queue || settings_.queue == service_queue;
  wanted.grant.runner = runs_commands ? runner_kind::command : runner_kind::delivery;
  wanted.grant.server_epoch = home_->settings.server_epoch;
  wanted.is_wanted = [stopped = stopped_] { return !*stopped; };
  wanted.reply = answer<std::vector<task_ptr>>{
      [me = caf::actor_cast<delivery_actor>(self_)](const expected<std::vector<task_ptr>>&) {
        caf::anon_send(me, delivery_granted{});
      }};
  self_->send(home_->queue_for(settings_.queue), request_tasks{std::move(wanted)});
}

/// The calls of the tasks granted were ordered before this came: each task orders its own first.
void delivery_state::on_granted() {
  asking_ = false;
  ask_for_tasks();
}

void delivery_state::on_start(const start_delivery& order) {
  if (order.subject->spec->command)
    start_command(*order.subject, order.token);
  else
    run_errand(*home_, order.subject, order.token);
}

void delivery_state::start_command(const task& subject, std::uint64_t token) {
  // Settled anew at each start: the operator may have changed the setting.
  if (subject.spec->parent && !home_->settings.api_commands)
    return report(
        {subject.id, event::failed{token, attempt_outcome::start_failed,
                                   "pipelines may run no commands on this server", false}});
  const auto ticket = home_->commands->start(
      call_of_command(subject),
      [me = caf::actor_cast<delivery_actor>(self_), id = subject.id, token](auto outcome) {
        caf::anon_send(me, command_ended{id, token, std::move(outcome)});
      });
  commands_.emplace(key{subject.id, token}, ticket);
}

void delivery_state::on_stop(const stop_delivery& order) {
  if (const auto running = commands_.find({order.id, order.token}); running != commands_.end())
    return home_->commands->stop(running->second);
  slot_was_freed();
}

void delivery_state::on_command_ended(const command_ended& news) {
  if (commands_.erase({news.id, news.token}) > 0)
    report({news.id, judge(news.outcome, news.token)});
  slot_was_freed();
}

void delivery_state::on_end_commands(bool at_once) {
  // The last that was started goes first.
  for (auto running = commands_.rbegin(); running != commands_.rend(); ++running) {
    report({running->first.first, event::cancel{false, end_reason::server_stopped}});
    if (at_once)
      home_->commands->kill(running->second);
  }
}

void delivery_state::slot_was_freed() {
  ask_for_tasks();
  if (stopping_ && under_way() == 0)
    (*stopping_)(true);
}

/// An outcome must not be lost to a full disk: it is told until it is on disk or no longer wanted.
void delivery_state::report(task_ask news) {
  report_attempt(*home_, caf::actor_cast<delivery_actor>(self_), std::move(news));
}

void delivery_state::on_stop_all(stop_deliveries& ask) {
  stopping_ = std::move(ask.reply);
  *stopped_ = true;
  if (under_way() == 0)
    (*stopping_)(true);
}

delivery_actor::behavior_type delivery_behavior(
    delivery_actor::stateful_pointer<delivery_state> self, const house* home,
    const delivery_settings& settings) {
  auto& state = self->state;
  state.init(self, home, settings);
  return {
      [&state](const start_delivery& order) { state.on_start(order); },
      [&state](const stop_delivery& order) { state.on_stop(order); },
      [&state](delivery_granted) { state.on_granted(); },
      [&state](const command_ended& news) { state.on_command_ended(news); },
      [&state](const end_commands& order) { state.on_end_commands(order.at_once); },
      [&state](report_again& news) { state.report(std::move(news.report)); },
      [&state](stop_deliveries& ask) { state.on_stop_all(ask); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
