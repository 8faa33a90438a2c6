#include "actors/run_feed.hpp"

#include <algorithm>

namespace carillon {
namespace {

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
  ring_.add({{0, what, subject, attempt}}, [](const run_change&) { return 0; });
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
  auto found = ring_.after(number, limit);
  for (std::size_t at = 0; at < found.items.size(); ++at)
    found.items[at].number = found.first + at;
  return {std::move(found.items), found.has_gap};
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
