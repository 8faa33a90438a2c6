#include "actors/queue.hpp"

#include <algorithm>
#include <utility>

#include "actors/gather.hpp"

namespace carillon {
namespace {

constexpr duration sweep_interval = std::chrono::minutes{1};
constexpr int idle_sweeps_max = 5;
constexpr duration offer_again_delay = std::chrono::seconds{1};

/// Of one host: there may be many that do not take theirs.
constexpr std::size_t host_head_max = 512;

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
  const bool is_host = is_host_queue(queue_name);
  const auto room = home_->settings.ready_head_max;
  // A host's queue that is not here has no tasks but those that are being offered.
  ready_queue ready{is_host ? std::min(room, host_head_max) : room, !is_host};
  return queues_.emplace(queue_name, queue{std::move(ready), {}}).first->second;
}

// -- tasks and requests come together ------------------------------------------

void queue_state::on_offer(const offer_tasks& offer) {
  if (!is_host_queue(offer.queue) && !queues_.contains(offer.queue))
    return;  // nobody asks for it: the row in the store is enough
  auto& known = find_or_add(offer.queue);
  for (const auto& entry : offer.entries)
    known.ready.offer(entry);
  // The offers of one commit come one behind the other: what is in the mailbox already is heard
  // first, so that a worker gets them together.
  serve_soon(offer.queue, known);
}

void queue_state::serve_soon(const std::string& queue_name, queue& served) {
  if (!std::exchange(served.serves_soon, true))
    self_->send(self_, serve_queue{queue_name});
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
  wanted.last_asked = home_->time->now();
  wanted.dispatcher = queue::word::none;
  const bool at_once = ask.request.wait == duration{0};
  wanted.waiting.push_back({number, std::move(ask.request), at_once, at_once});
  serve(queue_name, wanted);
  pass_freed(queue_name, wanted);
}

void queue_state::serve(const std::string& queue_name, queue& served) {
  refill_if_low(queue_name, served);
  serve_waiting(queue_name, served);
  tell_gates(queue_name, served);
  refill_if_low(queue_name, served);
  if (!served.waiting.empty()) {
    arm_wait(served.waiting.front());
    arm_wait(served.waiting.back());
  }
  // Whose time is up gets nothing, but not before the store was asked once.
  if (!served.ready.refilling())
    std::erase_if(served.waiting, [](waiter& late) {
      if (late.wait_is_over)
        late.request.reply(std::vector<task_ptr>{});
      return late.wait_is_over;
    });
  tell_dispatcher(queue_name, served);
}

void queue_state::serve_waiting(const std::string& queue_name, queue& served) {
  served.is_full = false;
  const auto set = home_->queue_rules->find(queue_name);
  if (set.settings.is_paused || set.is_settling)
    return;
  while (!served.waiting.empty() && !served.ready.empty()) {
    const auto& next = served.waiting.front().request;
    auto taken = next.is_wanted && !next.is_wanted()
                     ? std::nullopt
                     : std::optional{take(queue_name, served, next.max)};
    if (taken && taken->empty())
      break;  // all of them wait for keys
    auto asker = std::move(served.waiting.front());
    served.waiting.pop_front();
    if (taken)
      grant(std::move(asker), *std::move(taken));
  }
}

/// The queue's own limit is asked first: a task that it stops waits in the queue, not for its key.
std::vector<ready_entry> queue_state::take(const std::string& queue_name, queue& from,
                                           std::size_t count) {
  const auto limit = home_->queue_rules->find(queue_name).limit;
  std::optional<ready_entry> stopped;
  const auto ask = [&](const ready_entry& entry) {
    const ready_entry in_queue{entry.rank, entry.id, limit};
    if (limit) {
      const auto own = home_->gates->try_start(queue_name, in_queue);
      if (own == key_answer::wait)
        stopped = in_queue;
      if (own != key_answer::start)
        return own == key_answer::wait ? key_answer::full : own;
    }
    const auto answer =
        entry.limit ? home_->gates->try_start(queue_name, entry) : key_answer::start;
    if (limit && answer != key_answer::start)
      home_->gates->give_back(limit->key, entry.id);
    return answer;
  };
  auto taken = from.ready.take(count, ask, limit != nullptr);
  from.is_full = stopped.has_value();
  if (stopped)
    home_->gates->wait(queue_name, *stopped, serving_for_);
  return taken;
}

/// Of what an ask would be given, or would find in the store.
void queue_state::tell_dispatcher(const std::string& queue_name, queue& served) {
  auto& ready = served.ready;
  if (served.dispatcher != queue::word::none || !served.waiting.empty()
      || !is_host_queue(queue_name) || (ready.empty() && !ready.wants_refill()))
    return;
  served.dispatcher = queue::word::told;
  self_->send(home_->dispatcher,
              host_has_work{queue_name, std::max<std::size_t>(ready.size(), 1), serving_for_});
}

/// Most requests are served at once and need no timer. Who comes anew, or again, stands at an end.
void queue_state::arm_wait(waiter& asker) {
  if (std::exchange(asker.is_armed, true) || asker.request.wait < duration{0})
    return;
  self_->delayed_send(self_, asker.request.wait, wait_over{asker.request.queue, asker.number});
}

void queue_state::grant(waiter to, std::vector<ready_entry> taken) {
  const auto number = to.number;
  auto grants = std::make_shared<gather<task_ptr>>(
      taken.size(),
      [me = caf::actor_cast<queue_actor>(self_), number](std::vector<expected<task_ptr>> outcomes) {
        caf::anon_send(me, grants_decided{number, std::move(outcomes)});
      });
  std::unordered_map<unsigned, ask_tasks> by_shard;
  for (std::size_t at = 0; at < taken.size(); ++at) {
    auto grant = to.request.grant;
    grant.token_salt = static_cast<std::uint32_t>(random_());
    const auto& id = taken[at].id;
    by_shard[shard_of(id)].asks.push_back(
        {id, std::move(grant), slot_of(grants, at), serving_for_});
  }
  granting_.emplace(number, granting{std::move(to), std::move(taken)});
  for (auto& [shard, asks] : by_shard)
    self_->send(home_->shards[shard], std::move(asks));
}

void queue_state::on_decided(grants_decided& done) {
  auto [asker, taken] = std::move(granting_.extract(done.request).mapped());
  const auto queue_name = asker.request.queue;
  auto& from = find_or_add(queue_name);
  std::vector<task_ptr> granted;
  std::vector<ready_entry> unsaved;
  bool gave_back = false;
  const bool is_tracked = home_->queue_rules->tracks(queue_name);
  for (std::size_t at = 0; at < taken.size(); ++at) {
    const auto& [rank, id, limit] = taken[at];
    auto& outcome = done.outcomes[at];
    from.ready.settle(id);
    if (outcome && std::holds_alternative<processing>((*outcome)->state)) {
      granted.push_back(*std::move(outcome));
      continue;
    }
    if (limit) {
      home_->gates->give_back(limit->key, id);
      gave_back = true;
    }
    if (is_tracked)
      home_->gates->give_back(limit_of_queue(queue_name, {}).key, id);
    if (!outcome && outcome.error().kind == problem_kind::unavailable)
      unsaved.push_back(taken[at]);
  }
  // The disk was full: they still wait. Offered again when it may have room.
  if (!unsaved.empty())
    self_->delayed_send(self_, offer_again_delay, offer_tasks{queue_name, std::move(unsaved), {}});
  if (!granted.empty())
    asker.request.reply(std::move(granted));
  else  // all of them were gone or taken: wait on, at the head of the line
    from.waiting.push_front(std::move(asker));
  // A key that was given back may be free for another one here: that is heard first.
  if (gave_back)
    serve_soon(queue_name, from);
  else
    serve(queue_name, from);
}

// -- keys -------------------------------------------------------------------------

void queue_state::tell_gates(const std::string& queue_name, queue& changed) {
  for (const auto& [key, best] : changed.ready.parked().take_changes()) {
    if (best)
      home_->gates->wait(queue_name, *best, serving_for_);
    else
      home_->gates->leave(queue_name, key, serving_for_);
  }
}

void queue_state::on_key_free(const key_free& news) {
  const auto known = queues_.find(news.queue);
  const bool is_own = news.key == limit_of_queue(news.queue, {}).key;
  if (known == queues_.end() || (!is_own && !known->second.ready.parked().open(news.key))) {
    home_->gates->leave(news.queue, news.key, news.until_decided);
    return;
  }
  serving_for_ = news.until_decided;
  serve(news.queue, known->second);
  serving_for_.reset();
  const bool is_open =
      is_own ? !known->second.is_full : known->second.ready.parked().is_open(news.key);
  if (!is_open)
    return;
  if (known->second.dispatcher == queue::word::told)  // its answer is on the way
    known->second.freed.push_back(news.key);
  else  // no worker asks for more here
    home_->gates->pass(news.queue, news.key, news.until_decided);
}

/// Keys that were kept for the dispatcher and that it did not use stand in nobody's way.
void queue_state::pass_freed(const std::string& queue_name, queue& passed) {
  for (const auto& key : std::exchange(passed.freed, {}))
    if (passed.ready.parked().is_open(key))
      home_->gates->pass(queue_name, key, {});
}

void queue_state::on_pass_host(const pass_host& news) {
  const auto known = queues_.find(news.queue);
  if (known == queues_.end() || known->second.dispatcher != queue::word::told)
    return;
  known->second.dispatcher = queue::word::passed;
  pass_freed(news.queue, known->second);
}

void queue_state::on_wait_over(const wait_over& late) {
  if (const auto found = granting_.find(late.request); found != granting_.end()) {
    found->second.asker.wait_is_over = true;
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

void queue_state::on_rows_found(const rows_found& news) {
  for (const auto& queue_name : news.queues) {
    auto& known = find_or_add(queue_name);
    known.ready.leave_in_store();
    tell_dispatcher(queue_name, known);
  }
}

// -- the store holds the rest ---------------------------------------------------

void queue_state::refill_if_low(const std::string& queue_name, queue& low) {
  if (low.waiting.empty() || !low.ready.wants_refill())
    return;
  auto bounds = low.ready.refill_started();
  home_->lookups->post([me = caf::actor_cast<queue_actor>(self_), queue_name,
                        limit = low.ready.refill_size(),
                        bounds = std::move(bounds)](const storage::task_store& store) {
    queue_loaded found{queue_name, {}, false, bounds};
    found.entries = store.scan_ready(queue_name, limit, found.bounds);
    found.complete = found.entries.size() < limit;
    caf::anon_send(me, std::move(found));
  });
}

void queue_state::on_loaded(const queue_loaded& found) {
  const auto known = queues_.find(found.queue);
  if (known == queues_.end())
    return;
  known->second.ready.refill(found.entries, found.complete, found.bounds);
  serve(found.queue, known->second);
}

bool queue_state::may_forget(const std::string& queue_name, const queue& swept) const {
  if (is_host_queue(queue_name))
    return swept.waiting.empty() && swept.ready.holds_nothing();
  return swept.idle_sweeps > idle_sweeps_max;
}

void queue_state::on_sweep() {
  for (auto at = queues_.begin(); at != queues_.end();) {
    auto& swept = at->second;
    const bool idle = swept.waiting.empty() && !swept.ready.refilling();
    swept.idle_sweeps = idle ? swept.idle_sweeps + 1 : 0;
    if (!may_forget(at->first, swept)) {
      ++at;
      continue;
    }
    for (const auto& key : swept.ready.parked().keys())
      home_->gates->leave(at->first, key, {});
    if (home_->queue_rules->tracks(at->first))
      home_->gates->leave(at->first, limit_of_queue(at->first, {}).key, {});
    at = queues_.erase(at);
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
      [&state](const key_free& news) { state.on_key_free(news); },
      [&state](const rows_found& news) { state.on_rows_found(news); },
      [&state](const pass_host& news) { state.on_pass_host(news); },
      [&state](sweep_queues) { state.on_sweep(); },
      [&state](change_queue& ask) { state.on_change(ask); },
      [&state](const queue_saved& outcome) { state.on_changed(outcome); },
      [&state](const queue_settled& news) { state.on_settled(news); },
      [&state](const look_at_queue& ask) { state.on_look(ask); },
      [self](const tell_mailbox& ask) { ask.reply(self->mailbox().size()); },
      [self](shut_down) { self->quit(); },
  };
}

}  // namespace carillon
