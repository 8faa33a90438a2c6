#include "model/ready_queue.hpp"

#include <iterator>

namespace carillon {

void ready_queue::insert(const ready_entry& entry) {
  if (const auto known = ranks_.find(entry.id); known != ranks_.end()) {
    order_.erase({known->second, entry.id});
    known->second = entry.rank;
  } else {
    ranks_.emplace(entry.id, entry.rank);
  }
  order_.insert(entry);
  if (order_.size() > capacity_) {
    const auto last = std::prev(order_.end());
    ranks_.erase(last->id);
    order_.erase(last);
    more_in_store_ = true;
    left_in_store_ = true;
  }
}

void ready_queue::offer(const ready_entry& entry) {
  // What lies behind rows that are only in the store must wait there for its turn.
  if (more_in_store_ && !order_.empty() && entry > *order_.rbegin()) {
    left_in_store_ = true;
    return;
  }
  insert(entry);
}

std::vector<task_id> ready_queue::take(std::size_t count) {
  std::vector<task_id> taken;
  while (taken.size() < count && !order_.empty()) {
    const auto first = order_.begin();
    taken.push_back(first->id);
    in_flight_.insert(first->id);
    ranks_.erase(first->id);
    order_.erase(first);
  }
  return taken;
}

bool ready_queue::wants_refill() const {
  return more_in_store_ && !refilling_ && order_.size() <= capacity_ / 2;
}

void ready_queue::refill(const std::vector<ready_entry>& entries, bool complete) {
  refilling_ = false;
  // An offer turned away since the store was read may be missing from what was read.
  more_in_store_ = !complete || left_in_store_;
  for (const auto& entry : entries)
    if (!in_flight_.contains(entry.id) && !ranks_.contains(entry.id))
      insert(entry);
}

}  // namespace carillon
