#include "actors/event_listeners.hpp"

#include <map>

namespace carillon {
namespace {

/// Not every schedule that stood under the topic makes a task: some are paused or gone by now.
expected<listener_told> told_of(const event_listener& listener,
                                const expected<schedule_outcome>& outcome) {
  if (!outcome && outcome.error().kind == problem_kind::unavailable)
    return outcome.error();
  listener_told told{listener};
  if (!outcome || outcome->made.empty())
    return told;
  const auto& task = *outcome->made.back();
  told.task = task.id;
  if (const auto* end = std::get_if<ended>(&task.state))
    told.skip = end->reason;
  return told;
}

}  // namespace

void tell_listeners(const house& home, const topic_event& subject,
                    const std::vector<event_listener>& listeners, bool is_again,
                    const std::shared_ptr<gather<listener_told>>& slots) {
  std::map<unsigned, ask_schedules> schedules;
  std::map<unsigned, ask_tasks> tasks;
  for (std::size_t at = 0; at < listeners.size(); ++at) {
    const auto& one = listeners[at];
    if (one.kind == listener_kind::schedule) {
      const schedule_event::run event{trigger_cause::event, subject.payload, subject.id,
                                      subject.trace};
      schedules[shard_of(one.id)].asks.push_back(
          {one.id, schedule_change{event},
           answer<schedule_outcome>{[one, slots, at](const expected<schedule_outcome>& outcome) {
             slots->put(at, told_of(one, outcome));
           }}});
      continue;
    }
    const event::published news{subject.topic, subject.payload, subject.id, is_again};
    tasks[shard_of(one.id)].asks.push_back(
        {one.id, news, answer<task_ptr>{[one, slots, at](const expected<task_ptr>& heard) {
           // One that has ended meanwhile waits no more.
           if (!heard && heard.error().kind == problem_kind::unavailable)
             slots->put(at, heard.error());
           else
             slots->put(at, listener_told{one});
         }}});
  }
  for (auto& [shard, asks] : schedules)
    caf::anon_send(home.keepers[shard], std::move(asks));
  for (auto& [shard, asks] : tasks)
    caf::anon_send(home.shards[shard], std::move(asks));
}

}  // namespace carillon
