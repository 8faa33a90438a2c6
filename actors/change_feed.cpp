#include "actors/change_feed.hpp"

#include <array>
#include <utility>

namespace carillon {
namespace {

/// The longest message of a report that is told; the task has the whole.
constexpr std::size_t message_bytes_max = 1'024;

std::string_view word_of_status(task_status status) {
  switch (status) {
    case task_status::scheduled:
      return "scheduled";
    case task_status::processing:
      return "started";
    default:
      return to_string(status);
  }
}

std::string_view what_became_of(const task* before, const task& after, bool removed) {
  if (removed)
    return "removed";
  if (before == nullptr)
    return "created";
  const bool is_next_attempt =
      !after.attempts.empty()
      && (before->attempts.empty()
          || before->attempts.back().number != after.attempts.back().number);
  const auto status = status_of(after);
  if (status_of(*before) != status || (is_next_attempt && status == task_status::processing))
    return word_of_status(status);
  return "changed";
}

std::string_view what_became_of(const schedule* before, const schedule& after) {
  if (before == nullptr)
    return "created";
  if (before->status != after.status) {
    constexpr std::array<std::string_view, schedule_status_count> words{
        "resumed", "paused", "ended", "canceled", "deleted"};
    return words.at(static_cast<std::size_t>(after.status));
  }
  if (before->spec != after.spec)
    return "changed";
  return before->cursor != after.cursor ? "decided" : "changed";
}

std::size_t bytes_of(const change_ptr& kept) {
  const auto& one = *kept;
  auto bytes = sizeof(change) + one.name.size() + one.task_type.size();
  for (const auto& tag : one.tags)
    bytes += sizeof(tag) + tag.size();
  if (one.report)
    bytes += one.report->type.size() + one.report->component.size() + one.report->message.size();
  return bytes;
}

change of_task(const task& subject, std::string_view what, instant now) {
  const auto& spec = *subject.spec;
  change one{.kind = change_kind::task, .what = what, .at = now, .id = subject.id};
  one.status = to_string(status_of(subject));
  if (const auto* end = std::get_if<ended>(&subject.state))
    one.reason = to_string(end->reason);
  one.task_type = spec.task_type;
  one.tags = spec.tags;
  one.schedule = spec.schedule;
  if (spec.batch)
    one.batch = spec.batch->batch;
  if (!subject.attempts.empty())
    one.attempt = subject.attempts.back().number;
  one.moment = spec.scheduled_for;
  return one;
}

}  // namespace

std::string_view to_string(change_kind kind) {
  constexpr std::array<std::string_view, change_kind_count> words{"task", "schedule", "batch",
                                                                  "bulk", "queue",    "host"};
  return words.at(static_cast<std::size_t>(kind));
}

change change_of(const task* before, const task& after, bool removed, instant now) {
  return of_task(after, what_became_of(before, after, removed), now);
}

change report_of(const task& subject, const task_news& news, instant now) {
  auto one = of_task(subject, "report", now);
  one.report = {news.type, news.component, news.message.substr(0, message_bytes_max),
                news.progress};
  return one;
}

change change_of(const schedule* before, const schedule& after, instant now) {
  change one{.kind = change_kind::schedule,
             .what = what_became_of(before, after),
             .at = now,
             .id = after.id};
  one.name = after.spec->name;
  one.status = to_string(after.status);
  one.task_type = after.spec->work.task_type;
  one.tags = after.spec->work.tags;
  one.moment = after.next_at;
  return one;
}

change change_of(const batch& after, std::string_view what, instant now) {
  change one{.kind = change_kind::batch, .what = what, .at = now, .id = after.id};
  one.name = after.spec->name;
  one.status = to_string(status_of(after));
  return one;
}

change change_of(const bulk_job& after, std::string_view what, instant now) {
  change one{.kind = change_kind::bulk, .what = what, .at = now, .id = after.id};
  one.name = to_string(after.action);
  one.status = to_string(after.status);
  return one;
}

change queue_change_of(std::string queue, const queue_settings& after, instant now) {
  change one{.kind = change_kind::queue, .what = "changed", .at = now, .name = std::move(queue)};
  one.status = after.is_paused ? "paused" : "active";
  return one;
}

change host_change_of(std::string host, host_breaker::state after, std::optional<instant> until,
                      instant now) {
  constexpr std::array<std::string_view, 4> words{"closed", "open", "half_open", "resting"};
  const auto word = words.at(static_cast<std::size_t>(after));
  change one{.kind = change_kind::host, .what = word, .at = now, .name = std::move(host)};
  one.status = word;
  one.moment = until;
  return one;
}

void change_feed::publish(std::vector<change> changes) {
  if (changes.empty() || rests())
    return;
  std::vector<change_ptr> kept;
  kept.reserve(changes.size());
  for (auto& one : changes)
    kept.push_back(std::make_shared<const change>(std::move(one)));
  ring_->add(std::move(kept), bytes_of);
}

void change_feed::publish(change one) {
  std::vector<change> alone;
  alone.push_back(std::move(one));
  publish(std::move(alone));
}

/// Nobody has looked for a while: from now on nothing is gathered.
bool change_feed::rests() {
  const std::lock_guard lock{mutex_};
  if (watchers_ > 0 || !is_on_)
    return !is_on_;
  if (std::chrono::steady_clock::now() - left_at_ < linger)
    return false;
  is_on_ = false;
  ring_->forget();
  return true;
}

change_feed::ring::watch_handle change_feed::watch(std::function<void()> wake) {
  {
    const std::lock_guard lock{mutex_};
    ++watchers_;
    is_on_ = true;
  }
  return {nullptr, [this, inner = ring_->watch(std::move(wake))](void*) mutable {
            inner.reset();
            leave();
          }};
}

void change_feed::leave() {
  const std::lock_guard lock{mutex_};
  --watchers_;
  left_at_ = std::chrono::steady_clock::now();
}

}  // namespace carillon
