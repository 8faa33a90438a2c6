#include "model/task_group.hpp"

#include <algorithm>
#include <utility>

#include "model/json.hpp"
#include "model/step_runner.hpp"
#include "model/task_notices.hpp"
#include "model/task_steps.hpp"

namespace carillon::lifecycle {
namespace {

task_spec delivery_to(const std::string& url, const task_spec& owner, instant now) {
  task_spec spec;
  spec.target = owner.target;
  spec.target->url = url;
  spec.payload = owner.payload;
  spec.created_at = now;
  spec.scheduled_for = now;
  spec.priority = owner.priority;
  spec.retry = owner.retry;
  spec.timeout = owner.timeout;
  spec.has_default_timeout = owner.has_default_timeout;
  spec.cause = trigger_cause::parent;
  return spec;
}

std::int64_t count_of(const std::vector<component>& parts, component_status status) {
  return std::ranges::count(parts, status, &component::status);
}

group_counts counts_of(const std::vector<component>& parts) {
  return {static_cast<std::int64_t>(parts.size()), count_of(parts, component_status::completed),
          count_of(parts, component_status::failed)};
}

/// All have ended. Their retries were their own: the task has none of its own left.
void finish_group(decision& made, instant now) {
  const auto counts = counts_of(made.next.components);
  json::writer out;
  out.begin_object().field("total", counts.total).field("completed", counts.completed);
  out.field("failed", counts.failed).end_object();
  made.next.result = out.take();
  if (counts.failed == 0) {
    finish_attempt(made, attempt_outcome::success, "", now);
    end(made, task_status::completed, end_reason::success, now);
    add_group_notice(made, notice::group_all_completed, counts, now);
    return;
  }
  finish_attempt(
      made, attempt_outcome::error,
      std::to_string(counts.completed) + " of " + std::to_string(counts.total) + " completed", now);
  end(made, task_status::failed, end_reason::error, now);
  add_group_notice(
      made, counts.completed == 0 ? notice::group_all_failed : notice::group_partial_completion,
      counts, now);
}

}  // namespace

void deliver_to_group(decision& made, const std::vector<std::string>& urls, instant now) {
  auto before = std::exchange(made.next.components, {});
  for (const auto& url : urls) {
    const auto known = std::ranges::find(before, url, &component::name);
    made.next.components.push_back(
        known != before.end() && known->status == component_status::completed ? *known
                                                                              : component{url});
  }
  auto& parts = made.next.components;
  for (std::uint32_t at = 0; at < parts.size(); ++at) {
    if (parts[at].status == component_status::completed)
      continue;
    parts[at].status = component_status::started;
    parts[at].started_at = now;
    make_child(made, delivery_to(parts[at].name, *made.next.spec, now), {at}, parts[at].name, now);
  }
  if (std::get<processing>(made.next.state).waits.children.empty())
    finish_group(made, now);
}

void group_child_ended(decision& made, const part_id& which, const event::child_ended& news,
                       instant now) {
  auto& parts = made.next.components;
  auto& part = parts[which.step];
  const bool is_done = news.status == task_status::completed;
  part.status = is_done ? component_status::completed : component_status::failed;
  part.finished_at = now;
  part.error = news.error;
  made.news.push_back({now, std::string{to_string(part.status)}, part.name, news.error, {}});
  ++made.next.news_count;
  if (!is_done && count_of(parts, component_status::failed) == 1)
    add_group_notice(made, notice::group_first_failed, counts_of(parts), now);
  if (std::get<processing>(made.next.state).waits.children.empty())
    finish_group(made, now);
}

}  // namespace carillon::lifecycle
