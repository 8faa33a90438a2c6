#include "actors/queue.hpp"

#include <algorithm>
#include <utility>

#include "actors/gather.hpp"

namespace carillon {
namespace {

constexpr duration sweep_interval = std::chrono::minutes{1};
constexpr int idle_sweeps_max = 5;
constexpr duration reread_delay = std::chrono::seconds{1};

}  // namespace

void queue_state::init(queue_actor::stateful_pointer<queue_state> self, const house* home,
                       std::size_t number) {
  self_ = self;
  home_ = home;
  random_.seed(home->settings.seed + number);
  self_->delayed_send(self_, sweep_interval, sweep_queues{});
}

queue_state::queue& queue_state::find_or_add(const std::string& queue_name) {
  const auto found = queues_.find(queue_name);
  if (found != queues_.end())
    return found->second;
  return queues_.emplace(queue_name, queue{ready_queue{home_->settings.ready_head_max}, {}})
      .first->second;
}

// -- tasks and requests come together ------------------------------------------

void queue_state::on_offer(const offer_tasks& offer) {
  const auto found = queues_.find(offer.queue);
  if (found == queues_.end())
    return;  // nobody asks for it: the row in the store is enough
  for (const auto& entry : offer.entries)
    found->second.ready.offer(entry);
  // The offers of one commit come one behind the other: what is in the mailbox already is heard
  // first, so that a worker gets them together.
  if (!std::exchange(found->second.serves_soon, true))
    self_->send(self_, serve_queue{offer.queue});
}

void queue_state::on_serve(const serve_queue& ask) {
  const auto found = queues_.find(ask.queue);
  if (found == queues_.end())
    return;
  found->second.serves_soon = false;
  serve(ask.queue, found->second);
}

void queue_state::on_request(request_tasks& ask) {
  const auto number = ++last_number_;
  const auto queue_name = ask.request.queue;
  auto& wanted = find_or_add(queue_name);
  wanted.idle_sweeps = 0;
  wanted.waiting.push_back({number, std::move(ask.request)});
  serve(queue_name, wanted);
}

void queue_state::serve(const std::string& queue_name, queue& served) {
  if (served.ready.wants_refill() && !served.waiting.empty())
    refill(queue_name, served);
  while (!served.waiting.empty() && !served.ready.empty()) {
    auto next = std::move(served.waiting.front());
    served.waiting.pop_front();
    if (!next.request.is_wanted || next.request.is_wanted())
      grant(served, std::move(next));
  }
  if (!served.waiting.empty()) {
    arm_wait(served.waiting.front());
    arm_wait(served.waiting.back());
  }
  // Whose time is up gets nothing, but not before the store was asked once.
  if (served.ready.refilling())
    return;
  std::erase_if(served.waiting, [](waiter& late) {
    if (late.wait_is_over)
      late.request.reply(std::vector<task_ptr>{});
    return late.wait_is_over;
  });
}

/// Most requests are served at once and need no timer. Who comes anew, or again, stands at an end.
void queue_state::arm_wait(waiter& asker) {
  if (std::exchange(asker.is_armed, true) || asker.request.wait < duration{0})
    return;
  self_->delayed_send(self_, asker.request.wait, wait_over{asker.request.queue, asker.number});
}

void queue_state::grant(queue& from, waiter to) {
  const auto ids = from.ready.take(to.request.max);
  const auto number = to.number;
  auto grants = std::make_shared<gather<task_ptr>>(
      ids.size(), [me = caf::actor_cast<queue_actor>(self_), number,
                   ids](std::vector<expected<task_ptr>> outcomes) {
        grants_decided done{number, ids, {}, false};
        for (auto& outcome : outcomes) {
          if (!outcome)
            done.some_not_saved |= outcome.error().kind == problem_kind::unavailable;
          else if (std::holds_alternative<processing>((*outcome)->state))
            done.granted.push_back(*std::move(outcome));
        }
        caf::anon_send(me, std::move(done));
      });
  std::unordered_map<unsigned, ask_tasks> by_shard;
  for (std::size_t at = 0; at < ids.size(); ++at) {
    auto grant = to.request.grant;
    grant.token_salt = static_cast<std::uint32_t>(random_());
    by_shard[shard_of(ids[at])].asks.push_back({ids[at], std::move(grant), slot_of(grants, at)});
  }
  granting_.emplace(number, std::move(to));
  for (auto& [shard, asks] : by_shard)
    self_->send(home_->shards[shard], std::move(asks));
}

void queue_state::on_decided(grants_decided& done) {
  auto asker = std::move(granting_.extract(done.request).mapped());
  const auto queue_name = asker.request.queue;
  auto& from = find_or_add(queue_name);
  for (const auto& id : done.asked)
    from.ready.settle(id);
  if (done.some_not_saved)  // they still wait in the store: read it again when the disk may have
                            // room
    self_->delayed_send(self_, reread_delay, reread_queue{queue_name});
  if (!done.granted.empty())
    asker.request.reply(std::move(done.granted));
  else  // all of them were gone or taken: wait on, at the head of the line
    from.waiting.push_front(std::move(asker));
  serve(queue_name, from);
}

void queue_state::on_wait_over(const wait_over& late) {
  if (const auto granting = granting_.find(late.request); granting != granting_.end()) {
    granting->second.wait_is_over = true;
    return;
  }
  const auto known = queues_.find(late.queue);
  if (known == queues_.end())
    return;
  const auto found = std::ranges::find(known->second.waiting, late.request, &waiter::number);
  if (found == known->second.waiting.end())
    return;
  found->wait_is_over = true;
  serve(late.queue, known->second);
}

// -- the store holds the rest ---------------------------------------------------

void queue_state::refill(const std::string& queue_name, queue& low) {
  low.ready.refill_started();
  const auto limit = home_->settings.ready_head_max;
  home_->lookups->post([me = caf::actor_cast<queue_actor>(self_), queue_name,
                        limit](const storage::task_store& store) {
    auto entries = store.scan_ready(queue_name, limit);
    const bool complete = entries.size() < limit;
    caf::anon_send(me, queue_loaded{queue_name, std::move(entries), complete});
  });
}

void queue_state::on_loaded(const queue_loaded& found) {
  const auto known = queues_.find(found.queue);
  if (known == queues_.end())
    return;
  known->second.ready.refill(found.entries, found.complete);
  serve(found.queue, known->second);
}

void queue_state::on_reread(const reread_queue& ask) {
  const auto known = queues_.find(ask.queue);
  if (known == queues_.end())
    return;
  known->second.ready.more_is_in_store();
  serve(ask.queue, known->second);
}

void queue_state::on_sweep() {
  for (auto at = queues_.begin(); at != queues_.end();) {
    auto& swept = at->second;
    const bool idle = swept.waiting.empty() && !swept.ready.refilling();
    swept.idle_sweeps = idle ? swept.idle_sweeps + 1 : 0;
    at = swept.idle_sweeps > idle_sweeps_max ? queues_.erase(at) : std::next(at);
  }
  self_->delayed_send(self_, sweep_interval, sweep_queues{});
}

queue_actor::behavior_type queue_behavior(queue_actor::stateful_pointer<queue_state> self,
                                          const house* home, std::size_t number) {
  auto& state = self->state;
  state.init(self, home, number);
  return {
      [&state](const offer_tasks& offer) { state.on_offer(offer); },
      [&state](const serve_queue& ask) { state.on_serve(ask); },
      [&state](request_tasks& ask) { state.on_request(ask); },
      [&state](grants_decided& done) { state.on_decided(done); },
      [&state](const queue_loaded& found) { state.on_loaded(found); },
      [&state](const wait_over& late) { state.on_wait_over(late); },
      [&state](const reread_queue& ask) { state.on_reread(ask); },
      [&state](sweep_queues) { state.on_sweep(); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
