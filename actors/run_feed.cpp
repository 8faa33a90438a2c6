#include "actors/run_feed.hpp"

#include <algorithm>

namespace carillon {
namespace {

/// So many changes can be caught up with.
constexpr std::size_t changes_kept_max = 4'096;

const attempt* newest(const task& subject) {
  return subject.attempts.empty() ? nullptr : &subject.attempts.back();
}

bool is_running(const attempt* tried) {
  return tried != nullptr && !tried->finished_at;
}

run_news news_of_end(const task& subject, const attempt* tried) {
  const bool is_failure = tried != nullptr ? tried->outcome != attempt_outcome::success
                                                 && tried->outcome != attempt_outcome::canceled
                                           : status_of(subject) == task_status::failed;
  return is_failure ? run_news::failed : run_news::completed;
}

bool has_attempt(const task& subject, int number) {
  return std::ranges::find(subject.attempts, number, &attempt::number) != subject.attempts.end();
}

}  // namespace

void run_feed::publish(const task_ptr& before, const task_ptr& after, bool removed) {
  if (!after->spec->command)
    return;
  const auto* now = newest(*after);
  const int number = now == nullptr ? 1 : now->number;
  if (before == nullptr)
    return add(run_news::created, after, number);
  if (removed || before->attempts.size() > after->attempts.size()) {
    for (const auto& tried : before->attempts)
      if (removed || !has_attempt(*after, tried.number))
        add(run_news::deleted, before, tried.number);
    if (before->attempts.empty())
      add(run_news::deleted, before, 1);
    return;
  }
  const auto* was = newest(*before);
  const bool is_new = now != nullptr && (was == nullptr || was->number != now->number);
  if (is_new && number > 1)
    add(run_news::created, after, number);
  if (is_new)
    add(run_news::started, after, number);
  const bool ended_now = (is_new || is_running(was)) && now != nullptr && !is_running(now);
  const bool ended_unrun = now == nullptr && has_ended(*after) && !has_ended(*before);
  if (ended_now || ended_unrun)
    add(news_of_end(*after, now), after, number);
  else if (!is_new)
    add(run_news::updated, after, number);
  if (ended_now)
    printed(run_id(after->id, number));
}

void run_feed::add(run_news what, const task_ptr& subject, int attempt) {
  std::vector<waker> awake;
  {
    const std::lock_guard lock{mutex_};
    recent_.push_back({++last_, what, subject, attempt});
    if (recent_.size() > changes_kept_max)
      recent_.pop_front();
    for (const auto& [handle, wake] : watchers_)
      awake.push_back(wake);
  }
  for (const auto& wake : awake)
    (*wake)();
}

void run_feed::printed(const task_id& run) {
  std::vector<waker> awake;
  {
    const std::lock_guard lock{mutex_};
    const auto found = readers_.find(run);
    if (found == readers_.end())
      return;
    for (const auto& [handle, wake] : found->second)
      awake.push_back(wake);
  }
  for (const auto& wake : awake)
    (*wake)();
}

run_feed::batch run_feed::after(std::uint64_t number, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  batch found;
  found.has_gap = number < base_ || number > last_;
  if (recent_.empty() || number >= last_)
    return found;
  const auto first = recent_.front().number;
  found.has_gap = found.has_gap || number + 1 < first;
  for (auto at = std::max(number + 1, first); at <= last_ && found.changes.size() < limit; ++at)
    found.changes.push_back(recent_[at - first]);
  return found;
}

std::uint64_t run_feed::last_number() const {
  const std::lock_guard lock{mutex_};
  return last_;
}

run_feed::watch_handle run_feed::watch(std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  const auto handle = ++handles_;
  watchers_.emplace(handle, std::make_shared<std::function<void()>>(std::move(wake)));
  return {nullptr, [this, handle](void*) {
            const std::lock_guard again{mutex_};
            watchers_.erase(handle);
          }};
}

run_feed::watch_handle run_feed::watch_output(const task_id& run, std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  const auto handle = ++handles_;
  readers_[run].emplace(handle, std::make_shared<std::function<void()>>(std::move(wake)));
  return {nullptr, [this, run, handle](void*) {
            const std::lock_guard again{mutex_};
            const auto found = readers_.find(run);
            if (found == readers_.end())
              return;
            found->second.erase(handle);
            if (found->second.empty())
              readers_.erase(found);
          }};
}

}  // namespace carillon
