#include <utility>

#include "actors/house.hpp"

namespace carillon {

std::optional<task_id> dedupe_table::claim(const std::string& key, duration window, instant now,
                                           const task_id& claimer) {
  const std::lock_guard lock{mutex_};
  const auto [known, is_new] = entries_.try_emplace(key, entry{claimer, now + window});
  if (!is_new && now < known->second.until)
    return known->second.task;
  known->second = {claimer, now + window};
  forget_old(now);
  return std::nullopt;
}

void dedupe_table::give_back(const schedule_lifecycle::dedupe_claim& claim) {
  const std::lock_guard lock{mutex_};
  const auto known = entries_.find(claim.key);
  if (known != entries_.end() && known->second.task == claim.task)
    entries_.erase(known);
}

void dedupe_table::restore(const schedule_lifecycle::dedupe_claim& claim) {
  const std::lock_guard lock{mutex_};
  entries_[claim.key] = {claim.task, claim.until};
}

/// Looks at all of them whenever their number has doubled: constant work a claim.
void dedupe_table::forget_old(instant now) {
  if (entries_.size() < forget_at_)
    return;
  std::erase_if(entries_, [&](const auto& one) { return one.second.until <= now; });
  forget_at_ = std::max<std::size_t>(1'024, 2 * entries_.size());
}

}  // namespace carillon
