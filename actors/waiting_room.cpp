#include "actors/waiting_room.hpp"

#include <utility>
#include <vector>

namespace carillon {

std::optional<std::uint64_t> waiting_room::enter(const task_id& id, std::function<bool()> is_wanted,
                                                 std::function<void()> over) {
  const std::lock_guard lock{mutex_};
  if (waiting_.size() >= places) {
    std::erase_if(waiting_, [](const auto& one) { return !one.second.is_wanted(); });
    count_ = waiting_.size();
  }
  if (waiting_.size() >= places)
    return std::nullopt;
  const auto number = ++last_number_;
  waiting_.emplace(id, waiter{number, std::move(is_wanted), std::move(over)});
  count_ = waiting_.size();
  return number;
}

void waiting_room::leave(const task_id& id, std::uint64_t number) {
  std::function<void()> over;
  {
    const std::lock_guard lock{mutex_};
    const auto [begin, end] = waiting_.equal_range(id);
    for (auto at = begin; at != end; ++at) {
      if (at->second.number != number)
        continue;
      over = std::move(at->second.over);
      waiting_.erase(at);
      break;
    }
    count_ = waiting_.size();
  }
  if (over)
    over();
}

void waiting_room::ended(const task_id& id) {
  if (count_.load() == 0)
    return;
  std::vector<std::function<void()>> over;
  {
    const std::lock_guard lock{mutex_};
    const auto [begin, end] = waiting_.equal_range(id);
    for (auto at = begin; at != end; ++at)
      over.push_back(std::move(at->second.over));
    waiting_.erase(begin, end);
    count_ = waiting_.size();
  }
  for (const auto& tell : over)
    tell();
}

}  // namespace carillon
