#include "actors/schedule_commit.hpp"

#include <utility>

#include "storage/event_store.hpp"

namespace carillon {
namespace {

/// How long an order waits that could not be saved.
constexpr duration order_again_delay = std::chrono::seconds{1};

}  // namespace

schedule_lifecycle::surroundings surroundings_of(const house& home, const schedule_id& id) {
  const auto now = home.time->now();
  return {now, [&home, id, now] { return home.ids->next_beside(id, now); }, home.dedupe};
}

void encode(const schedule_lifecycle::decision& made, const schedule* before,
            storage::change_set& out) {
  const auto& after = made.next.subject;
  if (before != nullptr)
    storage::encode({after, storage::facts_of(*before), before->spec}, out);
  else
    storage::encode({after, {}, {}}, out);
  for (const auto& task : made.made) {
    storage::encode({std::make_shared<const carillon::task>(task.next), {}, {}}, out);
    for (const auto& one : task.born)
      storage::encode({std::make_shared<const carillon::task>(one), {}, {}}, out);
  }
  for (const auto& claim : made.claims)
    storage::encode_dedupe(claim, out);
  if (const auto& caused = made.caused)
    storage::encode_event_claim(caused->event, after.id, caused->task, caused->skip, out);
}

std::vector<task_ptr> announce(const house& home, schedule_lifecycle::decision& done,
                               const schedule* before, const hold& until_decided) {
  announcements told{home};
  auto made = announce(done, before, told);
  told.send(until_decided);
  return made;
}

std::vector<task_ptr> announce(schedule_lifecycle::decision& done, const schedule* before,
                               announcements& told) {
  const auto& after = done.next.subject;
  if (before == nullptr || before->wake_at != after.wake_at)
    told.arm(after.id, after.wake_at);
  told.show_schedule(before, after);
  std::vector<task_ptr> made;
  made.reserve(done.made.size());
  for (auto& one : done.made) {
    auto subject = std::make_shared<const task>(std::move(one.next));
    told.arm(subject->id, facts_of(*subject).next_moment);
    told.offer(*subject);
    told.show(nullptr, subject);
    made.push_back(std::move(subject));
    for (auto& born : one.born)
      told.born(std::make_shared<const task>(std::move(born)));
  }
  return made;
}

void take_back(const house& home, const schedule_lifecycle::decision& lost) {
  for (const auto& claim : lost.claims)
    home.dedupe->give_back(claim);
}

void send_order(const house& home, const schedule_lifecycle::order& word, const hold& until_decided,
                std::function<void()> heard) {
  task_ask ask{word.id, word.event, {}, until_decided};
  // An answer that is dropped answers too: what is said again must not carry one.
  ask.reply = answer<task_ptr>{[keeper = home.keeper_for(word.id), word,
                                heard = std::move(heard)](const expected<task_ptr>& outcome) {
    if (outcome || outcome.error().kind != problem_kind::unavailable)
      heard();
    else
      caf::delayed_anon_send(keeper, order_again_delay, order_again{word, heard});
  }};
  ask_tasks batch;
  batch.asks.push_back(std::move(ask));
  caf::anon_send(home.shard_for(word.id), std::move(batch));
}

}  // namespace carillon
