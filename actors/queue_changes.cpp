#include <utility>

#include "actors/gather.hpp"
#include "actors/marks.hpp"
#include "actors/queue.hpp"
#include "storage/queue_record.hpp"

// What is set for a queue: saved, then made to hold. The first limit of a queue holds when the
// gates know which of its tasks are processing already.

namespace carillon {
namespace {

queue_settings changed(queue_settings from, const queue_change& by) {
  from.is_paused = by.is_paused.value_or(from.is_paused);
  from.concurrency = by.concurrency.value_or(from.concurrency);
  if (by.rate)
    std::tie(from.rate, from.period) = *by.rate;
  return from;
}

}  // namespace

void queue_state::on_change(change_queue& ask) {
  changes_.push_back(std::move(ask));
  if (changes_.size() == 1)
    save_next_change();
}

void queue_state::save_next_change() {
  const auto& [queue_name, change, reply] = changes_.front();
  const auto settings = changed(home_->queue_rules->find(queue_name).settings, change);
  storage::change_set changes;
  storage::encode_queue_change(queue_name, settings, changes);
  leave_mark(reply, {}, changes);
  home_->writer->submit(std::move(changes), [me = caf::actor_cast<queue_actor>(self_),
                                             settings](storage::commit_status status) {
    caf::anon_send(me, queue_saved{settings, status});
  });
}

void queue_state::on_changed(const queue_saved& outcome) {
  auto done = std::move(changes_.front());
  changes_.pop_front();
  if (outcome.status != storage::commit_status::durable) {
    done.reply(problem{problem_kind::unavailable, "the disk is full: nothing was saved"});
  } else {
    const auto queue_name = done.queue;
    const bool was_tracked = home_->queue_rules->tracks(queue_name);
    if (!was_tracked && outcome.settings.is_limited())
      home_->queue_rules->set_settling(queue_name, true);
    home_->queue_rules->set(queue_name, outcome.settings);
    if (!outcome.settings.is_limited() && was_tracked)
      home_->gates->leave(queue_name, limit_of_queue(queue_name, {}).key, {});
    if (home_->changes.is_on())
      home_->changes.publish(queue_change_of(queue_name, outcome.settings, home_->time->now()));
    const auto now = home_->queue_rules->find(queue_name);
    if (now.is_settling)
      settling_.push_back(std::move(done));
    else
      done.reply(outcome.settings);
    if (!was_tracked && now.is_tracked)
      settle(queue_name);
    serve_if_known(queue_name);
  }
  if (!changes_.empty())
    save_next_change();
}

/// From now on tasks tell the gates when they begin and end. Those that began before are in the
/// store; each is asked, so that what it answers and what it tells later come in order.
void queue_state::settle(const std::string& queue_name) {
  home_->lookups->post([me = caf::actor_cast<queue_actor>(self_), home = home_,
                        queue_name](const storage::task_store& store) {
    const auto all_asked =
        make_hold([me, queue_name] { caf::anon_send(me, queue_settled{queue_name}); });
    for (const auto& id : store.ids_with_status(task_status::processing)) {
      const auto found = store.load(id);
      if (!found || !*found || queue_of(*(*found)->spec) != queue_name)
        continue;
      const auto confirm = [home, id, key = limit_of_queue(queue_name, {}).key,
                            all_asked](const expected<task_ptr>& now) {
        if (now && std::holds_alternative<processing>((*now)->state))
          home->gates->confirm(key, id);
      };
      ask_tasks one;
      one.asks.push_back({id, event::tick{}, answer<task_ptr>{confirm}});
      caf::anon_send(home->shard_for(id), std::move(one));
    }
  });
}

void queue_state::on_settled(const queue_settled& news) {
  home_->queue_rules->set_settling(news.queue, false);
  std::erase_if(settling_, [&](const change_queue& waiting) {
    if (waiting.queue != news.queue)
      return false;
    waiting.reply(home_->queue_rules->find(news.queue).settings);
    return true;
  });
  serve_if_known(news.queue);
}

void queue_state::serve_if_known(const std::string& queue_name) {
  const auto known = queues_.find(queue_name);
  if (known != queues_.end())
    serve(queue_name, known->second);
}

// -- what is to be seen -------------------------------------------------------------

void queue_state::on_look(const look_at_queue& ask) const {
  const auto known = queues_.find(ask.queue);
  if (known == queues_.end())
    return ask.reply(queue_demand{});
  ask.reply(queue_demand{known->second.waiting.size(), known->second.last_asked});
}

}  // namespace carillon
