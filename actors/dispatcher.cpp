#include "actors/dispatcher.hpp"

#include <algorithm>

#include "actors/attempt_report.hpp"
#include "actors/delivery_rules.hpp"
#include "model/retry_after.hpp"

namespace carillon {
namespace {

/// What one host may take of the slots that the others leave.
constexpr std::size_t share = 8;
/// While a request is under way, no smaller one follows: so they do not fall apart into single
/// ones.
constexpr std::size_t batch_min = 16;

constexpr duration sweep_interval = std::chrono::minutes{1};
/// Idle for longer than any rate's interval.
constexpr int idle_sweeps_min = 2;
/// Then failures are forgotten, too.
constexpr int idle_sweeps_max = 6;

constexpr std::size_t failure_bytes_max = 200;

constexpr int http_too_many_requests = 429;
constexpr int http_bad_gateway = 502;
constexpr int http_unavailable = 503;
constexpr int http_gateway_timeout = 504;

host_news news_of(const http_outcome& outcome) {
  switch (outcome.status) {
    case 0:
      return outcome.host_failed ? host_news::down : host_news::nothing;
    case http_bad_gateway:
    case http_unavailable:
    case http_gateway_timeout:
      return host_news::down;
    case http_too_many_requests:
      return host_news::busy;
    default:
      return host_news::alive;
  }
}

}  // namespace

void dispatcher_state::init(dispatcher_actor::stateful_pointer<dispatcher_state> self,
                            const house* home) {
  self_ = self;
  home_ = home;
  started_ = home->time->now();
  self_->delayed_send(self_, sweep_interval, sweep_hosts{});
}

dispatcher_state::host& dispatcher_state::find_or_add(const std::string& queue) {
  const auto known = hosts_.find(queue);
  if (known != hosts_.end())
    return known->second;
  const auto& settings = home_->settings;
  const host_gate gate{{settings.calls_per_host, settings.starts_per_host}, started_};
  const auto added = hosts_.emplace(queue, host{nullptr, gate}).first;
  added->second.queue = &added->first;
  return added->second;
}

// -- who gets tasks ---------------------------------------------------------------

/// The queue is told its rows; it tells us.
void dispatcher_state::on_find_hosts() {
  home_->lookups->post([home = home_](const storage::task_store& store) {
    std::map<const queue_actor*, rows_found> by_actor;
    for (auto& queue : store.ready_queues(host_queues))
      by_actor[&home->queue_for(queue)].queues.push_back(std::move(queue));
    for (auto& [owner, found] : by_actor)
      caf::anon_send(*owner, std::move(found));
  });
}

void dispatcher_state::on_work(const host_has_work& news) {
  auto& known = find_or_add(news.queue);
  known.waiting = news.waiting;
  known.owes_answer = true;
  line_up(known);
  dispatch(news.until_decided);
  if (std::exchange(known.owes_answer, false))
    self_->send(home_->queue_for(news.queue), pass_host{news.queue});
}

void dispatcher_state::line_up(host& ready) {
  ready.idle_sweeps = 0;
  if (ready.waiting > 0 && !std::exchange(ready.in_line, true))
    line_.push_back(&ready);
}

void dispatcher_state::dispatch(const hold& until_decided) {
  const auto now = home_->time->now();
  while (!stopping_ && !line_.empty() && slots_used_ < home_->settings.delivery_slots) {
    auto& next = *line_.front();
    line_.pop_front();
    next.in_line = false;
    ask(next, now, until_decided);
  }
}

std::size_t dispatcher_state::wanted_of(const host& next, instant now) const {
  const auto room = next.gate.room(now);
  if (next.gate.breaker().state_at(now) == host_breaker::state::half_open)
    return room;  // the probe
  const auto free = home_->settings.delivery_slots - slots_used_;
  const auto own = next.gate.asked() + next.gate.called();
  const auto allowed = std::max<std::size_t>((free + own) / share, 1);
  return std::min({room, allowed - std::min(own, allowed), free, next.waiting});
}

void dispatcher_state::ask(host& next, instant now, const hold& until_decided) {
  const auto count = wanted_of(next, now);
  if (count == 0) {
    if (const auto moment = next.gate.next_look(now))
      arm(next, *moment);
    return;
  }
  if (next.gate.asked() > 0 && count < batch_min)
    return;
  next.gate.ask(count, now);
  next.owes_answer = false;
  next.waiting = 0;  // the queue tells what is left
  slots_used_ += count;
  task_request wanted;
  wanted.queue = *next.queue;
  wanted.max = count;
  wanted.grant.runner = runner_kind::delivery;
  wanted.grant.server_epoch = home_->settings.server_epoch;
  wanted.reply = answer<std::vector<task_ptr>>{
      [me = caf::actor_cast<dispatcher_actor>(self_), queue = *next.queue, count,
       until_decided](const expected<std::vector<task_ptr>>& given) {
        caf::anon_send(me, host_granted{queue, count, given ? given->size() : 0, until_decided});
      }};
  self_->send(home_->queue_for(*next.queue), request_tasks{std::move(wanted)});
}

void dispatcher_state::arm(host& resting, instant moment) {
  if (resting.alarm && *resting.alarm <= moment)
    return;
  resting.alarm = moment;
  self_->send(home_->clock, arm_host{moment, *resting.queue});
}

void dispatcher_state::on_alarm(const host_alarm& alarm) {
  const auto known = hosts_.find(alarm.queue);
  if (known == hosts_.end())
    return;
  known->second.alarm.reset();
  line_up(known->second);
  dispatch(alarm.until_decided);
}

void dispatcher_state::on_granted(const host_granted& news) {
  auto& known = find_or_add(news.queue);
  known.gate.settle(news.asked, news.given, home_->time->now());
  slots_used_ -= news.asked - news.given;
  line_up(known);
  dispatch(news.until_decided);
  stop_if_done();
}

// -- calls ------------------------------------------------------------------------

void dispatcher_state::on_start(const start_delivery& order) {
  auto& to = find_or_add(queue_of(*order.subject->spec));
  if (to.gate.asked() == 0)
    ++slots_used_;
  to.gate.begin_call();
  const auto id = order.subject->id;
  const auto token = order.token;
  const auto end = [me = caf::actor_cast<dispatcher_actor>(self_), id, token](auto outcome) {
    caf::anon_send(me, delivery_ended{id, token, std::move(outcome)});
  };
  auto made = delivery_call(*order.subject);
  std::uint64_t ticket = 0;
  if (const auto may = home_->webhooks->stamp(*order.subject, token, home_->time->now(), made)) {
    ticket = home_->calls->start(std::move(made), end);
  } else {  // it ends as a call that said nothing of its host
    http_outcome unsent;
    unsent.error = may.error().detail;
    end(std::move(unsent));
  }
  calls_.emplace(key{id, token}, call{ticket, &to, home_->time->now()});
}

/// It ends as any other call, and says nothing of its host.
void dispatcher_state::on_stop(const stop_delivery& order) {
  const auto found = calls_.find({order.id, order.token});
  if (found != calls_.end())
    home_->calls->cancel(found->second.ticket);
}

void dispatcher_state::on_ended(const delivery_ended& news) {
  const auto found = calls_.find({news.id, news.token});
  if (found == calls_.end())
    return;
  const auto [ticket, to, began] = found->second;
  calls_.erase(found);
  --slots_used_;
  const auto now = home_->time->now();
  const auto& outcome = news.outcome;
  const auto before = to->gate.breaker().state_at(now);
  to->gate.end_call(news_of(outcome), began, now, parse_retry_after(outcome.retry_after, now));
  if (news_of(outcome) == host_news::down)
    to->last_failure = outcome.status == 0 ? outcome.error.substr(0, failure_bytes_max)
                                           : "answered " + std::to_string(outcome.status);
  show(*to, before, now);
  report({news.id, judge(outcome, news.token, now)});
  line_up(*to);
  dispatch();
  stop_if_done();
}

/// For those who look on.
void dispatcher_state::show(const host& known, host_breaker::state before, instant now) const {
  const auto& breaker = known.gate.breaker();
  if (const auto after = breaker.state_at(now); after != before && home_->changes.is_on())
    home_->changes.publish(host_change_of(std::string{host_of_queue(*known.queue)}, after,
                                          breaker.closed_until(now), now));
}

void dispatcher_state::report(task_ask news) {
  report_attempt(*home_, caf::actor_cast<dispatcher_actor>(self_), std::move(news));
}

void dispatcher_state::on_stop_all(stop_deliveries& ask) {
  stopping_ = std::move(ask.reply);
  stop_if_done();
}

void dispatcher_state::stop_if_done() {
  if (stopping_ && slots_used_ == 0)
    (*stopping_)(true);
}

// -- what is to be seen -------------------------------------------------------------

void dispatcher_state::on_sweep() {
  const auto now = home_->time->now();
  for (auto at = hosts_.begin(); at != hosts_.end();) {
    auto& swept = at->second;
    const bool is_idle = swept.gate.is_quiet() && swept.waiting == 0 && !swept.in_line;
    swept.idle_sweeps = is_idle ? swept.idle_sweeps + 1 : 0;
    const int kept_for =
        swept.gate.breaker().knows_nothing(now) ? idle_sweeps_min : idle_sweeps_max;
    at = swept.idle_sweeps >= kept_for ? hosts_.erase(at) : std::next(at);
  }
  self_->delayed_send(self_, sweep_interval, sweep_hosts{});
}

host_facts dispatcher_state::facts_of(const host& known) const {
  const auto now = home_->time->now();
  const auto& breaker = known.gate.breaker();
  host_facts facts;
  facts.host = host_of_queue(*known.queue);
  facts.state = breaker.state_at(now);
  facts.calls = known.gate.called();
  facts.has_waiting_tasks = known.waiting > 0;
  facts.failures = breaker.failures();
  facts.rests_until = breaker.closed_until(now);
  if (facts.failures > 0)
    facts.last_failure = known.last_failure;
  return facts;
}

void dispatcher_state::on_list(const list_hosts& ask) const {
  std::vector<host_facts> found;
  if (ask.only.empty()) {
    found.reserve(hosts_.size());
    for (const auto& [queue, known] : hosts_)
      found.push_back(facts_of(known));
  } else if (const auto known = hosts_.find(queue_of_host(ask.only)); known != hosts_.end()) {
    found.push_back(facts_of(known->second));
  }
  ask.reply(std::move(found));
}

void dispatcher_state::on_count(const count_hosts& ask) const {
  const auto now = home_->time->now();
  host_counts found;
  for (const auto& [queue, known] : hosts_) {
    const auto state = known.gate.breaker().state_at(now);
    found.closed += state == host_breaker::state::closed ? 1 : 0;
    found.half_open += state == host_breaker::state::half_open ? 1 : 0;
    found.open += state == host_breaker::state::open ? 1 : 0;
  }
  found.calls = calls_.size();
  ask.reply(found);
}

void dispatcher_state::on_reset(const reset_host& ask) {
  const auto known = hosts_.find(queue_of_host(ask.host));
  if (known == hosts_.end())
    return ask.reply(problem{problem_kind::not_found, "no call of this host is remembered"});
  const auto now = home_->time->now();
  const auto before = known->second.gate.breaker().state_at(now);
  known->second.gate.breaker().reset();
  show(known->second, before, now);
  line_up(known->second);
  dispatch();
  ask.reply(facts_of(known->second));
}

dispatcher_actor::behavior_type dispatcher_behavior(
    dispatcher_actor::stateful_pointer<dispatcher_state> self, const house* home) {
  auto& state = self->state;
  state.init(self, home);
  return {
      [&state](const start_delivery& order) { state.on_start(order); },
      [&state](const stop_delivery& order) { state.on_stop(order); },
      [&state](stop_deliveries& ask) { state.on_stop_all(ask); },
      [&state](const delivery_ended& news) { state.on_ended(news); },
      [&state](report_again& news) { state.report(std::move(news.report)); },
      [&state](find_hosts) { state.on_find_hosts(); },
      [&state](const host_has_work& news) { state.on_work(news); },
      [&state](const host_granted& news) { state.on_granted(news); },
      [&state](const host_alarm& alarm) { state.on_alarm(alarm); },
      [&state](sweep_hosts) { state.on_sweep(); },
      [&state](const list_hosts& ask) { state.on_list(ask); },
      [&state](const reset_host& ask) { state.on_reset(ask); },
      [&state](const count_hosts& ask) { state.on_count(ask); },
      [self](const tell_mailbox& ask) { ask.reply(self->mailbox().size()); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
