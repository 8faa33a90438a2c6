#include "model/key_gate.hpp"

#include <algorithm>

namespace carillon {
namespace {

using std::chrono::microseconds;

constexpr duration clock_grain{1};

/// Rounded up: a rate is never passed.
microseconds interval_of(const key_limit& limit) {
  if (limit.rate <= 0)
    return microseconds{0};
  return microseconds{(microseconds{limit.period}.count() + limit.rate - 1) / limit.rate};
}

}  // namespace

// -- holders ------------------------------------------------------------------

key_answer key_gate::try_start(std::string_view queue, const ready_entry& entry, instant now) {
  if (holders_.contains(entry.id))
    return key_answer::held;
  const auto& limit = *entry.limit;
  const auto* first = first_in_line();
  if (first != nullptr && first->queue != queue && first->best < entry)
    return key_answer::wait;
  const auto at = next_start(limit, now);
  if (!has_slot(limit) || std::chrono::floor<duration>(at) > now)
    return key_answer::wait;
  holder started;
  if (limit.rate > 0) {
    started.start_before = last_start_;
    started.start = last_start_ = at;
    rests_until_ = std::chrono::floor<duration>(at + interval_of(limit));
  }
  holders_.emplace(entry.id, started);
  return key_answer::start;
}

void key_gate::confirm(const task_id& id) {
  holders_[id].confirmed = true;
}

/// What did not start does not count for the rate either, unless others have started since.
void key_gate::give_back(const task_id& id) {
  const auto found = holders_.find(id);
  if (found == holders_.end() || found->second.confirmed)
    return;
  const auto& lost = found->second;
  if (lost.start_before && lost.start == last_start_)
    last_start_ = *lost.start_before;
  holders_.erase(found);
}

bool key_gate::has_slot(const key_limit& limit) const {
  return limit.concurrency <= 0 || holders_.size() < static_cast<std::size_t>(limit.concurrency);
}

/// Not before `now`. A last start in the future means that the clock went back.
key_gate::fine_instant key_gate::next_start(const key_limit& limit, instant now) const {
  const auto last = last_start_ < now + clock_grain ? last_start_ : fine_instant{now};
  return limit.rate <= 0 ? fine_instant{now}
                         : std::max(fine_instant{now}, last + interval_of(limit));
}

// -- queues that wait -----------------------------------------------------------

key_gate::waiter* key_gate::find(std::string_view queue) {
  const auto found = std::ranges::find(waiters_, queue, &waiter::queue);
  return found == waiters_.end() ? nullptr : &*found;
}

const key_gate::waiter* key_gate::first_in_line() const {
  const waiter* first = nullptr;
  for (const auto& one : waiters_)
    if (one.is != stance::passed && (first == nullptr || one.best < first->best))
      first = &one;
  return first;
}

void key_gate::wait(std::string_view queue, const ready_entry& best) {
  if (auto* known = find(queue)) {
    known->best = best;
    known->is = stance::waiting;
  } else {
    waiters_.push_back({std::string{queue}, best});
  }
}

void key_gate::pass(std::string_view queue) {
  if (auto* known = find(queue))
    known->is = stance::passed;
}

void key_gate::leave(std::string_view queue) {
  std::erase_if(waiters_, [&](const auto& one) { return one.queue == queue; });
}

key_gate::advice key_gate::look(instant now) {
  const auto* first = first_in_line();
  if (first == nullptr || first->is == stance::told || !has_slot(*first->best.limit))
    return {};
  const auto at = std::chrono::floor<duration>(next_start(*first->best.limit, now));
  if (at <= now) {
    find(first->queue)->is = stance::told;
    return {first->queue, {}};
  }
  if (alarm_ && *alarm_ <= at)
    return {};
  alarm_ = at;
  return {{}, at};
}

// -- what is to be seen -----------------------------------------------------------

bool key_gate::is_idle(instant now) const {
  return holders_.empty() && waiters_.empty() && rests_until_ <= now;
}

key_gate::view key_gate::look_on(instant now) const {
  view seen{holders(), {}, {}};
  for (const auto& one : waiters_)
    seen.line.push_back({one.queue, one.best});
  std::ranges::sort(seen.line, std::ranges::less{}, &view::place::best);
  if (rests_until_ > now)
    seen.next_start_at = rests_until_;
  return seen;
}

std::vector<task_id> key_gate::holders() const {
  std::vector<task_id> all;
  for (const auto& [id, held] : holders_)
    all.push_back(id);
  return all;
}

}  // namespace carillon
