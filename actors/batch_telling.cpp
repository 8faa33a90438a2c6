#include <algorithm>
#include <utility>

#include "actors/batches.hpp"
#include "actors/gather.hpp"
#include "storage/schedule_store.hpp"

// What the end of a batch leads to: a call of each URL in on_complete, by a task of its own that is
// made in the commit that ends the batch, and one run of each schedule that listens. The runs are
// in commits of the schedules; after a crash between, those that have run already are found by
// their event.

namespace carillon {
namespace {

/// As other tasks with a target have by default: the call is made for three days.
constexpr retry_policy notice_retry{24, backoff_kind::steep, std::chrono::seconds{1},
                                    retry_wait_max};
constexpr duration again_delay = std::chrono::seconds{1};
constexpr std::size_t page_size = 100;

/// Whether the schedule has a task with such an event, which it can only have made since `since`.
bool has_heard(const storage::task_store& store, const schedule_id& id, std::string_view mark,
               instant since) {
  storage::task_filter filter;
  filter.schedule = id;
  storage::page_request page{page_size, 0, {}, false};
  while (true) {
    const auto found = store.list(filter, page);
    if (!found)
      return false;
    for (const auto& made : found->items) {
      if (made.spec->created_at < since)
        return false;
      if (made.spec->event.starts_with(mark))
        return true;
    }
    if (!found->has_more)
      return false;
    page.after = found->items.back().id;
  }
}

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

/// `some_may_know`: it has been told before, perhaps not to all.
void batches_state::find_listeners(const batch_view& ended, bool some_may_know) {
  const auto& subject = ended.subject;
  batch_listeners_found found{
      subject.id, subject.completions, completion_payload(subject, ended.counts), {}};
  home_->housekeeping->post(
      [to = caf::actor_cast<batches_actor>(self_), found = std::move(found),
       mark = completion_mark(subject), some_may_know,
       since = subject.finished_at.value_or(instant{})](const storage::task_store& store) {
        auto all = found;
        all.listeners = storage::schedule_store{store.disk()}.listeners(batch_completed_topic);
        if (some_may_know)
          std::erase_if(all.listeners,
                        [&](const auto& id) { return has_heard(store, id, mark, since); });
        caf::anon_send(to, std::move(all));
      });
}

void batches_state::on_listeners_found(const batch_listeners_found& found) {
  if (found.listeners.empty())
    return add(found.id, {batch_event::told{found.number}});
  const auto whole = std::make_shared<gather<schedule_outcome>>(
      found.listeners.size(), [to = caf::actor_cast<batches_actor>(self_), id = found.id,
                               number = found.number](const auto& outcomes) {
        const bool disk_is_full = std::ranges::any_of(outcomes, [](const auto& outcome) {
          return !outcome && outcome.error().kind == problem_kind::unavailable;
        });
        caf::anon_send(to, batch_told{id, number, disk_is_full});
      });
  for (std::size_t at = 0; at < found.listeners.size(); ++at) {
    const auto& id = found.listeners[at];
    ask_schedules batch;
    batch.asks.push_back({id,
                          schedule_change{schedule_event::run{trigger_cause::event, found.payload}},
                          slot_of(whole, at)});
    self_->send(home_->keeper_for(id), std::move(batch));
  }
}

void batches_state::on_told(const batch_told& news) {
  if (!news.disk_is_full)
    return add(news.id, {batch_event::told{news.number}});
  // Whoever looks at the batch next finds that it is still due.
  directory_.at(news.id).tells = false;
  caf::delayed_anon_send(caf::actor_cast<batches_actor>(self_), again_delay,
                         ask_batch{news.id, batch_event::look{}});
}

}  // namespace carillon
