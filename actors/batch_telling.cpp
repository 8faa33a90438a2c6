#include <utility>

#include "actors/batches.hpp"
#include "actors/event_hub.hpp"

// What the end of a batch leads to: a call of each URL in on_complete, by a task of its own that is
// made in the commit that ends the batch, and an event. That is published under a name of its own
// and again after a crash, and so told once.

namespace carillon {
namespace {

/// As other tasks with a target have by default: the call is tried for 20 days.
constexpr retry_policy notice_retry{24, backoff_kind::steep, std::chrono::seconds{1},
                                    retry_wait_max};
constexpr duration again_delay = std::chrono::seconds{1};

}  // namespace

std::vector<task_ptr> batches_state::make_notices(batch& ended, const batch_counts& counts) const {
  std::vector<task_ptr> made;
  const auto now = home_->time->now();
  for (const auto& call : ended.spec->on_complete) {
    task_spec spec;
    spec.target = call;
    spec.payload = completion_payload(ended, counts);
    spec.created_at = now;
    spec.scheduled_for = now;
    spec.tags = {std::string{batch_completed_topic}};
    spec.retry = notice_retry;
    spec.timeout = ended.spec->call_timeout;
    spec.cause = trigger_cause::event;
    auto decided = lifecycle::create(home_->ids->next(now),
                                     std::make_shared<const task_spec>(std::move(spec)), now);
    made.push_back(std::make_shared<const task>(std::move(decided.next)));
    ended.notices.push_back(made.back()->id);
  }
  return made;
}

void batches_state::publish_end(const batch_view& ended) {
  const auto& subject = ended.subject;
  new_event what;
  what.topic = batch_completed_topic;
  what.payload = completion_payload(subject, ended.counts);
  what.id = to_batch_text(subject.id) + "/" + std::to_string(subject.completions);
  publish(*home_, std::move(what),
          answer<published_event>{[to = caf::actor_cast<batches_actor>(self_), id = subject.id,
                                   number = subject.completions](const auto& outcome) {
            // A conflict is an end that was published before, when the counts were others.
            const bool is_published = outcome || outcome.error().kind != problem_kind::unavailable;
            caf::anon_send(to, batch_told{id, number, !is_published});
          }});
}

void batches_state::on_told(const batch_told& news) {
  if (!news.disk_is_full)
    return add(news.id, {batch_event::told{news.number}});
  // Whoever looks at the batch next finds that it is still to be told.
  directory_.at(news.id).tells = false;
  caf::delayed_anon_send(caf::actor_cast<batches_actor>(self_), again_delay,
                         ask_batch{news.id, batch_event::look{}});
}

}  // namespace carillon
