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
                    const std::vector<event_listener>& listeners,
                    const std::shared_ptr<gather<listener_told>>& slots) {
  std::map<unsigned, ask_schedules> by_shard;
  for (std::size_t at = 0; at < listeners.size(); ++at) {
    const auto& one = listeners[at];
    answer<schedule_outcome> reply{[one, slots, at](const expected<schedule_outcome>& outcome) {
      slots->put(at, told_of(one, outcome));
    }};
    by_shard[shard_of(one.id)].asks.push_back(
        {one.id,
         schedule_change{schedule_event::run{trigger_cause::event, subject.payload, subject.id}},
         std::move(reply)});
  }
  for (auto& [shard, asks] : by_shard)
    caf::anon_send(home.keepers[shard], std::move(asks));
}

}  // namespace carillon
